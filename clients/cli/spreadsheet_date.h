// SPDX-License-Identifier: Apache-2.0

// Days as spreadsheets write them. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tandem::cli {

// Where a workbook's day numbers begin: with 1 for 1900-01-01, or with 0 for 1904-01-01.
enum class DayNumbers { k1900, k1904 };

// YYYY-MM-DD for 2026/1/5, 2026-1-5, 2026.1.5, 2026年1月5日, each also with a time of day behind it
// that is dropped, for 20260105, and for a day number such as 46027 (a fraction is a time of day).
// nullopt for anything else, days that never were and years of two digits among it.
std::optional<std::string> ReadSpreadsheetDate(std::string_view text, DayNumbers numbers);

}  // namespace tandem::cli
