// SPDX-License-Identifier: Apache-2.0

// What a mapping does to the text of one CSV field before it becomes a value. Pure functions; exact
// decimal arithmetic, no floating point.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::cli {

// The transforms of one field, in the order they are applied. MAPPING.md is the reader's
// description.
struct ValueTransform {
  // Splits the text into several values; empty: one value.
  std::string separator;
  // Replaces whole values.
  std::map<std::string, std::string> values;
  // For a value that `values` does not name: "error", "keep" or "skip".
  std::string otherwise = "error";
  bool lower = false;
  // Reads full-width characters as ASCII; set for numbers, dates and codes.
  bool folds_width = false;
  // strptime-like format of a day, for example "%d.%m.%Y", or "spreadsheet" or "spreadsheet-1904"
  // for what ReadSpreadsheetDate reads; the value becomes YYYY-MM-DD.
  std::string date;
  // Format of a time; the value becomes RFC 3339.
  std::string time;
  // IANA zone the time is meant in.
  std::string zone = "UTC";
  // The decimal number is multiplied by this and rounded half away from zero.
  std::optional<int64_t> scale;
  // Makes an id of any key; see IdFromText.
  bool makes_id = false;
  std::string prefix;
  std::string suffix;
};

// The values of `text`, or what is wrong with it. Empty values are left out.
struct TransformResult {
  std::vector<std::string> values;
  std::string problem;
};
TransformResult Transform(std::string_view text, const ValueTransform& transform);

// `text` without blanks of any width at its ends.
std::string_view TrimBlanks(std::string_view text);

// `decimal` × `factor`, rounded half away from zero; nullopt when it is no decimal number ("12",
// "-3.25", "1,234.5" is none) or does not fit into 64 bits.
std::optional<int64_t> ScaleDecimal(std::string_view decimal, int64_t factor);

}  // namespace tandem::cli
