// SPDX-License-Identifier: Apache-2.0

// Two steps. First the reserves, one after the other: flow from the sources to the needs of the
// reserve. Then the corridors that are still below their minimum: each sends what it lacks to needs
// with room, or takes needs over from corridors that are above their minimum. No step ever takes
// units away from a reserve, so each keeps what it reached; and that meeting the corridor
// minima costs no reserve anything is the theorem of Mendelsohn and Dulmage, applied to both ends
// of a flow.

#include "match/reachable.h"

#include <algorithm>
#include <limits>

#include "match/max_flow.h"

namespace tandem::match {
namespace {

constexpr int64_t kPlenty = std::numeric_limits<int64_t>::max() / 4;
constexpr size_t kNoGroup = std::numeric_limits<size_t>::max();

class ReachFinder {
 public:
  ReachFinder(const AssignProblem& problem, const std::atomic<bool>* cancelled)
      : p_(problem),
        cancelled_(cancelled),
        n_groups_(problem.groups.size()),
        offer_base_(static_cast<uint32_t>(3 + n_groups_)),
        need_base_(offer_base_ + static_cast<uint32_t>(problem.n_offers())),
        flow_(need_base_ + problem.n_needs()) {}

  std::optional<Reach> Find() {
    TakeFixed();
    Build();
    const auto sum = [](const std::vector<int64_t>& units) {
      int64_t total = 0;
      for (int64_t some : units) total += std::max<int64_t>(some, 0);
      return total;
    };
    if (sum(need_units_) < sum(offer_units_)) scarcer_end_ = MaxFlow::SearchFrom::kSink;
    Reach reach;
    for (const plugin::Group& group : p_.groups) reach.min_units.push_back(group.min_units);
    for (size_t g = 0; g < n_groups_; ++g) {
      if (p_.labels[g].corridor) continue;
      if (Cancelled()) return std::nullopt;
      // Capacity of exactly what is still asked for; the needs of later reserves stay shut.
      const int64_t wanted = std::max<int64_t>(p_.groups[g].min_units - group_fixed_[g], 0);
      flow_.set_residual(group_arc_[g], wanted);
      const int64_t got = flow_.Push(kSource, kSink, wanted, scarcer_end_);
      flow_.set_residual(group_arc_[g], 0);
      reach.min_units[g] = std::min(p_.groups[g].min_units, group_fixed_[g] + got);
    }
    FillCorridors(&reach);
    if (Cancelled()) return std::nullopt;
    Collect(&reach);
    return reach;
  }

 private:
  static constexpr uint32_t kSource = 0;
  static constexpr uint32_t kSink = 1;
  // Where a corridor's deficit may go: the sink, or corridors above their minimum.
  static constexpr uint32_t kRelief = 2;

  bool Cancelled() const { return cancelled_ != nullptr && cancelled_->load(); }
  uint32_t GroupNode(size_t group) const { return static_cast<uint32_t>(3 + group); }

  // Fixed pairs are taken off everything beforehand.
  void TakeFixed() {
    offer_group_.assign(p_.n_offers(), kNoGroup);
    need_group_.assign(p_.n_needs(), kNoGroup);
    for (size_t g = 0; g < n_groups_; ++g) {
      auto& side = p_.labels[g].corridor ? offer_group_ : need_group_;
      for (uint32_t member : p_.groups[g].members) {
        if (side[member] == kNoGroup) side[member] = g;
      }
    }
    need_units_ = p_.need_units;
    offer_units_ = p_.offer_units;
    group_fixed_.assign(n_groups_, 0);
    const std::vector<uint32_t> need_of = p_.NeedOfPair();
    for (const plugin::FixedPair& fixed : p_.fixed) {
      const uint32_t need = need_of[fixed.pair], offer = p_.offer[fixed.pair];
      need_units_[need] -= fixed.units;
      offer_units_[offer] -= fixed.units;
      if (need_group_[need] != kNoGroup) group_fixed_[need_group_[need]] += fixed.units;
      if (offer_group_[offer] != kNoGroup) group_fixed_[offer_group_[offer]] += fixed.units;
    }
  }

