// SPDX-License-Identifier: Apache-2.0

#include "model/field_mask.h"

#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "google/protobuf/util/message_differencer.h"
#include "model/absl_strings.h"
#include "model/excerpt.h"
#include "model/field_rules.h"

namespace tandem::model {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsIdentifier(std::string_view text) {
  if (text.empty() || absl::ascii_isdigit(static_cast<unsigned char>(text[0]))) return false;
  for (char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
  }
  return true;
}

// Splits a path at its dots; a part in back quotes may hold anything, a back quote doubled.
std::optional<std::vector<std::string>> SplitPath(std::string_view path) {
  std::vector<std::string> parts;
  size_t at = 0;
  while (true) {
    std::string part;
    if (at < path.size() && path[at] == '`') {
      ++at;
      while (true) {
        if (at >= path.size()) return std::nullopt;
        if (path[at] == '`') {
          if (at + 1 < path.size() && path[at + 1] == '`') {
            ++at;
          } else {
            break;
          }
        }
        part.push_back(path[at++]);
      }
      ++at;
      if (at < path.size() && path[at] != '.') return std::nullopt;
    } else {
      size_t end = path.find('.', at);
      if (end == std::string_view::npos) end = path.size();
      part = path.substr(at, end - at);
      if (part.empty()) return std::nullopt;
      // Keys such as "en-GB" must be quoted, so that a later grammar can give `-` a meaning.
      if (!parts.empty() && !IsIdentifier(part) &&
          part.find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
      }
      at = end;
    }
    parts.push_back(std::move(part));
    if (at >= path.size()) return parts;
    ++at;
  }
}

bool HasValue(const Message& message, const FieldDescriptor* field) {
  const Reflection& reflection = *message.GetReflection();
  return field->is_repeated() ? reflection.FieldSize(message, field) > 0
                              : reflection.HasField(message, field);
}

bool SameField(const Message& a, const Message& b, const FieldDescriptor* field) {
  google::protobuf::util::MessageDifferencer differencer;
  return differencer.CompareWithFields(a, b, {field}, {field});
}

class MaskApplier {
 public:
  MaskApplier(const Message& patch, std::string_view prefix, Message* record,
              std::vector<FieldViolation>* violations)
      : prefix_(prefix), record_(record), violations_(violations), patch_(patch.New()) {
    patch_->CopyFrom(patch);
  }

  // `named`: the caller asked for the field by name, so that an unset value clears it.
  void TakeField(const FieldRule& rule, bool named) {
    const FieldDescriptor* field = rule.field;
    if (IsServerField(rule)) return;
    if (!named && !HasValue(*patch_, field)) return;
    if (rule.immutable) {
      if (!SameField(*patch_, *record_, field)) {
        violations_->push_back({StrCat(prefix_, field->name()), "can't change"});
      }
      return;
    }
    // Each field is taken once, so it can move.
    const Reflection& reflection = *record_->GetReflection();
    reflection.ClearField(record_, field);
    reflection.SwapFields(patch_.get(), record_, {field});
  }

  void TakePath(const std::string& path) {
    std::optional<std::vector<std::string>> parts = SplitPath(path);
    if (!parts) {
      Refuse(path,
             "is no path of field names; a map key that is no identifier goes in back quotes");
      return;
    }
    Message* from = patch_.get();
    Message* to = record_;
    for (size_t i = 0; i < parts->size(); ++i) {
      const Descriptor* type = to->GetDescriptor();
      const FieldDescriptor* field = type->FindFieldByName((*parts)[i]);
      if (field == nullptr) {
        Refuse(path, StrCat("\"", (*parts)[i], "\" is no field of ", type->name()));
        return;
      }
      const FieldRule& rule = MessageRules::Of(type).rule(field);
      bool last = i + 1 == parts->size();
      if (i == 0 && (IsServerField(rule) || (rule.immutable && last))) {
        TakeField(rule, /*named=*/true);
        return;
      }
      if (last) {
        Replace(from, to, field);
        return;
      }
      if (field->is_map()) {
        if (i + 2 != parts->size()) {
          Refuse(path, "goes on behind a map key");
          return;
        }
        ReplaceEntry(from, to, field, (*parts)[i + 1]);
        return;
      }
      if (field->is_repeated()) {
        Refuse(path, "names a part of a repeated field, which can only be written whole");
        return;
      }
      if (field->message_type() == nullptr) {
        Refuse(path, StrCat("goes on behind \"", field->name(), "\", which has no fields"));
        return;
      }
      // Nothing to copy and nothing to clear: do not make an empty message on the way.
      if (!HasValue(*from, field) && !HasValue(*to, field)) {
        if (!PathExists(field->message_type(), *parts, i + 1, path)) return;
        return;
      }
      from = from->GetReflection()->MutableMessage(from, field);
      to = to->GetReflection()->MutableMessage(to, field);
    }
  }

