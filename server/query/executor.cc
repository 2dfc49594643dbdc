// SPDX-License-Identifier: Apache-2.0

#include "query/executor.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "query/filter_check.h"
#include "query/order_by.h"
#include "query/segment_rows.h"
#include "query/sort_entry.h"
#include "query/sorted_walk.h"

namespace tandem::query {
namespace {

using catalog::SegmentView;

// Looking at a row in the order of a sorted column costs about this many looks at a row of a short
// list.
constexpr double kWalkFactor = 2;
// A walk of fewer rows is not worth a thought.
constexpr uint64_t kMinWalkBudget = 4096;

// `parent` as a condition: contacts lie below an agency, everything else at the top.
absl::Status AddParent(const ListQuery& query, Condition* all) {
  if (query.type != model::RecordType::kContact) {
    if (query.parent.empty()) return absl::OkStatus();
    return model::FieldsInvalid({{"parent", "must be empty: the collection lies at the top"}});
  }
  const std::optional<catalog::RecordKey> parent = catalog::ParseRecordName(query.parent);
  if (!parent || parent->type != model::RecordType::kAgency) {
    return model::FieldsInvalid({{"parent", "must name an agency, \"agencies/{id}\""}});
  }
  Condition below;
  below.kind = Condition::Kind::kText;
  below.field = catalog::FieldTable::Of(query.type).Find("name");
  below.pattern.text = StrCat(catalog::NamePrefix(query.type), parent->id, "/contacts/");
  below.pattern.any_suffix = true;
  all->children.push_back(std::move(below));
  return absl::OkStatus();
}

// Everything a record must meet: filter, scope and parent.
absl::StatusOr<Condition> WholeCondition(const ListQuery& query) {
  Condition all;
  ASSIGN_OR_RETURN(Condition filter, CompileFilter(query.filter, query.type));
  all.children.push_back(std::move(filter));
  all.children.push_back(ScopeCondition(query.scope, query.type));
  RETURN_IF_ERROR(AddParent(query, &all));
  // One flat list lets the plan start from its rarest part.
  Condition flat;
  for (Condition& part : all.children) {
    if (part.kind == Condition::Kind::kAll) {
      for (Condition& child : part.children) flat.children.push_back(std::move(child));
    } else {
      flat.children.push_back(std::move(part));
    }
  }
  return flat;
}

// One page being filled.
class PageFiller {
 public:
  PageFiller(const catalog::View& view, const ListQuery& query, const Condition& condition,
             const Order& order, const std::vector<SortValue>* after, size_t wanted)
      : segments_(view.segments(query.type)),
        order_(order, segments_),
        after_(after),
        wanted_(wanted),
        stop_(query.deadline, query.cancelled) {
    rows_.reserve(segments_.size());
    for (const SegmentView& part : segments_) {
      rows_.push_back(std::make_unique<SegmentRows>(condition, view, part, query.show_deleted));
      bound_ += rows_.back()->bound();
      estimate_ += rows_.back()->estimate();
      row_count_ += part.row_count();
    }
  }

  // The first `wanted` rows after the position, in order.
  absl::StatusOr<std::vector<SortEntry>> Fill(ListStats* stats) {
    if (!stop_.Check()) return stop_.status();
    stats->bound = bound_;
    // When rows that fit are spread evenly, a walk meets `wanted` of them after this many.
    const double expected = static_cast<double>(wanted_ * row_count_) / std::max(estimate_, 1.0);
    if (expected * kWalkFactor < static_cast<double>(bound_)) {
      WalkBudget budget{std::max(bound_ * 2, kMinWalkBudget), false};
      std::vector<SortEntry> page = Walk(&budget);
      if (!stop_.Check()) return stop_.status();
      stats->walked = !budget.exceeded;
      stats->gave_up_walk = budget.exceeded;
      if (!budget.exceeded) return page;
    }
    return Sort();
  }

