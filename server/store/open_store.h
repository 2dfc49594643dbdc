// SPDX-License-Identifier: Apache-2.0

// Opens a data directory, or says in one line why it must not be served and what to do. What
// RocksDB would open with acknowledged writes missing is refused here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "store/embedded_log.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace tandem::store {

struct StoreOptions {
  // Made when absent; its parent must exist.
  std::string data_dir;

  // Serve although acknowledged writes are missing. Must name the revision the data ends at, as the
  // refusal said, so that a forgotten option accepts nothing later. Starts a new epoch: revisions
  // that clients saw are never given out again.
  std::optional<Revision> accept_data_loss_revision;

  // The record cache, uncompressed blocks.
  size_t cache_bytes = size_t{256} << 20U;
  // Writes kept in memory before they go to table files; their log is what a start after a crash
  // replays.
  size_t write_buffer_bytes = size_t{96} << 20U;
  // Below this much free space writes get STORAGE_FULL, so that compaction and deletes still work.
  uint64_t min_free_bytes = uint64_t{32} << 20U;
  // How often the high-water file may be rewritten.
  absl::Duration high_water_interval = absl::Seconds(1);
  // Called once when writing ended for good, on any thread; must be short. The process should stop
  // serving writes, tell its health and exit with an error.
  std::function<void(const absl::Status&)> on_storage_failed;

  // For tests: where files live (null: the real file system) and what time it is.
  rocksdb::Env* env = nullptr;
  std::function<int64_t()> now_ns;
};

// DATA_DIR_INVALID (foreign, damaged, incomplete or newer), DATA_DIR_LOCKED (in use), DATA_BEHIND
// (older than what was acknowledged). An absent or empty directory becomes a new store.
absl::StatusOr<std::unique_ptr<EmbeddedLog>> OpenStore(StoreOptions options);

}  // namespace tandem::store
