// SPDX-License-Identifier: Apache-2.0

#include "cli/value_transform.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "fmt/format.h"

#include "cli/id_text.h"
#include "cli/nearest_word.h"
#include "cli/spreadsheet_date.h"
#include "cli/width_fold.h"

namespace tandem::cli {
namespace {

constexpr char kSpreadsheet[] = "spreadsheet";
constexpr char kSpreadsheet1904[] = "spreadsheet-1904";

std::vector<std::string> Split(std::string_view text, const std::string& separator) {
  std::vector<std::string> parts;
  while (!separator.empty()) {
    const size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    parts.emplace_back(TrimBlanks(text.substr(0, at)));
    text.remove_prefix(at + separator.size());
  }
  parts.emplace_back(TrimBlanks(text));
  return parts;
}

// Replaces `*value`; answers what is wrong. An empty value afterwards is left out.
std::string Replace(const ValueTransform& transform, std::string* value) {
  auto found = transform.values.find(*value);
  if (found != transform.values.end()) {
    *value = found->second;
  } else if (transform.otherwise == "skip") {
    value->clear();
  } else if (transform.otherwise == "error") {
    std::vector<std::string> known;
    for (const auto& [from, to] : transform.values) known.push_back(from);
    return fmt::format("\"{}\" is not in the mapping's values{}", *value,
                       DidYouMean(*value, known));
  }
  return "";
}

// Rewrites a date or time; answers what is wrong.
std::string ReadTime(const ValueTransform& transform, std::string* value) {
  const bool is_day = !transform.date.empty();
  if (transform.date == kSpreadsheet || transform.date == kSpreadsheet1904) {
    const DayNumbers numbers =
        transform.date == kSpreadsheet ? DayNumbers::k1900 : DayNumbers::k1904;
    const std::optional<std::string> day = ReadSpreadsheetDate(*value, numbers);
    if (!day) {
      return fmt::format(
          "\"{}\" is no day as spreadsheets write them, like 2026/1/5 or 2026年1月5日", *value);
    }
    *value = *day;
    return "";
  }
  const std::string& format = is_day ? transform.date : transform.time;
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!is_day && !absl::LoadTimeZone(transform.zone, &zone)) {
    return fmt::format("the zone {} is unknown", transform.zone);
  }
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(format, *value, zone, &time, &error)) {
    return fmt::format("\"{}\" is no {} of the form {}", *value, is_day ? "date" : "time", format);
  }
  *value = is_day ? absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone())
                  : absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
  return "";
}

std::string Apply(const ValueTransform& transform, std::string* value) {
  // What the mapping names as it is written is meant as it is written.
  if (transform.folds_width && transform.values.count(*value) == 0) {
    *value = FoldWidth(*value);
    if (value->empty()) return "";
  }
  if (!transform.values.empty()) {
    if (std::string wrong = Replace(transform, value); !wrong.empty()) return wrong;
    if (value->empty()) return "";
  }
  if (transform.lower) absl::AsciiStrToLower(value);
  if (!transform.date.empty() || !transform.time.empty()) {
    if (std::string wrong = ReadTime(transform, value); !wrong.empty()) return wrong;
  }
  if (transform.scale) {
    const std::optional<int64_t> scaled = ScaleDecimal(*value, *transform.scale);
    if (!scaled) {
      return fmt::format("\"{}\" is no decimal number that fits when multiplied by {}", *value,
                         *transform.scale);
    }
    *value = std::to_string(*scaled);
  }
  if (transform.makes_id) *value = IdFromText(*value);
  *value = transform.prefix + *value + transform.suffix;
  return "";
}

}  // namespace

std::string_view TrimBlanks(std::string_view text) {
  constexpr std::string_view kIdeographicSpace = "\u3000";
  constexpr std::string_view kBlanks = " \t\r\n";
  while (!text.empty()) {
    if (kBlanks.find(text.front()) != std::string_view::npos) {
      text.remove_prefix(1);
    } else if (kBlanks.find(text.back()) != std::string_view::npos) {
      text.remove_suffix(1);
    } else if (text.starts_with(kIdeographicSpace)) {
      text.remove_prefix(kIdeographicSpace.size());
    } else if (text.ends_with(kIdeographicSpace)) {
      text.remove_suffix(kIdeographicSpace.size());
    } else {
      break;
    }
  }
  return text;
}

std::optional<int64_t> ScaleDecimal(std::string_view decimal, int64_t factor) {
  bool negative = false;
  if (!decimal.empty() && (decimal[0] == '-' || decimal[0] == '+')) {
    negative = decimal[0] == '-';
    decimal.remove_prefix(1);
  }
  __extension__ using Wide = __int128;
  // With at most 18 digits and a factor of 64 bits the product fits into 128.
  constexpr int kMostDigits = 18;
  Wide number = 0;
  Wide divisor = 1;
  int digits = 0;
  bool point = false;
  bool any = false;
  for (char c : decimal) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return std::nullopt;
    any = true;
    if (digits >= kMostDigits) {
      // Decimals beyond that can't change the rounded result of any sensible factor; digits before
      // the point can.
      if (!point) return std::nullopt;
      continue;
    }
    number = number * 10 + (c - '0');
    if (number > 0) ++digits;
    if (point) divisor *= 10;
  }
  if (!any) return std::nullopt;
  const Wide product = number * factor;
  const Wide half = product < 0 ? -divisor / 2 : divisor / 2;
  Wide result = (product + half) / divisor;
  if (negative) result = -result;
  if (result > std::numeric_limits<int64_t>::max() ||
      result < std::numeric_limits<int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<int64_t>(result);
}

TransformResult Transform(std::string_view text, const ValueTransform& transform) {
  TransformResult result;
  for (std::string& value : Split(text, transform.separator)) {
    if (value.empty()) continue;
    result.problem = Apply(transform, &value);
    if (!result.problem.empty()) break;
    if (!value.empty()) result.values.push_back(std::move(value));
  }
  return result;
}

}  // namespace tandem::cli
