// SPDX-License-Identifier: Apache-2.0

// Reads CSV as RFC 4180 says: fields in double quotes may hold the delimiter, line ends and doubled
// quotes. A broken record costs its first line only; reading goes on at the next.
#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <vector>

#include "cli/byte_source.h"

namespace tandem::cli {

// One record, or why there is none.
struct CsvRecord {
  // Line of its first byte, from 1.
  size_t line = 1;
  // Its bytes without the line end; of a broken record its first line.
  std::string raw;
  // LF or CRLF.
  std::string end = "\n";
  std::vector<std::string> fields;
  // Where in `raw` each field begins.
  std::vector<size_t> offsets;
  // What is wrong, and where in `raw`; empty for a sound record.
  std::string problem;
  size_t problem_offset = 0;
};

// One thread; `in` must outlive it.
class CsvReader {
 public:
  // Longest record; a longer one (most often a quote that is never closed) is broken.
  static constexpr size_t kMaxRecordBytes = 1024 * 1024;

  explicit CsvReader(std::istream& in, char delimiter = ',') : bytes_(in), delimiter_(delimiter) {}

  // Reads the next record; false at the end. Empty lines are skipped.
  bool Next(CsvRecord* record);

  uint64_t bytes_read() const { return bytes_.bytes_read(); }

  // The place after the last record: bytes from the start, and the line there.
  uint64_t offset() const { return bytes_.consumed(); }
  size_t next_line() const { return next_line_; }
  // Goes on from such a place. False when the input ends before it.
  bool SkipTo(uint64_t offset, size_t line) {
    next_line_ = line;
    return bytes_.SkipTo(offset);
  }

 private:
  void ReadQuoted(CsvRecord* record, size_t* at);
  void ReadPlain(CsvRecord* record, size_t* at);
  void Recover(CsvRecord* record);

  ByteSource bytes_;
  char delimiter_;
  size_t next_line_ = 1;
};

}  // namespace tandem::cli
