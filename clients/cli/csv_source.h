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
  // mapping the header names fields of `type`. Errors are about the header or the mapping.
  static absl::StatusOr<std::unique_ptr<CsvSource>> Open(std::istream& in,
                                                         std::optional<CsvMapping> mapping,
                                                         const google::protobuf::Descriptor* type);

  Step Next(google::protobuf::Message* record, SourceText* text, Refusal* refusal) override;
  void Locate(const SourceText& text, const std::string& field, Refusal* refusal) const override;
  std::string RejectHeader() const override { return header_.raw + "\n"; }
  uint64_t bytes_read() const override { return reader_.bytes_read(); }

 private:
  CsvSource(std::istream& in, char delimiter) : reader_(in, delimiter) {}

  CsvReader reader_;
  CsvRecord header_;
  CsvRecord row_;
  CsvMapping mapping_;
};

}  // namespace tandem::cli
