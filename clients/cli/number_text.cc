// SPDX-License-Identifier: Apache-2.0

#include "cli/number_text.h"

namespace tandem::cli {

std::string GroupedNumber(int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    const size_t left = digits.size() - i;
    // No comma before the first digit, behind the sign of a negative number either.
    if (i > 0 && left % 3 == 0 && digits[i - 1] != '-') text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

std::string PercentText(int64_t permille) {
  const std::string sign = permille < 0 ? "-" : "";
  const int64_t size = permille < 0 ? -permille : permille;
  std::string text = sign + std::to_string(size / 10);
  if (size % 10 != 0) text += "." + std::to_string(size % 10);
  return text + " %";
}

std::string Counted(int64_t count, const std::string& singular, const std::string& plural) {
  return GroupedNumber(count) + " " + (count == 1 ? singular : plural);
}

}  // namespace tandem::cli