  const RowOrder& order() const { return order_; }
  const SegmentView& segment(const SortEntry& entry) const { return segments_[entry.segment]; }

 private:
  // Keeps the `wanted` rows that come first; `best` is a heap with the last of them on top.
  void Offer(const SortEntry& entry, std::vector<SortEntry>* best) const {
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
  bool OfferSegment(uint32_t index, std::vector<SortEntry>* best) {
    return rows_[index]->ForEach([&](uint32_t row) {
      const SortEntry entry = order_.Entry(index, row);
      if (after_ == nullptr || order_.After(entry, *after_)) Offer(entry, best);
      return stop_.Step();
    });
  }

  void SortBest(std::vector<SortEntry>* best) const {
    std::sort_heap(best->begin(), best->end(),
                   [this](const SortEntry& a, const SortEntry& b) { return order_.Before(a, b); });
  }

  absl::StatusOr<std::vector<SortEntry>> Sort() {
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
  std::vector<SortEntry> Walk(WalkBudget* budget) {
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

  const std::vector<SegmentView> segments_;
  const RowOrder order_;
  const std::vector<SortValue>* const after_;
  const size_t wanted_;
  StopCheck stop_;
  std::vector<std::unique_ptr<const SegmentRows>> rows_;
  uint64_t bound_ = 0;
  double estimate_ = 0;
  uint64_t row_count_ = 0;
};

}  // namespace

absl::StatusOr<ListPage> List(const catalog::View& view, const PageTokens& tokens,
                              const ListQuery& query, ListStats* stats) {
  if (query.page_size < 0) {
    return model::FieldsInvalid({{"page_size", "must not be negative"}});
  }
  const int32_t page_size =
      query.page_size == 0 ? kDefaultPageSize : std::min(query.page_size, kMaxPageSize);
  ASSIGN_OR_RETURN(const Condition condition, WholeCondition(query));
  ASSIGN_OR_RETURN(const Order order, ParseOrderBy(query.order_by, query.type));
  const ListArguments arguments{model::CollectionOf(query.type), query.parent, query.filter,
                                query.order_by, query.show_deleted};
  PagePosition position;
  if (!query.page_token.empty()) {
    ASSIGN_OR_RETURN(position, tokens.Open(query.page_token, arguments, order));
  }
  // One more than the page takes tells whether another page follows.
  const size_t wanted = static_cast<size_t>(page_size) + 1;
  PageFiller filler(view, query, condition, order,
                    query.page_token.empty() ? nullptr : &position.last, wanted);
  ListStats own_stats;
  ASSIGN_OR_RETURN(std::vector<SortEntry> entries,
                   filler.Fill(stats == nullptr ? &own_stats : stats));
  ListPage page;
  page.revision = view.revision();
  if (entries.size() == wanted) {
    entries.pop_back();
    page.next_page_token =
        tokens.Seal(arguments, {filler.order().Values(entries.back()), view.revision()});
  }
  page.rows.reserve(entries.size());
  for (const SortEntry& entry : entries) {
    const catalog::Segment& segment = filler.segment(entry).segment();
    page.rows.push_back({std::string(segment.id(entry.row)), segment.revision(entry.row)});
  }
  return page;
}

absl::Status ForEachMatch(const catalog::View& view, const ListQuery& query,
                          const std::function<bool(const catalog::RowRef&)>& visit) {
  ASSIGN_OR_RETURN(const Condition condition, WholeCondition(query));
  StopCheck stop(query.deadline, query.cancelled);
  if (!stop.Check()) return stop.status();
  for (const SegmentView& part : view.segments(query.type)) {
    const SegmentRows rows(condition, view, part, query.show_deleted);
    const bool finished = rows.ForEach([&](uint32_t row) {
      return visit(catalog::RowRef{&part.segment(), row}) && stop.Step();
    });
    if (!finished) return stop.status();
  }
  return absl::OkStatus();
}

}  // namespace tandem::query
