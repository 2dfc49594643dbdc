// SPDX-License-Identifier: Apache-2.0

#include "query/filter_literal.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "model/absl_strings.h"
#include "model/calendar_date.h"

namespace tandem::query {
namespace {

using catalog::FieldKind;

// Digits, perhaps after a minus: SimpleAtoi alone would take a plus and blanks too.
bool IsPlainInteger(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  if (text.empty()) return false;
  for (char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

absl::Status Expected(std::string_view what) { return absl::InvalidArgumentError(ToAbsl(what)); }

absl::StatusOr<int64_t> ReadInteger(const FilterText& text) {
  int64_t value = 0;
  if (text.quoted || !IsPlainInteger(text.value)) return Expected("an integer without quotes");
  if (!absl::SimpleAtoi(text.value, &value)) return Expected("an integer of 64 bits");
  return value;
}

// ParseTime accepts "infinite-past" and blanks; a filter does not.
absl::StatusOr<int64_t> ReadTime(std::string_view text) {
  constexpr std::string_view kWhat = "a time such as \"2026-11-23T08:00:00Z\"";
  absl::Time time;
  const bool shaped =
      text.size() >= 20 && text[10] == 'T' && model::IsCalendarDate(text.substr(0, 10));
  if (!shaped || !absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, nullptr)) {
    return Expected(kWhat);
  }
  // Beyond the years 1678 to 2261 nanoseconds leave 64 bits; such times sort before or after all
  // others.
  return absl::ToInt64Nanoseconds(time - absl::UnixEpoch());
}

}  // namespace

absl::StatusOr<int64_t> ReadNumber(const FilterText& text, const catalog::IndexedField& field) {
  switch (field.kind) {
    case FieldKind::kBool:
      if (!text.quoted && text.value == "true") return 1;
      if (!text.quoted && text.value == "false") return 0;
      return Expected("true or false");
    case FieldKind::kEnum: {
      const auto* value = field.enum_type->FindValueByName(text.value);
      const bool pattern = text.any_prefix || text.any_suffix;
      if (value == nullptr || pattern) {
        return Expected(StrCat("a value of ", field.enum_type->name()));
      }
      return value->number();
    }
    case FieldKind::kTimestamp:
      if (text.any_prefix || text.any_suffix) return Expected("a time without a star");
      return ReadTime(text.value);
    default:
      return ReadInteger(text);
  }
}

std::string EnumNames(const catalog::IndexedField& field) {
  std::string names;
  for (int i = 0; i < field.enum_type->value_count(); ++i) {
    StrAppend(&names, i == 0 ? "" : ", ", field.enum_type->value(i)->name());
  }
  return names;
}

}  // namespace tandem::query
