// SPDX-License-Identifier: Apache-2.0

#include "model/field_changes.h"

#include <map>
#include <string_view>

#include "google/protobuf/util/message_differencer.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/field_rules.h"

namespace tandem::model {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// The entries of a map with text keys as wire forms by key.
std::map<std::string, std::string> EntriesOf(const Message& message, const FieldDescriptor* field) {
  std::map<std::string, std::string> entries;
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, field, i);
    const FieldDescriptor* key = entry.GetDescriptor()->map_key();
    entries[entry.GetReflection()->GetString(entry, key)] = entry.SerializeAsString();
  }
  return entries;
}

void AddMapChanges(const Message& before, const Message& after, const FieldDescriptor* field,
                   const std::string& path, std::vector<std::string>* paths) {
  std::map<std::string, std::string> old_entries = EntriesOf(before, field);
  std::map<std::string, std::string> new_entries = EntriesOf(after, field);
  std::map<std::string, std::string> all = old_entries;
  all.insert(new_entries.begin(), new_entries.end());
  for (const auto& [key, unused] : all) {
    auto old_entry = old_entries.find(key);
    auto new_entry = new_entries.find(key);
    const bool same = old_entry != old_entries.end() && new_entry != new_entries.end() &&
                      old_entry->second == new_entry->second;
    if (!same) paths->push_back(StrCat(path, ".", key));
  }
}

bool SameField(const Message& before, const Message& after, const FieldDescriptor* field) {
  // The comparison looks at values only: not reported would be the same as zero.
  if (field->has_presence() && before.GetReflection()->HasField(before, field) !=
                                   after.GetReflection()->HasField(after, field)) {
    return false;
  }
  MessageDifferencer differencer;
  return differencer.CompareWithFields(before, after, {field}, {field});
}

void AddChanges(const Message& before, const Message& after, const std::string& prefix,
                std::vector<std::string>* paths) {
  const auto& before_fields = *before.GetReflection();
  const auto& after_fields = *after.GetReflection();
  for (const FieldRule& rule : MessageRules::Of(before.GetDescriptor()).fields()) {
    const FieldDescriptor* field = rule.field;
    const bool tail = prefix.empty() && IsTailField(*field);
    if (tail || SameField(before, after, field)) continue;
    const std::string path = StrCat(prefix, field->name());
    const bool text_map =
        field->is_map() && field->message_type()->map_key()->type() == FieldDescriptor::TYPE_STRING;
    if (text_map) {
      AddMapChanges(before, after, field, path, paths);
    } else if (rule.message != nullptr && !rule.timestamp && !field->is_repeated() &&
               before_fields.HasField(before, field) && after_fields.HasField(after, field)) {
      AddChanges(before_fields.GetMessage(before, field), after_fields.GetMessage(after, field),
                 StrCat(path, "."), paths);
    } else {
      paths->push_back(path);
    }
  }
}

}  // namespace

std::vector<std::string> ChangedPaths(const Message& before, const Message& after) {
  std::vector<std::string> paths;
  AddChanges(before, after, "", &paths);
  if (paths.size() <= kMaxChangedPaths) return paths;
  std::vector<std::string> first_parts;
  for (const std::string& path : paths) {
    std::string first = path.substr(0, path.find('.'));
    if (first_parts.empty() || first_parts.back() != first) first_parts.push_back(std::move(first));
  }
  return first_parts;
}

}  // namespace tandem::model
