// SPDX-License-Identifier: Apache-2.0

// What spreadsheets do to codes: they read them as numbers of 15 digits. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace tandem::cli {

// What kind of code a text should be.
enum class CodeKind {
  // Any code: digits and letters.
  kAny,
  // A unified social credit code (GB 32100-2015): 18 characters, the last a check character.
  kCreditCode,
};

// What a spreadsheet did to the code, for example "looks damaged by a spreadsheet: 5.21E+17 is a
// number in scientific notation; …"; empty when nothing of the sort shows. A credit code that
// passes its check never looks damaged.
std::string DescribeCodeDamage(std::string_view code, CodeKind kind);

// Whether `code` is a credit code with both check characters right.
bool IsCreditCode(std::string_view code);

}  // namespace tandem::cli
