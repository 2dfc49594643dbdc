// SPDX-License-Identifier: Apache-2.0

// The one thread that starts plugin processes, drains what they print, and sees them end. A
// permanent thread, because a child's death signal is tied to the thread that spawned it, and never
// bare fork, because the server is full of threads and gRPC.
#pragma once

#include <sys/types.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "plugin/segment.h"

namespace tandem::plugin {

// How a process ended.
struct ChildExit {
  bool by_signal = false;
  int code = 0;  // signal number, or exit status
  // "signal 11 (Segmentation fault)" or "exit status 3".
  std::string Text() const;
};

// One spawned process. Threads: any. It is reaped by the supervisor whoever holds this.
class Child {
 public:
  // For people only: signals go through the pidfd, which can't hit a stranger with a reused number.
  pid_t pid() const { return pid_; }
  // Becomes readable when the process ends; owned by the child.
  int pidfd() const { return pidfd_.get(); }
  // SIGKILL; does nothing after the end. Never waits.
  void Kill() const;
  // Waits until the process ended; nullopt when it is still there after `timeout`.
  std::optional<ChildExit> WaitExit(absl::Duration timeout) const ABSL_LOCKS_EXCLUDED(mutex_);
  // The newest lines it logged or printed, oldest first; at most kMaxLogLines.
  std::vector<std::string> Logs() const ABSL_LOCKS_EXCLUDED(mutex_);

  static constexpr size_t kMaxLogLines = 1000;

 private:
  friend class Supervisor;
  void AppendLog(std::string_view bytes) ABSL_LOCKS_EXCLUDED(mutex_);

  pid_t pid_ = 0;
  UniqueFd pidfd_;
  UniqueFd log_;
  std::function<void()> on_exit_;  // supervisor thread only
  size_t log_bytes_ = 0;  // read since the last turn of the log clock; supervisor thread only
  mutable absl::Mutex mutex_;
  std::optional<ChildExit> exit_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> lines_ ABSL_GUARDED_BY(mutex_);
  std::string partial_ ABSL_GUARDED_BY(mutex_);
};

// What to spawn. The descriptors become 3, 4, 5 … of the child, in order; 0 is /dev/null, 1 and 2 a
// pipe whose lines Child::Logs shows. The environment is empty.
struct SpawnRequest {
  std::string program;
  std::vector<std::string> arguments;  // without the program's name
  std::vector<int> descriptors;        // borrowed until Spawn returns
  std::function<void()> on_exit;  // on the supervisor thread, once, after the end; must not block
};

// Threads: any.
class Supervisor {
 public:
  static absl::StatusOr<std::shared_ptr<Supervisor>> Start();
  // Kills and reaps every process that still runs.
  ~Supervisor();

  // Waits for the supervisor thread to spawn. INTERNAL with the system's text when it can't.
  absl::StatusOr<std::shared_ptr<Child>> Spawn(const SpawnRequest& request);

 private:
  struct Command;
  Supervisor() = default;
  void Run();
  void TakeCommands() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::shared_ptr<Child>> SpawnHere(const SpawnRequest& request);
  void Reap(int pidfd);
  void Drain(int log_fd);
  void CloseLog(int log_fd);
  void WatchLog(int log_fd, uint32_t events);
  void ResumeLogs();

  UniqueFd epoll_;
  UniqueFd wake_;
  absl::Mutex mutex_;
  std::deque<Command*> commands_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Supervisor thread only.
  absl::flat_hash_map<int, std::shared_ptr<Child>> by_pidfd_;
  absl::flat_hash_map<int, std::shared_ptr<Child>> by_log_;
  std::vector<int> paused_logs_;  // over their rate; looked at again at resume_at_
  absl::Time resume_at_ = absl::InfiniteFuture();
  std::thread thread_;
};

}  // namespace tandem::plugin
