// SPDX-License-Identifier: Apache-2.0

// The directory at one revision, for readers: find a record's current version, walk a type, read
// columns, ask who refers to whom. A view never changes and never waits for the writer; holding one
// keeps its rows in memory, so hold it for one request or one run, not for ever.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "catalog/segment.h"
#include "catalog/synonyms.h"
#include "catalog/tree.h"
#include "model/record_type.h"
#include "store/log.h"

namespace tandem::catalog {

// A record's current version in a view. Valid as long as the view.
struct RowRef {
  const Segment* segment = nullptr;
  uint32_t row = 0;

  std::string_view id() const { return segment->id(row); }
  // The version to read from the log.
  store::Revision revision() const { return segment->revision(row); }
  bool deleted() const { return segment->deleted(row); }
};

// A segment as a view sees it.
class SegmentView {
 public:
  SegmentView(std::shared_ptr<Segment> segment, uint32_t row_count, store::Revision revision)
      : segment_(std::move(segment)), row_count_(row_count), revision_(revision) {}
  const Segment& segment() const { return *segment_; }
  const std::shared_ptr<Segment>& shared() const { return segment_; }
  bool sealed() const { return segment_->sealed(); }
  // Rows to look at: 0 .. row_count() - 1.
  uint32_t row_count() const { return row_count_; }
  // Those of them that are current at the view's revision (soft-deleted ones included).
  AliveRows alive() const { return segment_->life().AliveAt(revision_, row_count_); }

 private:
  std::shared_ptr<Segment> segment_;
  uint32_t row_count_;
  store::Revision revision_;
};

// The segments of one type; shared by the views between two changes of the list.
using SegmentList = std::vector<std::shared_ptr<Segment>>;

// What a view knows of one type.
struct TypeState {
  std::shared_ptr<const SegmentList> segments = std::make_shared<SegmentList>();
  // Rows of the last segment at this view; the others are complete.
  uint32_t open_row_count = 0;
  int64_t live_count = 0;
  int64_t deleted_count = 0;
  // Trees: the revision of the last change to any node, and a number that rises when existing
  // closures become wrong.
  store::Revision tree_changed_at = 0;
  int64_t tree_version = 0;
  // Synonym sets: the revision of the last change to any.
  store::Revision synonyms_changed_at = 0;
};

inline constexpr size_t kTypeSlots = model::kRecordTypeSlots;
using TypeStates = std::array<TypeState, kTypeSlots>;

// Trees and synonyms that were built already, kept for the views that come later. Thread-safe.
class TreeCache {
 public:
  std::shared_ptr<const Tree> Find(model::RecordType type, store::Revision changed_at) const;
  void Keep(model::RecordType type, store::Revision changed_at, std::shared_ptr<const Tree> tree);
  std::shared_ptr<const Synonyms> FindSynonyms(store::Revision changed_at) const;
  void KeepSynonyms(store::Revision changed_at, std::shared_ptr<const Synonyms> synonyms);

 private:
  struct Slot {
    store::Revision changed_at = -1;
    std::shared_ptr<const Tree> tree;
  };
  mutable absl::Mutex mu_;
  std::array<Slot, kTypeSlots> slots_ ABSL_GUARDED_BY(mu_);
  store::Revision synonyms_changed_at_ ABSL_GUARDED_BY(mu_) = -1;
  std::shared_ptr<const Synonyms> synonyms_ ABSL_GUARDED_BY(mu_);
};

// Immutable and thread-safe. Get one from Catalog::view().
class View {
 public:
  View(store::Revision revision, TypeStates types, std::shared_ptr<TreeCache> trees);
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  store::Revision revision() const { return revision_; }

  // The record's current version, soft-deleted ones included; nullopt when there is none.
  std::optional<RowRef> Find(model::RecordType type, std::string_view id) const;
  // The same by resource name.
  std::optional<RowRef> FindName(std::string_view name) const;

  // Records of `type` that are not deleted, and those that are.
  int64_t Count(model::RecordType type) const { return state(type).live_count; }
  int64_t DeletedCount(model::RecordType type) const { return state(type).deleted_count; }

  // The segments of `type`. Every current row is in exactly one of them.
  std::vector<SegmentView> segments(model::RecordType type) const;

  // Calls visit(RowRef) for each current row of `type`, soft-deleted ones included, in no useful
  // order.
  template <typename Visitor>
  void ForEach(model::RecordType type, Visitor&& visit) const {
    for (const SegmentView& part : segments(type)) {
      part.alive().ForEach([&](uint32_t row) { visit(RowRef{&part.segment(), row}); });
    }
  }

  // The tree of regions or of categories. Built on first use after a node changed, then shared.
  const Tree& tree(model::RecordType type) const;
  // Rises when a node moved or went: closures made for another number are not used.
  int64_t tree_version(model::RecordType type) const { return state(type).tree_version; }

  // What searches take for each other: the live synonym sets. Built on first use after one changed,
  // then shared.
  const Synonyms& synonyms() const;

  // Adds to `out` the rows of `part` whose `field` (a tree field) names `ancestor` or something
  // below it.
  void AddWithin(const SegmentView& part, FieldId field, std::string_view ancestor,
                 Roaring* out) const;
  // The same rows without a copy, when the segment has them ready; nullopt: use AddWithin.
  std::optional<RowSet> FindWithin(const SegmentView& part, FieldId field,
                                   std::string_view ancestor) const;
  // Whether one row's `field` does; for open segments and checks of single rows.
  bool RowIsWithin(const Segment& segment, FieldId field, uint32_t row,
                   std::string_view ancestor) const;

  // Adds to `out` the rows of `part` whose `field` is or contains `value`.
  void AddEqual(const SegmentView& part, FieldId field, std::string_view value, Roaring* out) const;
  void AddEqual(const SegmentView& part, FieldId field, int64_t value, Roaring* out) const;

  // Live records that refer to `name`: at most `limit` names; the count of all goes to `total` when
  // given. `skip` leaves records out.
  std::vector<std::string> Referrers(
      std::string_view name, size_t limit, int64_t* total = nullptr,
      const std::function<bool(model::RecordType, std::string_view)>& skip = nullptr) const;

 private:
  const TypeState& state(model::RecordType type) const { return types_[static_cast<size_t>(type)]; }

  const store::Revision revision_;
  const TypeStates types_;
  const std::shared_ptr<TreeCache> trees_;
  // Trees this view used, so that references to them stay valid.
  mutable absl::Mutex mu_;
  mutable std::array<std::shared_ptr<const Tree>, kTypeSlots> used_trees_ ABSL_GUARDED_BY(mu_);
  mutable std::shared_ptr<const Synonyms> used_synonyms_ ABSL_GUARDED_BY(mu_);
};

// The hash FindRow takes.
uint64_t HashId(std::string_view id);

}  // namespace tandem::catalog
