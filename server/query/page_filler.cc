// SPDX-License-Identifier: Apache-2.0

#include "query/page_filler.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace tandem::query {
namespace {

using catalog::SegmentView;

// Looking at a row in the order of a sorted column costs about this many looks at a row of a short
// list.
constexpr double kWalkFactor = 2;
// A walk of fewer rows is not worth a thought.
constexpr uint64_t kMinWalkBudget = 4096;

}  // namespace

PageFiller::PageFiller(const catalog::View& view, model::RecordType type,
                       const Condition& condition, const Order& order, bool show_deleted,
                       const std::vector<SortValue>* after, size_t wanted, StopCheck stop)
    : segments_(view.segments(type)),
      order_(order, segments_),
      after_(after),
      wanted_(wanted),
      stop_(stop) {
  rows_.reserve(segments_.size());
  PlanHint hint;
  for (const SegmentView& part : segments_) {
    rows_.push_back(std::make_unique<SegmentRows>(condition, view, part, show_deleted, &hint));
    bound_ += rows_.back()->bound();
    estimate_ += rows_.back()->estimate();
    row_count_ += part.row_count();
  }
}

absl::StatusOr<std::vector<SortEntry>> PageFiller::Fill(ListStats* stats) {
  if (!stop_.Check()) return stop_.status();
  stats->bound = bound_;
  // When rows that fit are spread evenly, a walk meets `wanted` of them after this many.
  const double expected = static_cast<double>(wanted_ * row_count_) / std::max(estimate_, 1.0);
  const bool sorted_columns = !order_.order().keys.front().from;
  if (sorted_columns && expected * kWalkFactor < static_cast<double>(bound_)) {
    WalkBudget budget{std::max(bound_ * 2, kMinWalkBudget), false};
    std::vector<SortEntry> page = Walk(&budget);
    if (!stop_.Check()) return stop_.status();
    stats->walked = !budget.exceeded;
    stats->gave_up_walk = budget.exceeded;
    if (!budget.exceeded) return page;
  }
  return Sort();
}

// Keeps the `wanted` rows that come first; `best` is a heap with the last of them on top.
void PageFiller::Offer(const SortEntry& entry, std::vector<SortEntry>* best) const {
  auto before = [this](const SortEntry& a, const SortEntry& b) { return order_.Before(a, b); };
  if (best->size() == wanted_) {
    if (!before(entry, best->front())) return;
    std::pop_heap(best->begin(), best->end(), before);
    best->back() = entry;
  } else {
    best->push_back(entry);
  }
  std::push_heap(best->begin(), best->end(), before);
}

// False when the query must stop.
bool PageFiller::OfferSegment(uint32_t index, std::vector<SortEntry>* best) {
  return rows_[index]->ForEach([&](uint32_t row) {
    const SortEntry entry = order_.Entry(index, row);
    if (after_ == nullptr || order_.After(entry, *after_)) Offer(entry, best);
    return stop_.Step();
  });
}

void PageFiller::SortBest(std::vector<SortEntry>* best) const {
  std::sort_heap(best->begin(), best->end(),
                 [this](const SortEntry& a, const SortEntry& b) { return order_.Before(a, b); });
}

absl::StatusOr<std::vector<SortEntry>> PageFiller::Sort() {
  std::vector<SortEntry> best;
  best.reserve(wanted_);
  for (uint32_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i]->bound() > 0 && !(OfferSegment(i, &best) && stop_.Check())) {
      return stop_.status();
    }
  }
  SortBest(&best);
  return best;
}

// Merges the sorted rows of all segments. Segments without columns are sorted as a whole first.
std::vector<SortEntry> PageFiller::Walk(WalkBudget* budget) {
  const catalog::FieldId first_key = order_.order().keys.front().field->id;
  std::vector<SortEntry> page;
  std::vector<std::unique_ptr<SortedWalk>> walks(segments_.size());
  std::vector<SortEntry> unsorted;
  for (uint32_t i = 0; i < segments_.size(); ++i) {
    if (rows_[i]->bound() == 0) continue;
    if (segments_[i].segment().column(first_key) == nullptr) {
      if (!OfferSegment(i, &unsorted)) return page;
      continue;
    }
    walks[i] = std::make_unique<SortedWalk>(order_, i, segments_[i].segment(), *rows_[i], wanted_,
                                            after_, budget);
  }
  SortBest(&unsorted);
  std::reverse(unsorted.begin(), unsorted.end());
  // The next row of each source; the one that comes first on top.
  auto later = [this](const SortEntry& a, const SortEntry& b) { return order_.Before(b, a); };
  std::vector<SortEntry> heads;
  auto refill = [&](uint32_t segment) {
    std::optional<SortEntry> next;
    if (walks[segment] != nullptr) {
      next = walks[segment]->Next();
    } else if (!unsorted.empty()) {
      next = unsorted.back();
      unsorted.pop_back();
    }
    if (!next) return;
    heads.push_back(*next);
    std::push_heap(heads.begin(), heads.end(), later);
  };
  for (uint32_t i = 0; i < segments_.size(); ++i) {
    if (walks[i] != nullptr) refill(i);
  }
  if (!unsorted.empty()) refill(unsorted.back().segment);
  while (page.size() < wanted_ && !heads.empty() && !budget->exceeded && stop_.Step()) {
    std::pop_heap(heads.begin(), heads.end(), later);
    page.push_back(heads.back());
    heads.pop_back();
    refill(page.back().segment);
  }
  return page;
}

}  // namespace tandem::query
