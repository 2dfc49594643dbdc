// SPDX-License-Identifier: Apache-2.0

#include "match/max_flow.h"

#include <algorithm>

namespace tandem::match {

bool MaxFlow::BuildLevels(uint32_t source, uint32_t sink) {
  std::fill(level_.begin(), level_.end(), kNone);
  level_[source] = 0;
  queue_.assign(1, source);
  for (size_t i = 0; i < queue_.size(); ++i) {
    const uint32_t node = queue_[i];
    for (uint32_t arc = head_[node]; arc != kNone; arc = arcs_[arc].next) {
      const uint32_t to = arcs_[arc].to;
      if (arcs_[arc].capacity > 0 && level_[to] == kNone) {
        level_[to] = level_[node] + 1;
        queue_.push_back(to);
      }
    }
  }
  return level_[sink] != kNone;
}

// One path along the levels; 0 when there is none left. Without recursion: paths may be as long as
// the network.
int64_t MaxFlow::Send(uint32_t source, uint32_t sink, int64_t limit) {
  path_.clear();
  uint32_t node = source;
  while (node != sink) {
    uint32_t& arc = next_[node];
    while (arc != kNone &&
           !(arcs_[arc].capacity > 0 && level_[arcs_[arc].to] == level_[node] + 1)) {
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
  for (uint32_t arc : path_) amount = std::min(amount, arcs_[arc].capacity);
  for (uint32_t arc : path_) {
    arcs_[arc].capacity -= amount;
    arcs_[arc ^ 1].capacity += amount;
  }
  return amount;
}

int64_t MaxFlow::Push(uint32_t source, uint32_t sink, int64_t limit) {
  int64_t sent = 0;
  while (sent < limit && BuildLevels(source, sink)) {
    next_ = head_;
    while (sent < limit) {
      const int64_t amount = Send(source, sink, limit - sent);
      if (amount == 0) break;
      sent += amount;
    }
  }
  return sent;
}

}  // namespace tandem::match
