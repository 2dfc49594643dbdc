// SPDX-License-Identifier: Apache-2.0

// Where the server gets the time from, so that a test can replace it. Wall clock only; it orders
// nothing: the order of changes is the revision's.
#pragma once

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace tandem::model {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Now, by the wall clock.
  virtual absl::Time Now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace tandem::model
