// SPDX-License-Identifier: Apache-2.0

// Records as lines of JSON (NDJSON), each in protobuf's JSON form.
#pragma once

#include <istream>

#include "cli/byte_source.h"
#include "cli/record_source.h"

namespace tandem::cli {

class NdjsonSource : public RecordSource {
 public:
  // Longest line; a longer one is refused and skipped.
  static constexpr size_t kMaxLineBytes = 1024 * 1024;

  // `in` must outlive it. Blank lines are skipped; a line end may be LF or CRLF.
  explicit NdjsonSource(std::istream& in) : bytes_(in) {}

  Step Next(google::protobuf::Message* record, SourceText* text, Refusal* refusal) override;
  void Locate(const SourceText& text, const std::string& field, Refusal* refusal) const override;
  SourcePosition position() const override { return {bytes_.consumed(), next_line_}; }
  absl::Status SkipTo(const SourcePosition& position) override;

 private:
  // Reads a line into `text`. False at the end of the input; `*whole` is false when it was too
  // long.
  bool ReadLine(SourceText* text, bool* whole);

  ByteSource bytes_;
  size_t next_line_ = 1;
};

}  // namespace tandem::cli
