// SPDX-License-Identifier: Apache-2.0

#include "cli/readable_value.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fmt/format.h"

#include "cli/cell_text.h"
#include "cli/number_text.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Years and small counts read best as they are.
constexpr int64_t kLeastGrouped = 10000;

std::string NumberWithUnit(const std::string& name, int64_t number) {
  if (absl::EndsWith(name, "_permille")) return PercentText(number);
  if (absl::EndsWith(name, "_fen")) {
    return fmt::format("¥{}.{:02}", GroupedNumber(number / 100), number % 100);
  }
  if (absl::EndsWith(name, "_e7")) return fmt::format("{:.5f}°", static_cast<double>(number) / 1e7);
  if (absl::EndsWith(name, "_milli")) return fmt::format("{:g}", static_cast<double>(number) / 1e3);
  if (absl::EndsWith(name, "_m")) return GroupedNumber(number) + " m";
  if (absl::EndsWith(name, "_seconds")) return GroupedNumber(number) + " s";
  const bool is_count = number >= kLeastGrouped && !absl::EndsWith(name, "revision");
  return is_count ? GroupedNumber(number) : absl::StrCat(number);
}

}  // namespace

std::string ReadableValue(const Message& message, const FieldDescriptor& field, int index,
                          absl::TimeZone zone) {
  const auto* reflection = message.GetReflection();
#define TANDEM_READ(Type)                             \
  (index < 0 ? reflection->Get##Type(message, &field) \
             : reflection->GetRepeated##Type(message, &field, index))
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return TANDEM_READ(String);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(TANDEM_READ(Enum));
    case FieldDescriptor::CPPTYPE_BOOL:
      return TANDEM_READ(Bool) ? "yes 是" : "no 否";
    case FieldDescriptor::CPPTYPE_INT32:
      return NumberWithUnit(field.name(), TANDEM_READ(Int32));
    case FieldDescriptor::CPPTYPE_INT64:
      return NumberWithUnit(field.name(), TANDEM_READ(Int64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return NumberWithUnit(field.name(), TANDEM_READ(UInt32));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(TANDEM_READ(UInt64));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(TANDEM_READ(Double));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(TANDEM_READ(Float));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Message& value = index < 0 ? reflection->GetMessage(message, &field)
                                       : reflection->GetRepeatedMessage(message, &field, index);
      const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&value);
      return time == nullptr ? "" : ReadableTime(*time, zone);
    }
    default:
      return "";
  }
#undef TANDEM_READ
}

std::string ReadableTime(const google::protobuf::Timestamp& time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S %Ez", absl::FromUnixSeconds(time.seconds()), zone);
}

}  // namespace tandem::cli
