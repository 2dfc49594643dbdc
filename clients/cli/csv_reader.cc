// SPDX-License-Identifier: Apache-2.0

#include "cli/csv_reader.h"

#include <algorithm>

namespace tandem::cli {
namespace {

bool EndsLine(int byte) { return byte < 0 || byte == '\n'; }

}  // namespace

void CsvReader::ReadQuoted(CsvRecord* record, size_t* at) {
  const size_t opening = (*at)++;
  std::string& field = record->fields.back();
  for (;; ++*at) {
    const int byte = bytes_.At(*at);
    if (byte < 0 || *at >= kMaxRecordBytes) {
      record->problem = "the quote that opens here is never closed";
      record->problem_offset = opening;
      return;
    }
    if (byte != '"') {
      field.push_back(static_cast<char>(byte));
    } else if (bytes_.At(*at + 1) == '"') {
      field.push_back('"');
      ++*at;
    } else {
      ++*at;
      break;
    }
  }
  const int after = bytes_.At(*at);
  const bool carriage_return = after == '\r' && EndsLine(bytes_.At(*at + 1));
  if (!EndsLine(after) && after != delimiter_ && !carriage_return) {
    record->problem = "text after a closing quote; a quote inside a field is written twice";
    record->problem_offset = *at;
  }
}

void CsvReader::ReadPlain(CsvRecord* record, size_t* at) {
  std::string& field = record->fields.back();
  for (;; ++*at) {
    const int byte = bytes_.At(*at);
    if (EndsLine(byte) || byte == delimiter_) break;
    if (byte == '\r' && EndsLine(bytes_.At(*at + 1))) break;
    if (byte == '"') {
      record->problem = "a quote inside a field that is not quoted";
      record->problem_offset = *at;
      return;
    }
    if (*at >= kMaxRecordBytes) {
      record->problem = "the record is longer than 1 MiB";
      record->problem_offset = *at;
      return;
    }
    field.push_back(static_cast<char>(byte));
  }
}

bool CsvReader::Next(CsvRecord* record) {
  *record = CsvRecord();
  // Empty lines stand between records and at the end of many files.
  for (;;) {
    const int byte = bytes_.At(0);
    if (byte < 0) return false;
    if (byte == '\n') {
      bytes_.Consume(1);
    } else if (byte == '\r' && EndsLine(bytes_.At(1))) {
      bytes_.Consume(bytes_.At(1) < 0 ? 1 : 2);
    } else {
      break;
    }
    ++next_line_;
  }
  record->line = next_line_;
  size_t at = 0;
  for (;;) {
    record->offsets.push_back(at);
    record->fields.emplace_back();
    if (bytes_.At(at) == '"') {
      ReadQuoted(record, &at);
    } else {
      ReadPlain(record, &at);
    }
    if (!record->problem.empty()) {
      Recover(record);
      return true;
    }
    if (bytes_.At(at) != delimiter_) break;
    ++at;
  }
  record->raw = std::string(bytes_.Window(at));
  if (bytes_.At(at) == '\r') {
    record->end = "\r\n";
    ++at;
  }
  if (bytes_.At(at) == '\n') ++at;
  bytes_.Consume(at);
  next_line_ += 1 + static_cast<size_t>(std::count(record->raw.begin(), record->raw.end(), '\n'));
  return true;
}

void CsvReader::Recover(CsvRecord* record) {
  // Only the first line is given up: what follows an unclosed quote are most often sound records.
  size_t size = 0;
  while (!EndsLine(bytes_.At(size)) && size < kMaxRecordBytes) ++size;
  record->raw = std::string(bytes_.Window(size));
  while (!EndsLine(bytes_.At(size))) {
    bytes_.Consume(size);
    size = 0;
    while (!EndsLine(bytes_.At(size)) && size < kMaxRecordBytes) ++size;
  }
  bytes_.Consume(bytes_.At(size) < 0 ? size : size + 1);
  ++next_line_;
  if (!record->raw.empty() && record->raw.back() == '\r') {
    record->raw.pop_back();
    record->end = "\r\n";
  }
  record->problem_offset = std::min(record->problem_offset, record->raw.size());
  record->fields.clear();
  record->offsets.clear();
}

}  // namespace tandem::cli
