// SPDX-License-Identifier: Apache-2.0

// The program that reads and writes worksheets, `tandem-xlsx` beside this one: what it is started
// with and what its rows look like. Its own head describes the protocol.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "cli/child_process.h"

namespace tandem::cli {

// Starts it to `action` ("read" or "write") `file`. TANDEM_XLSX names another one to start.
absl::StatusOr<std::unique_ptr<ChildProcess>> StartXlsxProgram(const std::string& action,
                                                               const std::string& file,
                                                               const std::string& sheet);

// One row of a worksheet.
struct XlsxRow {
  // As the worksheet counts, from 1.
  size_t number = 0;
  // What each cell means as text; empty for an empty one.
  std::vector<std::string> cells;
  // Why a cell has no value: an error, or a formula without its result. Empty for a sound one; may
  // be shorter than `cells`.
  std::vector<std::string> problems;
};

// Reads a line of the program; false when it is no row.
bool ParseXlsxRow(std::string_view line, XlsxRow* row);

// The number in the line {"end": number} that closes the rows; -1 for any other line.
int64_t XlsxEnd(std::string_view line);

// "C" for 2: what people call the column at `index`.
std::string XlsxColumnName(size_t index);

}  // namespace tandem::cli
