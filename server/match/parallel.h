// SPDX-License-Identifier: Apache-2.0

// Splits a range over a few threads. The pieces are the same for any number of threads, so what is
// computed from a piece does not depend on who computed it. Keeps count of the processor time
// spent.
#pragma once

#include <time.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace tandem::match {

// Processor time of the calling thread, nanoseconds.
inline int64_t ThreadCpuNanos() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Processor time that threads started by the calling thread spent for it, nanoseconds.
inline int64_t& HelperCpuNanos() {
  thread_local int64_t nanos = 0;
  return nanos;
}

// Calls work(begin, end, thread) for pieces of [0, n) of at most `grain` elements, on `threads`
// threads in all (this one included), and returns when all are done. `thread` is below `threads`.
template <typename Work>
void ParallelFor(int threads, size_t n, size_t grain, Work&& work) {
  const size_t pieces = (n + grain - 1) / grain;
  std::atomic<size_t> next{0};
  std::atomic<int64_t> helper_nanos{0};
  auto run = [&](int thread) {
    for (size_t piece = next.fetch_add(1); piece < pieces; piece = next.fetch_add(1)) {
      const size_t begin = piece * grain;
      work(begin, begin + grain < n ? begin + grain : n, thread);
    }
  };
  std::vector<std::thread> others;
  for (int thread = 1; thread < threads && static_cast<size_t>(thread) < pieces; ++thread) {
    others.emplace_back([&run, &helper_nanos, thread] {
      run(thread);
      helper_nanos += ThreadCpuNanos() + HelperCpuNanos();
    });
  }
  run(0);
  for (std::thread& other : others) other.join();
  HelperCpuNanos() += helper_nanos;
}

}  // namespace tandem::match
