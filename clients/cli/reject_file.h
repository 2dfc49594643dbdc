// SPDX-License-Identifier: Apache-2.0

// Where refused records go, as they were in their file: encoding, mark, line ends and form stay, so
// that the file can be mended and imported in its place.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "cli/record_source.h"
#include "cli/text_input.h"

namespace tandem::cli {

// One thread.
class RejectFile {
 public:
  virtual ~RejectFile() = default;

  virtual void Write(const SourceText& text) = 0;
  // Makes what was written visible to other processes.
  virtual void Flush() = 0;
  // Bytes written and flushed; 0 for a file that can't be continued.
  virtual uint64_t size() const = 0;
  // An error when not all could be written.
  virtual absl::Status Finish() = 0;
};

// For records that are text.
class TextRejectFile : public RejectFile {
 public:
  // Begins `path` with the mark of `input`, if it has one, and `header`. `input`, which must
  // outlive the file, tells the encoding. With `keep_bytes` an existing file is cut to that size
  // and continued instead. FILE_UNWRITABLE when it can't be opened.
  static absl::StatusOr<std::unique_ptr<RejectFile>> Open(const std::string& path,
                                                          const TextInput& input,
                                                          const std::string& header,
                                                          std::optional<uint64_t> keep_bytes);

  void Write(const SourceText& text) override;
  void Flush() override { file_.flush(); }
  uint64_t size() const override { return size_; }
  absl::Status Finish() override;

 private:
  TextRejectFile(std::string path, const TextInput& input)
      : path_(std::move(path)), input_(input) {}
  void WriteBytes(const std::string& bytes);
  std::string Encode(const std::string& text);

  const std::string path_;
  const TextInput& input_;
  std::ofstream file_;
  std::optional<TextEncoder> encoder_;
  uint64_t size_ = 0;
};

}  // namespace tandem::cli
