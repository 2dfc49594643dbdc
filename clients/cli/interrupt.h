// SPDX-License-Identifier: Apache-2.0

// Ctrl-C during work that should stop in order: the first SIGINT or SIGTERM sets a flag, the second
// ends the program as ever.
#pragma once

namespace tandem::cli {

// While one exists, the first signal only sets the flag. One at a time, used by one thread.
class InterruptFlag {
 public:
  InterruptFlag();
  // What the signals did before they do again.
  ~InterruptFlag();
  InterruptFlag(const InterruptFlag&) = delete;
  InterruptFlag& operator=(const InterruptFlag&) = delete;

  bool raised() const;
};

}  // namespace tandem::cli
