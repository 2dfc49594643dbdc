// SPDX-License-Identifier: Apache-2.0

#include "model/calendar_date.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace tandem::model {
namespace {

// Reads digits only: SimpleAtoi would take signs and blanks.
int ReadDigits(std::string_view text) {
  int value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

bool IsCalendarDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  int year = ReadDigits(text.substr(0, 4));
  int month = ReadDigits(text.substr(5, 2));
  int day = ReadDigits(text.substr(8, 2));
  if (year < 1000 || month < 1 || day < 1) return false;
  // CivilDay carries 31 April over into May; a day that exists stays what it is.
  absl::CivilDay civil(year, month, day);
  return civil.year() == year && civil.month() == month && civil.day() == day;
}

std::string AddYears(std::string_view text, int years) {
  absl::CivilDay civil(ReadDigits(text.substr(0, 4)) + years, ReadDigits(text.substr(5, 2)),
                       ReadDigits(text.substr(8, 2)));
  return absl::StrFormat("%04d-%02d-%02d", civil.year(), civil.month(), civil.day());
}

std::string UtcDay(absl::Time time) {
  return absl::FormatCivilTime(absl::ToCivilDay(time, absl::UTCTimeZone()));
}

}  // namespace tandem::model
