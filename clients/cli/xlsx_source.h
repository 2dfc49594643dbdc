// SPDX-License-Identifier: Apache-2.0

// Records as rows of a worksheet, through a mapping. Lines of complaints are its rows, columns its
// columns.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "cli/byte_source.h"
#include "cli/child_process.h"
#include "cli/csv_mapping.h"
#include "cli/record_source.h"
#include "cli/reject_file.h"
#include "cli/xlsx_program.h"

namespace tandem::cli {

class XlsxSource : public RecordSource {
 public:
  // Longest row; a longer one ends the reading.
  static constexpr size_t kMaxRowBytes = 4 * 1024 * 1024;

  // Opens `sheet` of `file`, empty: the first, whose row `header_row` (0: the first with a value)
  // names the columns; binds `mapping` to it, or without one takes the header for fields of `type`.
  static absl::StatusOr<std::unique_ptr<XlsxSource>> Open(const std::string& file,
                                                          const std::string& sheet,
                                                          size_t header_row,
                                                          std::optional<CsvMapping> mapping,
                                                          const google::protobuf::Descriptor* type);

  Step Next(google::protobuf::Message* record, SourceText* text, Refusal* refusal) override;
  void Locate(const SourceText& text, const std::string& field, Refusal* refusal) const override;
  std::string RejectHeader() const override { return header_text_; }
  // A worksheet can only be read from its start, and its reject file is written at the end: an
  // import that goes on reads it again, and sends what is not settled.
  SourcePosition position() const override { return {}; }
  absl::Status SkipTo(const SourcePosition&) override { return absl::OkStatus(); }

  // After the end: an error when the worksheet broke off.
  absl::Status Finish() override;

 private:
  explicit XlsxSource(std::unique_ptr<ChildProcess> program)
      : program_(std::move(program)), lines_(program_->output()) {}
  // The next line of the program into line_; false at the end or when it broke off (`broken_`).
  bool ReadRow();
  absl::Status ReadHeader(size_t header_row);

  std::unique_ptr<ChildProcess> program_;
  ByteSource lines_;
  std::string line_;
  XlsxRow row_;
  int64_t rows_ = 0;
  absl::Status broken_;
  bool ended_ = false;
  // The rows up to the header, as the program wrote them.
  std::string header_text_;
  std::vector<std::string> header_;
  CsvMapping mapping_;
};

// Refused rows as a worksheet of their own: written when the import ends.
class XlsxRejectFile : public RejectFile {
 public:
  // Begins `path` with the lines of `header`.
  static absl::StatusOr<std::unique_ptr<RejectFile>> Open(const std::string& path,
                                                          const std::string& header);

  void Write(const SourceText& text) override;
  void Flush() override {}
  uint64_t size() const override { return 0; }
  absl::Status Finish() override;

 private:
  XlsxRejectFile(std::string path, std::unique_ptr<ChildProcess> program)
      : path_(std::move(path)), program_(std::move(program)) {}

  const std::string path_;
  std::unique_ptr<ChildProcess> program_;
  int64_t rows_ = 0;
};

}  // namespace tandem::cli
