// SPDX-License-Identifier: Apache-2.0

// The high-water file: which revision this store is known to have made durable, kept outside
// RocksDB. RocksDB opens without complaint when its newest log file is gone or cut; comparing with
// this file tells. The file's revision is never ahead of what was durable. Text, so that an
// operator can read it. Internal to store/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/env.h"
#include "store/log.h"

namespace tandem::store {

inline constexpr std::string_view kHighWaterFile = "HIGH_WATER";
// Where the next version is written before it replaces the file; a crash may leave it behind.
inline constexpr std::string_view kHighWaterNewFile = "HIGH_WATER.new";

struct HighWater {
  int format = 0;
  // The database is being made; nothing was acknowledged yet, so it may be made again.
  bool initialising = false;
  // 32 hex digits, also kept in the database; empty while initialising.
  std::string identity;
  // A durable revision; its epoch is the store's.
  Revision revision = 0;
};

// The file's text, ended by a checksum line.
std::string FormatHighWater(const HighWater& mark);
// Nullopt for anything FormatHighWater does not produce.
std::optional<HighWater> ParseHighWater(std::string_view text);

// Replaces the file of `data_dir` atomically and durably.
rocksdb::Status WriteHighWater(rocksdb::Env* env, const std::string& data_dir,
                               const HighWater& mark);

// What lies in `data_dir`.
struct HighWaterFile {
  bool exists = false;
  // Nullopt when absent or damaged.
  std::optional<HighWater> mark;
};
// STORAGE_FAILED when it can't be read.
absl::StatusOr<HighWaterFile> ReadHighWater(rocksdb::Env* env, const std::string& data_dir);

}  // namespace tandem::store