 private:
  // Checks the rest of a path whose messages are absent on both sides.
  bool PathExists(const Descriptor* type, const std::vector<std::string>& parts, size_t from,
                  const std::string& path) {
    for (size_t i = from; i < parts.size(); ++i) {
      const FieldDescriptor* field = type == nullptr ? nullptr : type->FindFieldByName(parts[i]);
      if (field == nullptr) {
        Refuse(path, StrCat("\"", parts[i], "\" is no field"));
        return false;
      }
      if (field->is_repeated() && i + 1 < parts.size()) {
        Refuse(path, "names a part of a repeated field, which can only be written whole");
        return false;
      }
      type = field->message_type();
    }
    return true;
  }

  // Moves the field's value over; an unset one clears. `from` is this object's own copy.
  static void Replace(Message* from, Message* to, const FieldDescriptor* field) {
    to->GetReflection()->ClearField(to, field);
    if (!HasValue(*from, field)) return;
    // Copied, not moved: a second path may name it or a part of it again.
    std::unique_ptr<Message> copy(from->New());
    copy->CopyFrom(*from);
    to->GetReflection()->SwapFields(copy.get(), to, {field});
  }

  static int FindEntry(const Message& message, const FieldDescriptor* field,
                       const std::string& key) {
    const Reflection& reflection = *message.GetReflection();
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, field, i);
      if (entry.GetReflection()->GetString(entry, field->message_type()->map_key()) == key) {
        return i;
      }
    }
    return -1;
  }

  static void ReplaceEntry(Message* from, Message* to, const FieldDescriptor* field,
                           const std::string& key) {
    const Reflection& reflection = *to->GetReflection();
    const FieldDescriptor* value_field = field->message_type()->map_value();
    int source = FindEntry(*from, field, key);
    int target = FindEntry(*to, field, key);
    if (source < 0) {
      if (target < 0) return;
      int last = reflection.FieldSize(*to, field) - 1;
      if (target != last) reflection.SwapElements(to, field, target, last);
      reflection.RemoveLast(to, field);
      return;
    }
    const Message& entry = reflection.GetRepeatedMessage(*from, field, source);
    Message* out = target >= 0 ? reflection.MutableRepeatedMessage(to, field, target)
                               : reflection.AddMessage(to, field);
    out->GetReflection()->SetString(out, field->message_type()->map_key(), key);
    out->GetReflection()->SetString(out, value_field,
                                    entry.GetReflection()->GetString(entry, value_field));
  }

  void Refuse(const std::string& path, std::string_view why) {
    violations_->push_back({"update_mask", StrCat("\"", Excerpt(path, 80), "\" ", why)});
  }

  const std::string_view prefix_;
  Message* const record_;
  std::vector<FieldViolation>* const violations_;
  const std::unique_ptr<Message> patch_;
};

}  // namespace

void ApplyUpdateMask(const Message& patch, const FieldMask* mask, std::string_view prefix,
                     Message* record, std::vector<FieldViolation>* violations) {
  MaskApplier applier(patch, prefix, record, violations);
  bool whole = mask != nullptr && mask->paths_size() == 1 && mask->paths(0) == "*";
  if (whole || mask == nullptr || mask->paths_size() == 0) {
    for (const FieldRule& rule : MessageRules::Of(record->GetDescriptor()).fields()) {
      applier.TakeField(rule, whole);
    }
    return;
  }
  for (const std::string& path : mask->paths()) {
    if (path == "*") {
      violations->push_back({"update_mask", "\"*\" stands alone or not at all"});
      continue;
    }
    applier.TakePath(path);
  }
}

}  // namespace tandem::model
