// SPDX-License-Identifier: Apache-2.0

#include "cli/spreadsheet_date.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"
#include "fmt/format.h"
#include "re2/re2.h"

namespace tandem::cli {
namespace {

// The last day a spreadsheet knows, 9999-12-31, in numbers from 1900.
constexpr int64_t kLastDayNumber = 2958465;
// Spreadsheets count a 29 February 1900, which never was.
constexpr int64_t kDayThatNeverWas = 60;

std::optional<std::string> IfItWas(int year, int month, int day) {
  const absl::CivilDay civil(year, month, day);
  // The civil calendar moves days that are none on to the next month.
  if (year < 1 || civil.month() != month || civil.day() != day) return std::nullopt;
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

std::optional<std::string> FromNumber(int64_t number, DayNumbers numbers) {
  if (number > kLastDayNumber) return std::nullopt;
  absl::CivilDay day(1904, 1, 1);
  if (numbers == DayNumbers::k1900) {
    if (number < 1 || number == kDayThatNeverWas) return std::nullopt;
    day = absl::CivilDay(1899, 12, number < kDayThatNeverWas ? 31 : 30);
  }
  day += number;
  return IfItWas(static_cast<int>(day.year()), day.month(), day.day());
}

}  // namespace

std::optional<std::string> ReadSpreadsheetDate(std::string_view text, DayNumbers numbers) {
  static const LazyRE2 kDay = {
      R"((\d{4})\s*(?:[-/.]|年)\s*(\d{1,2})\s*(?:[-/.]|月)\s*(\d{1,2})\s*日?)"
      R"((?:[ T]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?)"};
  static const LazyRE2 kDigits = {R"((\d{4})(\d{2})(\d{2}))"};
  static const LazyRE2 kNumber = {R"((\d{1,7})(?:\.\d+)?)"};
  const re2::StringPiece input(text.data(), text.size());
  int year = 0;
  int month = 0;
  int day = 0;
  int64_t number = 0;
  if (RE2::FullMatch(input, *kDay, &year, &month, &day) ||
      RE2::FullMatch(input, *kDigits, &year, &month, &day)) {
    return IfItWas(year, month, day);
  }
  if (RE2::FullMatch(input, *kNumber, &number)) return FromNumber(number, numbers);
  return std::nullopt;
}

}  // namespace tandem::cli
