// SPDX-License-Identifier: Apache-2.0

#include "cli/related_records.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "cli/parent_flag.h"
#include "cli/request_fields.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"
#include "tandem/v1/field_rules.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMostTitles = 40;
// The largest page a server gives: what lies behind it is "more".
constexpr int kMostCounted = 1000;
// The noun of personal data.
constexpr std::string_view kPersonal = "contact";

// Every text of the message that is the name of a record some noun reads.
void CollectNames(const Message& message, std::set<std::string>* names) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        CollectNames(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                          : reflection->GetMessage(message, field),
                     names);
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        const std::string text = field->is_repeated()
                                     ? reflection->GetRepeatedString(message, field, i)
                                     : reflection->GetString(message, field);
        if (NounOfName(text) != nullptr) names->insert(text);
      }
    }
  }
}

}  // namespace

std::map<std::string, std::string> FetchTitles(const client::Client& client,
                                               const Message& record) {
  std::set<std::string> names;
  CollectNames(record, &names);
  names.erase(client::TextField(record, "name"));
  std::map<std::string, std::string> titles;
  size_t asked = 0;
  for (const std::string& name : names) {
    if (++asked > kMostTitles) break;
    const auto* method = NounOfName(name)->Method("Get");
    auto request = NewMessage(method->input_type());
    auto answer = NewMessage(method->output_type());
    SetText(request.get(), "name", name);
    if (!client.Call(*method, *request, answer.get()).ok()) continue;
    std::string title = client::TextField(*answer, "display_name");
    if (!title.empty()) titles[name] = std::move(title);
  }
  return titles;
}

std::string RelatedFilter(const Noun& noun, const Noun& other, const std::string& name) {
  std::vector<std::string> terms;
  const auto* type = other.Record();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->is_repeated() || field->options().GetExtension(v1::reference) != noun.Collection()) {
      continue;
    }
    terms.push_back(absl::StrCat(field->name(), " = \"", name, "\""));
  }
  return absl::StrJoin(terms, " OR ");
}

absl::StatusOr<std::vector<RelatedRecords>> FetchRelated(const client::Client& client,
                                                         const Noun& noun, const std::string& name,
                                                         size_t most_shown) {
  std::vector<RelatedRecords> all;
  for (const Noun& other : AllNouns()) {
    RelatedRecords related;
    related.noun = &other;
    const std::string filter = RelatedFilter(noun, other, name);
    const bool below = other.parent_word == noun.word && other.word != kPersonal;
    if (filter.empty() && !below) continue;
    const auto* method = other.Method("List");
    auto request = NewMessage(method->input_type());
    auto page = NewMessage(method->output_type());
    if (below) {
      SetText(request.get(), "parent", name);
      related.flags = absl::StrCat("--", noun.word, " ", name);
    } else {
      SetText(request.get(), "parent", EveryParent(other));
      SetText(request.get(), "filter", filter);
      related.flags = absl::StrCat("--filter '", filter, "'");
    }
    SetInt32(request.get(), "page_size", kMostCounted);
    const absl::Status status = client.Call(*method, *request, page.get());
    // What the caller may not see, or an older server does not have, is no part of the page.
    if (status.code() == absl::StatusCode::kPermissionDenied ||
        status.code() == absl::StatusCode::kUnimplemented) {
      continue;
    }
    RETURN_IF_ERROR(status);
    const auto* reflection = page->GetReflection();
    const auto* records = RecordField(page->GetDescriptor(), other.Record());
    related.count = reflection->FieldSize(*page, records);
    related.more = !client::TextField(*page, "next_page_token").empty();
    for (int i = 0; i < related.count && related.shown.size() < most_shown; ++i) {
      const Message& record = reflection->GetRepeatedMessage(*page, records, i);
      related.shown.emplace_back(record.New())->CopyFrom(record);
    }
    if (related.count > 0) all.push_back(std::move(related));
  }
  return all;
}

}  // namespace tandem::cli
