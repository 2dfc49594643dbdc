// SPDX-License-Identifier: Apache-2.0

#include "store/high_water_keeper.h"

#include <utility>

#include "store/rocksdb_status.h"

namespace tandem::store {

HighWaterKeeper::HighWaterKeeper(rocksdb::Env* env, std::string data_dir, HighWater mark,
                                 absl::Duration interval, std::function<Revision()> head,
                                 std::function<void(const rocksdb::Status&)> failed)
    : env_(env),
      data_dir_(std::move(data_dir)),
      interval_(interval),
      head_(std::move(head)),
      failed_(std::move(failed)),
      mark_(std::move(mark)),
      thread_([this] { Run(); }) {}

HighWaterKeeper::~HighWaterKeeper() { Join(); }

rocksdb::Status HighWaterKeeper::Stop() {
  Join();
  return WriteIfMoved();
}

void HighWaterKeeper::Join() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void HighWaterKeeper::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), interval_)) return;
    }
    const rocksdb::Status status = WriteIfMoved();
    if (!status.ok() && !IsDiskFull(status)) failed_(status);
  }
}

rocksdb::Status HighWaterKeeper::WriteIfMoved() {
  const Revision head = head_();
  if (head == mark_.revision) return rocksdb::Status::OK();
  HighWater next = mark_;
  next.revision = head;
  rocksdb::Status status = WriteHighWater(env_, data_dir_, next);
  if (status.ok()) mark_ = std::move(next);
  return status;
}

}  // namespace tandem::store
