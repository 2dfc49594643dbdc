// SPDX-License-Identifier: Apache-2.0

// What a durable write costs RocksDB alone: threads that put 600 bytes each under a sync, for a
// time. Prints one JSON object. The database lies in FOLDER and is destroyed at the end.
//
//   raw_put FOLDER THREADS SECONDS

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr size_t kValueBytes = 600;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: raw_put FOLDER THREADS SECONDS\n");
    return 2;
  }
  const int threads = std::clamp(std::atoi(argv[2]), 1, 256);
  const auto seconds = std::chrono::duration<double>(std::clamp(std::atof(argv[3]), 0.1, 60.0));
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (rocksdb::Status status = rocksdb::DB::Open(options, argv[1], &opened); !status.ok()) {
    std::fprintf(stderr, "raw_put: %s\n", status.ToString().c_str());
    return 1;
  }
  std::unique_ptr<rocksdb::DB> db(opened);
  std::atomic<bool> stop = false;
  std::atomic<int64_t> puts = 0;
  std::atomic<bool> failed = false;
  std::vector<std::thread> writers;
  const auto begin = std::chrono::steady_clock::now();
  for (int writer = 0; writer < threads; ++writer) {
    writers.emplace_back([&, writer] {
      const std::string value(kValueBytes, 'x');
      rocksdb::WriteOptions synced;
      synced.sync = true;
      for (int64_t i = 0; !stop.load(std::memory_order_relaxed); ++i) {
        const std::string key = "agency/" + std::to_string(i * threads + writer);
        if (!db->Put(synced, key, value).ok()) failed = true;
        puts.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  std::this_thread::sleep_for(seconds);
  stop = true;
  for (std::thread& writer : writers) writer.join();
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  db.reset();
  (void)rocksdb::DestroyDB(argv[1], options);
  std::printf("{\"puts\":%lld,\"seconds\":%.3f,\"rps\":%.0f}\n",
              static_cast<long long>(puts.load()), wall, static_cast<double>(puts.load()) / wall);
  return failed ? 1 : 0;
}
