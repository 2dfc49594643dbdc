// SPDX-License-Identifier: Apache-2.0

// What OpenStore hands to EmbeddedLog. Internal to store/.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "store/data_dir.h"
#include "store/database.h"
#include "store/high_water.h"
#include "store/metadata.h"
#include "store/write_health.h"

namespace tandem::store {

struct StoreParts {
  std::string data_dir;
  rocksdb::Env* env = nullptr;
  std::unique_ptr<DataDirLock> lock;
  std::unique_ptr<WriteHealth> health;
  std::unique_ptr<Database> database;
  StoreFacts facts;
  Revision head = 0;
  // What the high-water file says now.
  HighWater mark;
  absl::Duration high_water_interval;
  uint64_t min_free_bytes = 0;
  std::function<int64_t()> now_ns;
};

}  // namespace tandem::store
