// SPDX-License-Identifier: Apache-2.0

// SIGTERM and SIGINT as something to wait for. Made before the first thread, so that every thread
// has them blocked and only this object takes them.
#pragma once

namespace tandem::server {

// Lives as long as the process. Used by the main thread.
class StopSignals {
 public:
  // Blocks the two signals and ignores SIGPIPE.
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Waits for a signal (false) or until `other_fd` is readable (true).
  bool Wait(int other_fd);
  // From now on the next signal ends the process at once with `exit_code`.
  void ExitOnNext(int exit_code);

 private:
  int fd_ = -1;
};

}  // namespace tandem::server
