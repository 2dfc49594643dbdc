// SPDX-License-Identifier: Apache-2.0

#include "cli/cell_text.h"

#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"

#include "cli/field_value.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kMostListed = 4;

// One value of a scalar field; `index` is negative for a field that is not repeated.
std::string ScalarText(const Message& message, const FieldDescriptor* field, int index) {
  const auto* reflection = message.GetReflection();
#define TANDEM_READ(Type)                            \
  (index < 0 ? reflection->Get##Type(message, field) \
             : reflection->GetRepeated##Type(message, field, index))
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return TANDEM_READ(String);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(TANDEM_READ(Enum));
    case FieldDescriptor::CPPTYPE_BOOL:
      return TANDEM_READ(Bool) ? "yes" : "no";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(TANDEM_READ(Int32));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(TANDEM_READ(Int64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(TANDEM_READ(UInt32));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(TANDEM_READ(UInt64));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(TANDEM_READ(Double));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(TANDEM_READ(Float));
    default:
      return "";
  }
#undef TANDEM_READ
}

std::string MessageText(const Message& message, std::string_view rest) {
  if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
    google::protobuf::Timestamp seconds = *time;
    seconds.set_nanos(0);
    return google::protobuf::util::TimeUtil::ToString(seconds);
  }
  return CellText(message, rest);
}

// The value of `key` in a map of texts, or all entries as "key=value" when no key is given.
std::string MapText(const Message& message, const FieldDescriptor* field, std::string_view key) {
  // A map has no order of its own.
  std::map<std::string, std::string> entries;
  const auto* reflection = message.GetReflection();
  const auto* type = field->message_type();
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    const Message& entry = reflection->GetRepeatedMessage(message, field, i);
    entries[ScalarText(entry, type->map_key(), -1)] = ScalarText(entry, type->map_value(), -1);
  }
  if (!key.empty()) {
    const auto found = entries.find(std::string(key));
    return found == entries.end() ? "" : found->second;
  }
  std::string joined;
  for (const auto& [name, value] : entries) {
    absl::StrAppend(&joined, joined.empty() ? "" : ",", name, "=", value);
  }
  return joined;
}

}  // namespace

std::string CellText(const Message& message, std::string_view path) {
  const size_t dot = path.find('.');
  const std::string_view rest = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  const FieldDescriptor* field = FindField(message.GetDescriptor(), path.substr(0, dot));
  if (field == nullptr) return "";
  if (field->is_map()) return MapText(message, field, rest);
  const auto* reflection = message.GetReflection();
  const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (!field->is_repeated()) {
    if (field->has_presence() && !reflection->HasField(message, field)) return "";
    return is_message ? MessageText(reflection->GetMessage(message, field), rest)
                      : ScalarText(message, field, -1);
  }
  std::string joined;
  const int size = reflection->FieldSize(message, field);
  for (int i = 0; i < size && i < kMostListed; ++i) {
    const std::string text =
        is_message ? MessageText(reflection->GetRepeatedMessage(message, field, i), rest)
                   : ScalarText(message, field, i);
    absl::StrAppend(&joined, i == 0 ? "" : ",", text);
  }
  if (size > kMostListed) absl::StrAppend(&joined, ",+", size - kMostListed);
  return joined;
}

std::string EnumText(const google::protobuf::EnumValueDescriptor* value) {
  if (value->number() == 0) return "";
  // The prefix every value carries is the type's name in UPPER_SNAKE.
  std::string prefix;
  for (char c : value->type()->name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty())
      prefix.push_back('_');
    prefix.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
  }
  prefix.push_back('_');
  const std::string& name = value->name();
  return name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name;
}

std::string LastPart(std::string_view name) {
  const size_t slash = name.rfind('/');
  return std::string(slash == std::string_view::npos ? name : name.substr(slash + 1));
}

}  // namespace tandem::cli
