// SPDX-License-Identifier: Apache-2.0

#include "cli/import_checkpoint.h"

#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "cpp/call_error.h"

namespace tandem::cli {
namespace {

constexpr uint64_t kHashedBytes = 1024 * 1024;

absl::Status Unwritable(const std::string& path, const std::string& why) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNWRITABLE",
                                 fmt::format("{}: {}", path, why));
}

}  // namespace

absl::Status SaveCheckpoint(const ImportCheckpoint& checkpoint, const std::string& path) {
  const nlohmann::ordered_json document = {
      {"setup", checkpoint.setup},
      {"file", checkpoint.file},
      {"requestId", checkpoint.request_id},
      {"number", checkpoint.number},
      {"offset", checkpoint.position.offset},
      {"line", checkpoint.position.line},
      {"localRefusals", checkpoint.local_refusals},
      {"serverRefusals", checkpoint.server_refusals},
      {"refusedLine", checkpoint.refused_line},
      {"rejectFile", checkpoint.reject_file},
      {"rejectBytes", checkpoint.reject_bytes},
  };
  const std::string beside = path + ".part";
  {
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file << document.dump(1) << '\n';
    file.close();
    if (!file) return Unwritable(beside, std::strerror(errno));
  }
  std::error_code error;
  std::filesystem::rename(beside, path, error);
  return error ? Unwritable(path, error.message()) : absl::OkStatus();
}

absl::StatusOr<ImportCheckpoint> LoadCheckpoint(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return client::MakeClientError(
        absl::StatusCode::kNotFound, "FILE_UNREADABLE",
        fmt::format("{}: {}; there is no import to go on with", path, std::strerror(errno)));
  }
  const nlohmann::json document =
      nlohmann::json::parse(text.str(), nullptr, /*allow_exceptions=*/false);
  // nlohmann's getters report by exceptions; they end here.
  try {
    ImportCheckpoint checkpoint;
    document.at("setup").get_to(checkpoint.setup);
    document.at("file").get_to(checkpoint.file);
    document.at("requestId").get_to(checkpoint.request_id);
    document.at("number").get_to(checkpoint.number);
    document.at("offset").get_to(checkpoint.position.offset);
    document.at("line").get_to(checkpoint.position.line);
    document.at("localRefusals").get_to(checkpoint.local_refusals);
    document.at("serverRefusals").get_to(checkpoint.server_refusals);
    document.at("refusedLine").get_to(checkpoint.refused_line);
    document.at("rejectFile").get_to(checkpoint.reject_file);
    document.at("rejectBytes").get_to(checkpoint.reject_bytes);
    return checkpoint;
  } catch (const nlohmann::json::exception&) {
    return client::MakeClientError(
        absl::StatusCode::kInvalidArgument, "FILE_INVALID",
        path + " is no checkpoint of an import; go on with --request-id, or begin anew");
  }
}

std::string FileFingerprint(const std::string& path) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) return "";
  std::string bytes(std::min(size, kHashedBytes), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (size > kHashedBytes) {
    const size_t head = bytes.size();
    const uint64_t tail = std::min(size - kHashedBytes, kHashedBytes);
    bytes.resize(head + tail);
    file.seekg(-static_cast<std::streamoff>(tail), std::ios::end);
    file.read(bytes.data() + head, static_cast<std::streamsize>(tail));
  }
  if (!file) return "";
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{}:{:016x}{:016x}", size, hash.high64, hash.low64);
}

}  // namespace tandem::cli