  void Build() {
    group_arc_.assign(n_groups_, 0);
    for (size_t g = 0; g < n_groups_; ++g) {
      const plugin::Group& group = p_.groups[g];
      if (p_.labels[g].corridor) {
        const int64_t most = group.max_units == plugin::kNoMaxUnits
                                 ? kPlenty
                                 : std::max<int64_t>(group.max_units - group_fixed_[g], 0);
        group_arc_[g] = flow_.AddArc(kSource, GroupNode(g), most);
      } else {
        group_arc_[g] = flow_.AddArc(GroupNode(g), kSink, 0);
      }
    }
    for (size_t o = 0; o < p_.n_offers(); ++o) {
      const uint32_t from = offer_group_[o] == kNoGroup ? kSource : GroupNode(offer_group_[o]);
      flow_.AddArc(from, offer_base_ + static_cast<uint32_t>(o),
                   std::max<int64_t>(offer_units_[o], 0));
    }
    for (size_t n = 0; n < p_.n_needs(); ++n) {
      const uint32_t node = need_base_ + static_cast<uint32_t>(n);
      const int64_t units = std::max<int64_t>(need_units_[n], 0);
      if (need_group_[n] == kNoGroup) {
        open_later_.push_back({flow_.AddArc(node, kSink, 0), units});
      } else {
        flow_.AddArc(node, GroupNode(need_group_[n]), units);
      }
    }
    first_pair_arc_ = flow_.AddArc(kRelief, kRelief, 0) + 2;
    for (size_t n = 0; n < p_.n_needs(); ++n) {
      for (uint64_t p = p_.row_start[n]; p < p_.row_start[n + 1]; ++p) {
        flow_.AddArc(offer_base_ + p_.offer[p], need_base_ + static_cast<uint32_t>(n), kPlenty);
      }
    }
  }

  void FillCorridors(Reach* reach) {
    for (const auto& [arc, units] : open_later_) flow_.set_residual(arc, units);
    for (size_t g = 0; g < n_groups_; ++g) {
      if (!p_.labels[g].corridor) flow_.set_residual(group_arc_[g], kPlenty);
    }
    flow_.AddArc(kSink, kRelief, kPlenty);
    // Offers outside every corridor owe nothing: what they serve may be taken over.
    flow_.AddArc(kSource, kRelief, kPlenty);
    // From here on the source is out of it: a corridor's own flow is counted here.
    std::vector<int64_t> used(n_groups_, 0), relief_before(n_groups_, 0);
    std::vector<uint32_t> relief_arc(n_groups_, 0);
    for (size_t g = 0; g < n_groups_; ++g) {
      if (!p_.labels[g].corridor) continue;
      used[g] = flow_.residual(group_arc_[g] ^ 1);
      flow_.set_residual(group_arc_[g], 0);
      flow_.set_residual(group_arc_[g] ^ 1, 0);
      relief_arc[g] = flow_.AddArc(GroupNode(g), kRelief, 0);
    }
    for (size_t g = 0; g < n_groups_; ++g) {
      if (!p_.labels[g].corridor) continue;
      const int64_t least = p_.groups[g].min_units - group_fixed_[g];
      if (used[g] >= least) continue;
      if (Cancelled()) return;
      for (size_t other = 0; other < n_groups_; ++other) {
        if (!p_.labels[other].corridor) continue;
        // Those that have had their turn keep their minimum; a later one may give all it has.
        const int64_t kept = other < g ? p_.groups[other].min_units - group_fixed_[other] : 0;
        const int64_t above = used[other] - kept;
        relief_before[other] = other == g ? 0 : std::max<int64_t>(std::min(above, used[other]), 0);
        flow_.set_residual(relief_arc[other], relief_before[other]);
        flow_.set_residual(relief_arc[other] ^ 1, 0);
      }
      used[g] += flow_.Push(GroupNode(g), kRelief, least - used[g]);
      for (size_t other = 0; other < n_groups_; ++other) {
        if (!p_.labels[other].corridor || other == g) continue;
        used[other] -= relief_before[other] - flow_.residual(relief_arc[other]);
      }
      if (used[g] < least) {
        reach->short_group = g;
        reach->units_short = least - used[g];
        return;
      }
    }
  }

  void Collect(Reach* reach) const {
    size_t next_fixed = 0;
    for (uint64_t p = 0; p < p_.n_pairs(); ++p) {
      int64_t units = flow_.residual((first_pair_arc_ + 2 * static_cast<uint32_t>(p)) ^ 1);
      if (next_fixed < p_.fixed.size() && p_.fixed[next_fixed].pair == p) {
        units += p_.fixed[next_fixed++].units;
      }
      if (units > 0) reach->assignment.push_back({p, units});
    }
  }

  const AssignProblem& p_;
  const std::atomic<bool>* const cancelled_;
  const size_t n_groups_;
  const uint32_t offer_base_, need_base_;
  MaxFlow flow_;
  MaxFlow::SearchFrom scarcer_end_ = MaxFlow::SearchFrom::kSource;
  std::vector<size_t> offer_group_, need_group_;
  std::vector<int64_t> need_units_, offer_units_, group_fixed_;
  std::vector<uint32_t> group_arc_;
  struct LateArc {
    uint32_t arc;
    int64_t units;
  };
  std::vector<LateArc> open_later_;
  uint32_t first_pair_arc_ = 0;
};

}  // namespace

std::optional<Reach> FindReach(const AssignProblem& problem, const std::atomic<bool>* cancelled) {
  return ReachFinder(problem, cancelled).Find();
}

}  // namespace tandem::match
