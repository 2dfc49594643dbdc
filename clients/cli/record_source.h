// SPDX-License-Identifier: Apache-2.0

// A stream of records to import, one at a time: what a file format has to offer to the import
// command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace tandem::cli {

// Where a record stood in its file, and its bytes as they were.
struct SourceText {
  // Line of its first byte, from 1.
  size_t line = 1;
  // Without the line end.
  std::string raw;
  // Its line end: LF or CRLF; LF when the file ended without.
  std::string end = "\n";
};

// A place between two records of a file, to go on from in another run.
struct SourcePosition {
  // Bytes of the text as UTF-8, or rows of a worksheet.
  uint64_t offset = 0;
  // Line of the next record.
  size_t line = 1;
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

  // After kEnd: an error when the input ended before its records did.
  virtual absl::Status Finish() { return absl::OkStatus(); }

  // The place after the last record.
  virtual SourcePosition position() const = 0;
  // Goes on from a place of an earlier run over the same file; before the first Next.
  virtual absl::Status SkipTo(const SourcePosition& position) = 0;
};

}  // namespace tandem::cli
