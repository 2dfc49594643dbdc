// SPDX-License-Identifier: Apache-2.0

// Maximum flow by blocking flows (Dinic), on a network that is added to and pushed again. Flow that
// was sent stays; only residual paths are added. Paths may be searched from either end: the end
// with little room left has few, and finds soon that there are no more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tandem::match {

// Not thread-safe.
class MaxFlow {
 public:
  explicit MaxFlow(size_t nodes) : head_(nodes, kNone), level_(nodes), next_(nodes) {}

  // An arc from -> to; returns its number. Its reverse is number ^ 1.
  uint32_t AddArc(uint32_t from, uint32_t to, int64_t capacity) {
    const auto arc = static_cast<uint32_t>(arcs_.size());
    arcs_.push_back({to, head_[from], capacity});
    head_[from] = arc;
    arcs_.push_back({from, head_[to], 0});
    head_[to] = arc + 1;
    return arc;
  }
  // Residual capacity of an arc; for a reverse arc, the flow of its arc.
  int64_t residual(uint32_t arc) const { return arcs_[arc].capacity; }
  void set_residual(uint32_t arc, int64_t capacity) { arcs_[arc].capacity = capacity; }

  // Where the search for paths begins. The amount sent is the same, the paths may differ.
  enum class SearchFrom { kSource, kSink };

  // Sends as much as possible, at most `limit`, from source to sink; returns how much.
  int64_t Push(uint32_t source, uint32_t sink, int64_t limit, SearchFrom end = SearchFrom::kSource);

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Arc {
    uint32_t to;
    uint32_t next;
    int64_t capacity;
  };

  // The residual capacity of an arc out of a node on the way of the search: its own, or, searching
  // against the flow, that of its reverse.
  int64_t& Room(uint32_t arc) { return arcs_[arc ^ against_].capacity; }
  bool BuildLevels(uint32_t begin, uint32_t end);
  int64_t Send(uint32_t begin, uint32_t end, int64_t limit);

  // 1 while searching from the sink.
  uint32_t against_ = 0;

  std::vector<Arc> arcs_;
  std::vector<uint32_t> head_, level_, next_, queue_, path_;
};

}  // namespace tandem::match
