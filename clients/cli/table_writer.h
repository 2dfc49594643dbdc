// SPDX-License-Identifier: Apache-2.0

// Writes rows of cells: CSV into a stream, a worksheet into a file.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tandem::cli {

struct TableCell {
  std::string text;
  // A whole number of at most 15 digits; a worksheet then holds it as one.
  bool is_number = false;
};

// One thread. Finish comes once, after the last row.
class TableWriter {
 public:
  virtual ~TableWriter() = default;
  virtual void Row(const std::vector<TableCell>& cells) = 0;
  virtual absl::Status Finish() = 0;
  // Most UTF-16 units of one cell; what is longer must not be given.
  virtual size_t most_units() const = 0;
};

// As RFC 4180 says, lines ending in LF. `out` must outlive it.
std::unique_ptr<TableWriter> MakeCsvWriter(std::ostream& out, char delimiter);

// A workbook with one worksheet, which appears at `path` when it is whole.
absl::StatusOr<std::unique_ptr<TableWriter>> MakeXlsxWriter(const std::string& path,
                                                            const std::string& sheet);

// A field of CSV, quoted when it must be.
std::string CsvField(std::string_view text, char delimiter);

}  // namespace tandem::cli
