// SPDX-License-Identifier: Apache-2.0

// The rules that make every resource and its methods look alike, down to the field numbers.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/api_rules.h"
#include "api/descriptor_walk.h"
#include "api/exemptions.h"
#include "google/protobuf/descriptor.h"
#include "re2/re2.h"

namespace tandem::api {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::MethodDescriptor;

// The fields that a kind of message starts with, by number from 1.
struct NumberedField {
  std::string name;
  FieldDescriptor::Type type;
};
constexpr FieldDescriptor::Type kString = FieldDescriptor::TYPE_STRING;
constexpr FieldDescriptor::Type kMessage = FieldDescriptor::TYPE_MESSAGE;
constexpr FieldDescriptor::Type kBool = FieldDescriptor::TYPE_BOOL;
constexpr FieldDescriptor::Type kInt32 = FieldDescriptor::TYPE_INT32;
constexpr FieldDescriptor::Type kInt64 = FieldDescriptor::TYPE_INT64;

// Says which of `expected` (numbers from 1) the message lacks or has otherwise. An empty name skips
// a number.
void ExpectFields(const Descriptor* message, const std::vector<NumberedField>& expected,
                  Findings& found) {
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto& [name, type] = expected[i];
    if (name.empty()) continue;
    const FieldDescriptor* field = message->FindFieldByNumber(static_cast<int>(i) + 1);
    if (field == nullptr || field->name() != name || field->type() != type) {
      found.push_back(absl::StrCat(message->full_name(), ": field ", i + 1, " must be ",
                                   FieldDescriptor::TypeName(type), " ", name));
    }
  }
}

// Fields that, where they are present at all, have these numbers.
void ExpectNumbersIfPresent(const Descriptor* message, const std::map<std::string, int>& numbers,
                            Findings& found) {
  for (const auto& [name, number] : numbers) {
    const FieldDescriptor* field = message->FindFieldByName(name);
    if (field != nullptr && field->number() != number) {
      found.push_back(absl::StrCat(field->full_name(), ": must have number ", number));
    }
  }
}

bool IsRequestOrResponse(const Descriptor* message) {
  return absl::EndsWith(message->name(), "Request") || absl::EndsWith(message->name(), "Response");
}

Findings ListsArePagedAlike(const Files& files) {
  Findings found;
  ForEachMethod(files, [&](const MethodDescriptor* method) {
    if (!absl::StartsWith(method->name(), "List")) return;
    ExpectFields(method->input_type(),
                 {{"parent", kString}, {"page_size", kInt32}, {"page_token", kString}}, found);
    ExpectNumbersIfPresent(method->input_type(),
                           {{"filter", 4}, {"order_by", 5}, {"show_deleted", 6}}, found);
    ExpectFields(method->output_type(), {{}, {"next_page_token", kString}, {"revision", kInt64}},
                 found);
    const FieldDescriptor* items = method->output_type()->FindFieldByNumber(1);
    if (items == nullptr || !items->is_repeated()) {
      found.push_back(
          absl::StrCat(method->output_type()->full_name(), ": field 1 must be the records"));
    }
  });
  return found;
}

// Get, Create, Update, Delete and Undelete look the same for every resource, down to the numbers.
Findings StandardMethodsAreIdentical(const Files& files) {
  Findings found;
  ForEachMethod(files, [&](const MethodDescriptor* method) {
    const std::string resource = method->output_type()->name();
    const std::string snake = SnakeCase(resource);
    const std::string id = snake + "_id";
    const std::map<std::string, std::vector<NumberedField>> shapes = {
        {"Get", {{"name", kString}}},
        {"Create",
         {{"parent", kString},
          {id, kString},
          {snake, kMessage},
          {"request_id", kString},
          {"validate_only", kBool}}},
        {"Update",
         {{snake, kMessage},
          {"update_mask", kMessage},
          {"allow_missing", kBool},
          {"request_id", kString},
          {"validate_only", kBool}}},
        {"Delete",
         {{"name", kString},
          {"etag", kString},
          {"allow_missing", kBool},
          {"force", kBool},
          {"request_id", kString}}},
        {"Undelete", {{"name", kString}, {"etag", kString}, {"request_id", kString}}},
    };
    for (const auto& [verb, fields] : shapes) {
      if (method->name() == verb + resource) ExpectFields(method->input_type(), fields, found);
      const bool standard_verb = RE2::FullMatch(method->name(), verb + "[A-Z].*");
      if (standard_verb && method->name() != verb + resource) {
        found.push_back(
            absl::StrCat(method->full_name(), ": must answer the resource, not ", resource));
      }
    }
  });
  return found;
}

