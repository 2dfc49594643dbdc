// SPDX-License-Identifier: Apache-2.0

#include "cli/field_facts.h"

#include "absl/strings/numbers.h"
#include "fmt/format.h"

#include "cli/number_text.h"
#include "tandem/v1/field_rules.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;

// The type of one value.
std::string ValueTypeText(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) return "bytes";
      return field.options().GetExtension(v1::date) ? "date" : "text";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return field.enum_type()->name();
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type()->full_name() == "google.protobuf.Timestamp") return "time";
      if (field.message_type()->full_name() == "google.protobuf.FieldMask") return "field mask";
      return field.message_type()->name();
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "number";
    default:
      return "integer";
  }
}

std::string Grouped(const std::string& text) {
  int64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? GroupedNumber(number) : text;
}

// "0..1000" in words; either side may be empty.
std::string RangeText(const std::string& range) {
  const size_t dots = range.find("..");
  if (dots == std::string::npos) return range;
  const std::string low = Grouped(range.substr(0, dots));
  const std::string high = Grouped(range.substr(dots + 2));
  if (low.empty()) return "at most " + high;
  if (high.empty()) return "at least " + low;
  return low + " to " + high;
}

}  // namespace

std::string FieldTypeText(const FieldDescriptor& field) {
  if (field.is_map()) {
    return fmt::format("map of {} to {}", ValueTypeText(*field.message_type()->map_key()),
                       ValueTypeText(*field.message_type()->map_value()));
  }
  return (field.is_repeated() ? "list of " : "") + ValueTypeText(field);
}

std::vector<std::string> FieldRules(const FieldDescriptor& field) {
  const auto& options = field.options();
  std::vector<std::string> rules;
  if (options.GetExtension(v1::required)) rules.push_back("required");
  if (options.GetExtension(v1::output_only)) rules.push_back("only the server writes it");
  if (options.GetExtension(v1::immutable)) rules.push_back("never changes");
  if (field.has_presence() && field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    rules.push_back("may be absent");
  }
  if (options.HasExtension(v1::reference)) {
    rules.push_back("names a record of " + options.GetExtension(v1::reference));
  }
  if (options.HasExtension(v1::max_length)) {
    const int length = options.GetExtension(v1::max_length);
    rules.push_back(fmt::format("at most {} characters", GroupedNumber(length)));
  }
  if (options.HasExtension(v1::range)) {
    rules.push_back(RangeText(options.GetExtension(v1::range)));
  }
  if (options.HasExtension(v1::pattern)) {
    rules.push_back("matches " + options.GetExtension(v1::pattern));
  }
  if (options.HasExtension(v1::max_items)) {
    const int items = options.GetExtension(v1::max_items);
    rules.push_back(fmt::format("at most {} of them", GroupedNumber(items)));
  }
  return rules;
}

}  // namespace tandem::cli
