// SPDX-License-Identifier: Apache-2.0

// Splits a range over a few threads. The pieces are the same for any number of threads, so what is
// computed from a piece does not depend on who computed it.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace tandem::match {

// Calls work(begin, end, thread) for pieces of [0, n) of at most `grain` elements, on `threads`
// threads in all (this one included), and returns when all are done. `thread` is below `threads`.
template <typename Work>
void ParallelFor(int threads, size_t n, size_t grain, Work&& work) {
  const size_t pieces = (n + grain - 1) / grain;
  std::atomic<size_t> next{0};
  auto run = [&](int thread) {
    for (size_t piece = next.fetch_add(1); piece < pieces; piece = next.fetch_add(1)) {
      const size_t begin = piece * grain;
      work(begin, begin + grain < n ? begin + grain : n, thread);
    }
  };
  std::vector<std::thread> helpers;
  for (int thread = 1; thread < threads && static_cast<size_t>(thread) < pieces; ++thread) {
    helpers.emplace_back(run, thread);
  }
  run(0);
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace tandem::match
