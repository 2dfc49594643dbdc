// SPDX-License-Identifier: Apache-2.0

// Records as rows of a CSV file, through a mapping.
#pragma once

#include <istream>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "cli/csv_mapping.h"
#include "cli/csv_reader.h"
#include "cli/record_source.h"

namespace tandem::cli {

class CsvSource : public RecordSource {
 public:
  // Reads the header of `in`, which must outlive the source, and binds `mapping` to it; without a
  // mapping the header names fields of `type`. The header is the record `header_row`, from 1; those
  // before it are passed over. Fields are apart by `delimiter`, else as the mapping says. Errors
  // are about the header or the mapping.
  static absl::StatusOr<std::unique_ptr<CsvSource>> Open(std::istream& in,
                                                         std::optional<CsvMapping> mapping,
                                                         const google::protobuf::Descriptor* type,
                                                         size_t header_row = 1,
                                                         std::optional<char> delimiter = {});

  Step Next(google::protobuf::Message* record, SourceText* text, Refusal* refusal) override;
  void Locate(const SourceText& text, const std::string& field, Refusal* refusal) const override;
  std::string RejectHeader() const override { return header_text_; }
  SourcePosition position() const override { return {reader_.offset(), reader_.next_line()}; }
  absl::Status SkipTo(const SourcePosition& position) override;

 private:
  CsvSource(std::istream& in, char delimiter) : reader_(in, delimiter) {}

  CsvReader reader_;
  CsvRecord header_;
  // The header and the records before it.
  std::string header_text_;
  CsvRecord row_;
  CsvMapping mapping_;
};

}  // namespace tandem::cli
