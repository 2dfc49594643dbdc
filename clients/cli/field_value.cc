// SPDX-License-Identifier: Apache-2.0

#include "cli/field_value.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "fmt/format.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/time_util.h"

#include "cli/nearest_word.h"

namespace tandem::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The whole number that `text` stands for; also "3.0" and "3e2", as protobuf's JSON form allows.
template <typename Integer>
std::optional<Integer> ParseInteger(const std::string& text) {
  Integer value = 0;
  if (absl::SimpleAtoi(text, &value)) return value;
  double number = 0;
  if (text.find_first_of(".eE") == std::string::npos || !absl::SimpleAtod(text, &number) ||
      number != std::floor(number) || std::abs(number) > 9007199254740992.0 ||
      number < static_cast<double>(std::numeric_limits<Integer>::min()) ||
      number > static_cast<double>(std::numeric_limits<Integer>::max())) {
    return std::nullopt;
  }
  return static_cast<Integer>(number);
}

// Calls Add… or Set… of the reflection, whichever the field wants.
#define TANDEM_STORE(Type, value)                                      \
  (field->is_repeated() ? reflection->Add##Type(message, field, value) \
                        : reflection->Set##Type(message, field, value))

template <typename Integer>
std::string NotAnInteger(const std::string& text) {
  return fmt::format("must be a whole number from {} to {}, not \"{}\"",
                     std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max(),
                     text);
}

std::string SetEnum(Message* message, const FieldDescriptor* field, const std::string& text) {
  const auto* reflection = message->GetReflection();
  const auto* value = field->enum_type()->FindValueByName(text);
  int number = 0;
  if (value == nullptr && absl::SimpleAtoi(text, &number)) {
    value = field->enum_type()->FindValueByNumber(number);
  }
  if (value == nullptr) {
    std::vector<std::string> names;
    for (int i = 0; i < field->enum_type()->value_count(); ++i) {
      names.push_back(field->enum_type()->value(i)->name());
    }
    return fmt::format("\"{}\" is no value of {}{}", text, field->enum_type()->name(),
                       DidYouMean(text, names));
  }
  TANDEM_STORE(Enum, value);
  return "";
}

std::string SetBool(Message* message, const FieldDescriptor* field, const std::string& text,
                    ValueKind kind) {
  const auto* reflection = message->GetReflection();
  const bool is_bool = (kind == ValueKind::kBool || kind == ValueKind::kPlain) &&
                       (text == "true" || text == "false");
  if (!is_bool) return fmt::format("must be true or false, not \"{}\"", text);
  TANDEM_STORE(Bool, text == "true");
  return "";
}

std::string SetTextMessage(Message* message, const FieldDescriptor* field,
                           const std::string& text) {
  const auto* reflection = message->GetReflection();
  Message* value = field->is_repeated() ? reflection->AddMessage(message, field)
                                        : reflection->MutableMessage(message, field);
  if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(value)) {
    if (google::protobuf::util::TimeUtil::FromString(text, time)) return "";
    return fmt::format("must be a time like 2026-03-01T08:00:00Z, not \"{}\"", text);
  }
  auto* mask = dynamic_cast<google::protobuf::FieldMask*>(value);
  if (mask != nullptr && google::protobuf::util::FieldMaskUtil::FromJsonString(text, mask))
    return "";
  return fmt::format("\"{}\" can't be read as {}", text, field->message_type()->name());
}

}  // namespace

std::string SetFieldFromText(Message* message, const FieldDescriptor* field, std::string_view view,
                             ValueKind kind) {
  const auto* reflection = message->GetReflection();
  const std::string text(view);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      if (kind == ValueKind::kNumber || kind == ValueKind::kBool) {
        return fmt::format("must be text in quotes, not {}", text);
      }
      std::string bytes = text;
      if (field->type() == FieldDescriptor::TYPE_BYTES && !absl::Base64Unescape(text, &bytes)) {
        return "must be base64";
      }
      TANDEM_STORE(String, bytes);
      return "";
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return SetBool(message, field, text, kind);
    case FieldDescriptor::CPPTYPE_ENUM:
      return kind == ValueKind::kBool
                 ? fmt::format("must be a name of {}", field->enum_type()->name())
                 : SetEnum(message, field, text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (!IsTextMessage(field->message_type())) return "must be an object";
      if (kind == ValueKind::kNumber || kind == ValueKind::kBool) return "must be text in quotes";
      return SetTextMessage(message, field, text);
    default:
      break;
  }
  if (kind == ValueKind::kBool) return fmt::format("must be a number, not {}", text);
#define TANDEM_INTEGER_CASE(CPPTYPE, Integer, Type) \
  case FieldDescriptor::CPPTYPE:                    \
    if (auto value = ParseInteger<Integer>(text)) { \
      TANDEM_STORE(Type, *value);                   \
      return "";                                    \
    }                                               \
    return NotAnInteger<Integer>(text)
  switch (field->cpp_type()) {
    TANDEM_INTEGER_CASE(CPPTYPE_INT32, int32_t, Int32);
    TANDEM_INTEGER_CASE(CPPTYPE_INT64, int64_t, Int64);
    TANDEM_INTEGER_CASE(CPPTYPE_UINT32, uint32_t, UInt32);
    TANDEM_INTEGER_CASE(CPPTYPE_UINT64, uint64_t, UInt64);
    default:
      break;
  }
#undef TANDEM_INTEGER_CASE
  double number = 0;
  if (!absl::SimpleAtod(text, &number)) return fmt::format("must be a number, not \"{}\"", text);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
    TANDEM_STORE(Float, static_cast<float>(number));
  } else {
    TANDEM_STORE(Double, number);
  }
  return "";
}
#undef TANDEM_STORE

bool IsTextMessage(const Descriptor* type) {
  return type == google::protobuf::Timestamp::descriptor() ||
         type == google::protobuf::FieldMask::descriptor();
}

const FieldDescriptor* FindField(const Descriptor* type, std::string_view name) {
  const std::string text(name);
  if (const FieldDescriptor* field = type->FindFieldByName(text)) return field;
  const FieldDescriptor* field = type->FindFieldByCamelcaseName(text);
  if (field != nullptr && field->json_name() == text) return field;
  // The two camel cases differ where a digit or capital follows an underscore.
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->json_name() == text) return type->field(i);
  }
  return nullptr;
}

std::string UnknownFieldMessage(const Descriptor* type, std::string_view name) {
  std::vector<std::string> names;
  for (int i = 0; i < type->field_count(); ++i) {
    names.push_back(type->field(i)->json_name());
  }
  return fmt::format("{} has no such field{}", type->name(), DidYouMean(name, names));
}

}  // namespace tandem::cli
