// SPDX-License-Identifier: Apache-2.0

// A stream of records to import, one at a time: what a file format has to offer to the import
// command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "google/protobuf/message.h"

namespace tandem::cli {

// Where a record stood in its file, and its bytes as they were.
struct SourceText {
  // Line of its first byte, from 1.
  size_t line = 1;
  // Without the line end.
  std::string raw;
};

// Why a record was refused before it was sent.
struct Refusal {
  size_t line = 1;
  // In characters, from 1.
  size_t column = 1;
  std::string field;
  std::string reason;
  std::string message;
};

// One thread. Holds at most one record and a block of the file.
class RecordSource {
 public:
  enum class Step { kRecord, kRefused, kEnd };

  virtual ~RecordSource() = default;

  // Reads the next record into `record`, or tells why it is refused; `text` is filled for both.
  virtual Step Next(google::protobuf::Message* record, SourceText* text, Refusal* refusal) = 0;

  // Where a complaint about `field` belongs in a record: fills line and column of `refusal`, which
  // keeps the record's start when the field can't be found.
  virtual void Locate(const SourceText& text, const std::string& field, Refusal* refusal) const = 0;

  // What a file of refused records begins with, line end included: the header of a CSV file.
  virtual std::string RejectHeader() const { return ""; }

  // Bytes read so far.
  virtual uint64_t bytes_read() const = 0;
};

}  // namespace tandem::cli
