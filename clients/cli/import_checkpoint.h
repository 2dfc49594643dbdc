// SPDX-License-Identifier: Apache-2.0

// How far an import got, in a small file beside what is imported, so that one that was cut off goes
// on without reading the beginning again. The server keeps the truth (request id → last durable
// number); a checkpoint that is lost costs time only.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "cli/record_source.h"

namespace tandem::cli {

struct ImportCheckpoint {
  // What is imported and how: the same when the import goes on, or it is another import.
  std::string setup;
  // The file's size and a hash of its first and last mebibyte.
  std::string file;
  std::string request_id;
  // Every record up to this number is settled, and `position` is the place after it.
  int64_t number = 0;
  SourcePosition position;
  // Records before `position` that were never sent.
  int64_t local_refusals = 0;
  // Refusals of the server that are told and in the reject file.
  int64_t server_refusals = 0;
  // The last line that was refused without being sent and is in the reject file.
  uint64_t refused_line = 0;
  // The reject file and how much of it belongs to this checkpoint.
  std::string reject_file;
  uint64_t reject_bytes = 0;
};

// Writes it to `path`, whole or not at all. FILE_UNWRITABLE.
absl::Status SaveCheckpoint(const ImportCheckpoint& checkpoint, const std::string& path);

// Reads it back. FILE_UNREADABLE when there is none, FILE_INVALID when it is none.
absl::StatusOr<ImportCheckpoint> LoadCheckpoint(const std::string& path);

// "bytes:hash" of the file at `path`; empty when it can't be read. Reads at most 2 MiB.
std::string FileFingerprint(const std::string& path);

}  // namespace tandem::cli