// The methods whose answer is no record, by their verb: what their requests and answers start with.
Findings CollectionMethodsAreIdentical(const Files& files) {
  struct Shape {
    std::vector<NumberedField> request;
    std::vector<NumberedField> answer;
  };
  constexpr FieldDescriptor::Type kEnum = FieldDescriptor::TYPE_ENUM;
  const std::vector<NumberedField> batch_answer = {{}, {}, {"revision", kInt64}};
  const std::vector<NumberedField> batch = {{"parent", kString},
                                            {"requests", kMessage},
                                            {"request_id", kString},
                                            {"validate_only", kBool}};
  const std::map<std::string, Shape> shapes = {
      {"BatchGet",
       {{{"parent", kString}, {"names", kString}, {"view", kEnum}, {"read_revision", kInt64}},
        batch_answer}},
      {"BatchCreate", {batch, batch_answer}},
      {"BatchUpdate", {batch, batch_answer}},
      {"BatchDelete",
       {{{"parent", kString}, {"requests", kMessage}, {"request_id", kString}}, batch_answer}},
      {"Purge",
       {{{"name", kString}, {"etag", kString}, {"request_id", kString}},
        {{"purged_count", kInt64}, {}, {"revision", kInt64}}}},
      {"Export",
       {{{"parent", kString},
         {},
         {"resume_token", kString},
         {"filter", kString},
         {},
         {"show_deleted", kBool}},
        {{}, {"resume_token", kString}, {"revision", kInt64}}}},
  };
  Findings found;
  ForEachMethod(files, [&](const MethodDescriptor* method) {
    for (const auto& [verb, shape] : shapes) {
      if (!RE2::FullMatch(method->name(), verb + "[A-Z].*")) continue;
      ExpectFields(method->input_type(), shape.request, found);
      ExpectFields(method->output_type(), shape.answer, found);
    }
    if (RE2::FullMatch(method->name(), "Get[A-Z].*")) {
      ExpectNumbersIfPresent(method->input_type(), {{"view", 2}, {"read_revision", 3}}, found);
    }
    if (RE2::FullMatch(method->name(), "List[A-Z].*")) {
      ExpectNumbersIfPresent(method->input_type(), {{"view", 7}}, found);
    }
    // Of a history: {info = 1, record = 2} each, and whether there was more.
    if (!RE2::FullMatch(method->name(), "List[A-Z].*Revisions")) return;
    const FieldDescriptor* items = method->output_type()->FindFieldByNumber(1);
    if (items == nullptr || items->message_type() == nullptr) return;
    ExpectFields(items->message_type(), {{"info", kMessage}}, found);
    ExpectFields(method->output_type(), {{}, {}, {}, {"compacted", kBool}}, found);
  });
  return found;
}

Findings ResourcesStartWithTheStandardFields(const Files& files) {
  static const char* const kRule = "ResourcesStartWithTheStandardFields";
  Findings found;
  std::set<const Descriptor*> answered;
  ForEachMethod(files, [&](const MethodDescriptor* method) {
    if (RE2::FullMatch(method->name(), "(Get|Create|Describe)[A-Z].*")) {
      answered.insert(method->output_type());
    }
  });
  ForEachMessage(files, [&](const Descriptor* message) {
    const FieldDescriptor* first = message->FindFieldByNumber(1);
    const bool named = IsString(first) && first->name() == "name" &&
                       !IsRequestOrResponse(message) && message->file()->package() == "tandem.v1";
    const bool resource = named || answered.contains(message);
    if (!resource || Exempt(kRule, message->full_name())) return;
    ExpectFields(message,
                 {{"name", kString},
                  {"uid", kString},
                  {"display_name", kString},
                  {"create_time", kMessage},
                  {"update_time", kMessage},
                  {"delete_time", kMessage},
                  {"purge_time", kMessage},
                  {"etag", kString},
                  {"labels", kMessage},
                  {"owner", kString}},
                 found);
    const FieldDescriptor* labels = message->FindFieldByName("labels");
    if (labels == nullptr || !labels->is_map()) {
      found.push_back(absl::StrCat(message->full_name(), ": labels must be a map"));
    }
  });
  return found;
}

// A method is taken to write unless its verb is one of those that read.
Findings WritesHaveARequestId(const Files& files) {
  static const RE2 kReads(
      "(Get|List|BatchGet|Search|Export|Explain|WhyNot|Verify|Compare|Suggest|Describe|Watch|"
      "Report|Lookup|Find|Resolve|Count)([A-Z].*)?");
  Findings found;
  ForEachMethod(files, [&](const MethodDescriptor* method) {
    if (RE2::FullMatch(method->name(), kReads)) return;
    const Descriptor* holder = method->input_type();
    // An import's id belongs to the stream, so it is in the options that open it.
    if (method->client_streaming()) {
      const FieldDescriptor* options = holder->FindFieldByName("options");
      if (options != nullptr && options->type() == kMessage) holder = options->message_type();
    }
    if (!IsString(holder->FindFieldByName("request_id"))) {
      found.push_back(
          absl::StrCat(method->full_name(), ": ", holder->name(), " has no request_id"));
    }
  });
  return found;
}

}  // namespace

std::vector<Rule> ResourceRules() {
  return {
      {"ListsArePagedAlike", ListsArePagedAlike},
      {"StandardMethodsAreIdentical", StandardMethodsAreIdentical},
      {"CollectionMethodsAreIdentical", CollectionMethodsAreIdentical},
      {"ResourcesStartWithTheStandardFields", ResourcesStartWithTheStandardFields},
      {"WritesHaveARequestId", WritesHaveARequestId},
  };
}

}  // namespace tandem::api
