// SPDX-License-Identifier: Apache-2.0

#include "match/max_flow.h"

#include <algorithm>

namespace tandem::match {

bool MaxFlow::BuildLevels(uint32_t begin, uint32_t end) {
  std::fill(level_.begin(), level_.end(), kNone);
  level_[begin] = 0;
  queue_.assign(1, begin);
  for (size_t i = 0; i < queue_.size(); ++i) {
    const uint32_t node = queue_[i];
    // What is as far as the end is on no shortest path.
    if (level_[node] >= level_[end]) break;
    for (uint32_t arc = head_[node]; arc != kNone; arc = arcs_[arc].next) {
      const uint32_t to = arcs_[arc].to;
      if (level_[to] == kNone && Room(arc) > 0) {
        level_[to] = level_[node] + 1;
        queue_.push_back(to);
      }
    }
  }
  return level_[end] != kNone;
}

// One path along the levels; 0 when there is none left. Without recursion: paths may be as long as
// the network.
int64_t MaxFlow::Send(uint32_t begin, uint32_t end, int64_t limit) {
  path_.clear();
  uint32_t node = begin;
  while (node != end) {
    uint32_t& arc = next_[node];
    while (arc != kNone && !(level_[arcs_[arc].to] == level_[node] + 1 && Room(arc) > 0)) {
      arc = arcs_[arc].next;
    }
    if (arc != kNone) {
      path_.push_back(arc);
      node = arcs_[arc].to;
      continue;
    }
    if (path_.empty()) return 0;
    // A dead end: never enter it again in this phase.
    level_[node] = kNone;
    node = arcs_[path_.back() ^ 1].to;
    path_.pop_back();
  }
  int64_t amount = limit;
  for (uint32_t arc : path_) amount = std::min(amount, Room(arc));
  for (uint32_t arc : path_) {
    Room(arc) -= amount;
    Room(arc ^ 1) += amount;
  }
  return amount;
}

int64_t MaxFlow::Push(uint32_t source, uint32_t sink, int64_t limit, SearchFrom end) {
  against_ = end == SearchFrom::kSink ? 1 : 0;
  const uint32_t first = against_ != 0 ? sink : source;
  const uint32_t last = against_ != 0 ? source : sink;
  int64_t sent = 0;
  while (sent < limit && BuildLevels(first, last)) {
    next_ = head_;
    while (sent < limit) {
      const int64_t amount = Send(first, last, limit - sent);
      if (amount == 0) break;
      sent += amount;
    }
  }
  return sent;
}

}  // namespace tandem::match
