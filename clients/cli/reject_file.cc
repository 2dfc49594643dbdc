// SPDX-License-Identifier: Apache-2.0

#include "cli/reject_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "fmt/format.h"

#include "cpp/call_error.h"

namespace tandem::cli {
namespace {

absl::Status Unwritable(const std::string& path, const std::string& why) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNWRITABLE",
                                 fmt::format("{}: {}", path, why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RejectFile>> TextRejectFile::Open(
    const std::string& path, const TextInput& input, const std::string& header,
    std::optional<uint64_t> keep_bytes) {
  std::unique_ptr<TextRejectFile> file(new TextRejectFile(path, input));
  if (keep_bytes) {
    std::error_code error;
    std::filesystem::resize_file(path, *keep_bytes, error);
    if (error) return Unwritable(path, error.message());
    file->size_ = *keep_bytes;
    file->file_.open(path, std::ios::binary | std::ios::app);
  } else {
    file->file_.open(path, std::ios::binary | std::ios::trunc);
    if (input.has_mark()) file->WriteBytes(ByteOrderMarkBytes(input.encoding()));
    file->WriteBytes(file->Encode(header));
    file->Flush();
  }
  if (!file->file_) return Unwritable(path, std::strerror(errno));
  return std::unique_ptr<RejectFile>(std::move(file));
}

std::string TextRejectFile::Encode(const std::string& text) {
  // Until the encoding is known everything is ASCII, the same in all that can still be meant.
  if (!input_.decided()) return text;
  if (!encoder_) encoder_.emplace(input_.encoding());
  return encoder_->Encode(text);
}

void TextRejectFile::WriteBytes(const std::string& bytes) {
  file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  size_ += bytes.size();
}

void TextRejectFile::Write(const SourceText& text) { WriteBytes(Encode(text.raw + text.end)); }

absl::Status TextRejectFile::Finish() {
  if (file_.flush()) return absl::OkStatus();
  return client::MakeClientError(absl::StatusCode::kDataLoss, "FILE_UNWRITABLE",
                                 path_ + ": not every refused record could be written");
}

}  // namespace tandem::cli
