// SPDX-License-Identifier: Apache-2.0

// What an import reads: the file or standard input, its encoding and form, and the records in it.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "CLI/App.hpp"
#include "absl/status/statusor.h"

#include "cli/noun.h"
#include "cli/record_source.h"
#include "cli/reject_file.h"
#include "cli/session.h"
#include "cli/text_input.h"

namespace tandem::cli {

// How a file of records is to be read.
struct InputFlags {
  // "-": standard input.
  std::string file;
  // "ndjson", "csv" or "xlsx"; empty: by the file's name.
  std::string format;
  // Path of the mapping file; empty: none.
  std::string mapping;
  // A name FindEncoding knows; empty: found out.
  std::string encoding;
  // CSV: one ASCII character or "tab"; empty: as the mapping or the file's name says, else a comma.
  std::string delimiter;
  // XLSX: the worksheet's name; empty: the first.
  std::string sheet;
  // Tables: the row that names the columns, from 1; 0: the first.
  size_t header_row = 0;
};

// Adds the flags of `flags`, the same for every command that reads records from a file.
void AddInputFlags(CLI::App* app, InputFlags* flags);

// One thread.
class ImportInput {
 public:
  // Opens the file for records of `noun`. A mapping that finds regions by name reads them from the
  // session's server. Errors: FILE_UNREADABLE, FILE_INVALID, USAGE, and the server's.
  static absl::StatusOr<std::unique_ptr<ImportInput>> Open(Session& session, const Noun& noun,
                                                           const InputFlags& flags);

  RecordSource& source() { return *source_; }
  // What complaints call the file.
  const std::string& name() const { return name_; }
  // 0 when unknown.
  uint64_t total_bytes() const { return total_bytes_; }
  uint64_t bytes_read() const { return text_->bytes_read(); }
  // What the file was found to be in when that is not UTF-8, for people; else empty. Known once the
  // header of a table or a first record that is not ASCII has been read.
  std::string EncodingNote() const;

  // Opens a file for refused records; see TextRejectFile::Open.
  absl::StatusOr<std::unique_ptr<RejectFile>> OpenRejects(const std::string& path,
                                                          std::optional<uint64_t> keep_bytes);
  // After the last record: an error when the file could not be read to its end.
  absl::Status Finish();

  // What decides how the file is read, for a checkpoint: form, encoding, mapping.
  const std::string& setup() const { return setup_; }

 private:
  ImportInput() = default;
  template <typename Source>
  absl::Status Take(absl::StatusOr<std::unique_ptr<Source>> source);
  absl::Status OpenSource(Session& session, const Noun& noun, const InputFlags& flags);

  std::string name_;
  std::string setup_;
  bool is_worksheet_ = false;
  uint64_t total_bytes_ = 0;
  bool encoding_given_ = false;
  std::ifstream file_;
  std::unique_ptr<TextInput> text_;
  std::unique_ptr<RecordSource> source_;
};

}  // namespace tandem::cli
