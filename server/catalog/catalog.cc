// SPDX-License-Identifier: Apache-2.0

#include "catalog/catalog.h"

#include <algorithm>

#include "catalog/loader.h"
#include "model/status_macros.h"

namespace tandem::catalog {

using model::RecordType;

Catalog::Catalog(CatalogOptions options) : options_(options) {
  view_ = std::make_shared<const View>(0, TypeStates(), trees_);
  if (options_.background) background_ = std::thread([this] { RunBackground(); });
}

Catalog::~Catalog() {
  {
    absl::MutexLock lock(&wake_mu_);
    stopping_ = true;
  }
  if (background_.joinable()) background_.join();
}

std::shared_ptr<const View> Catalog::view() const {
  absl::MutexLock lock(&view_mu_);
  return view_;
}

void Catalog::Publish(store::Revision revision) {
  // Declared before the lock, so that the old view goes after it: freeing segments takes time.
  auto next = std::make_shared<const View>(revision, types_, trees_);
  absl::MutexLock lock(&view_mu_);
  view_.swap(next);
}

void Catalog::Apply(store::Revision revision, std::vector<RowChange> changes) {
  bool due = false;
  {
    absl::MutexLock lock(&write_mu_);
    changes_since_wake_ += static_cast<uint32_t>(changes.size());
    for (RowChange& change : changes) ApplyOne(std::move(change));
    Publish(revision);
    due = TakeWorkDue();
  }
  if (due) Wake();
}

bool Catalog::TakeWorkDue() {
  // So that a segment is looked at several times before it is full.
  constexpr uint32_t kLooksASegment = 16;
  if (!rebuild_due_ && changes_since_wake_ * kLooksASegment < options_.open_rows) return false;
  changes_since_wake_ = 0;
  rebuild_due_ = false;
  return true;
}

absl::Status Catalog::Load(const store::Log& log) {
  const store::Revision head = log.Head();
  auto load = [&](RecordType type, const TreeSet& trees) -> absl::Status {
    ASSIGN_OR_RETURN(LoadedType loaded,
                     LoadType(log, type, trees, options_.segment_rows, options_.load_threads));
    for (uint64_t claim : loaded.claims) claims_.Add(claim);
    absl::MutexLock lock(&write_mu_);
    TypeState& state = types_[static_cast<size_t>(type)];
    state.segments = std::make_shared<SegmentList>(loaded.segments.begin(), loaded.segments.end());
    state.live_count = loaded.live_count;
    state.deleted_count = loaded.deleted_count;
    if (FieldTable::Of(type).parent() != nullptr) state.tree_changed_at = head;
    if (type == RecordType::kSynonymSet) state.synonyms_changed_at = head;
    return absl::OkStatus();
  };
  // Regions and categories first: the closures of all others need their trees. Their own follow.
  RETURN_IF_ERROR(load(RecordType::kRegion, TreeSet()));
  RETURN_IF_ERROR(load(RecordType::kServiceCategory, TreeSet()));
  std::shared_ptr<const View> at;
  {
    absl::MutexLock lock(&write_mu_);
    at = std::make_shared<const View>(head, types_, trees_);
  }
  TreeSet trees;
  trees.regions = &at->tree(RecordType::kRegion);
  trees.categories = &at->tree(RecordType::kServiceCategory);
  for (RecordType type : model::kAllRecordTypes) {
    if (type != RecordType::kRegion && type != RecordType::kServiceCategory) {
      RETURN_IF_ERROR(load(type, trees));
      continue;
    }
    absl::MutexLock lock(&write_mu_);
    TypeState& state = types_[static_cast<size_t>(type)];
    auto segments = std::make_shared<SegmentList>();
    for (const auto& segment : *state.segments) {
      segments->push_back(static_cast<const SealedSegment&>(*segment).WithClosures(trees));
    }
    state.segments = std::move(segments);
  }
  absl::MutexLock lock(&write_mu_);
  Publish(head);
  return absl::OkStatus();
}

OpenSegment* Catalog::OpenSegmentOf(RecordType type) {
  TypeState& state = types_[static_cast<size_t>(type)];
  if (!state.segments->empty() && !state.segments->back()->sealed()) {
    auto* open = static_cast<OpenSegment*>(state.segments->back().get());
    if (!open->full()) return open;
  }
  auto open = std::make_shared<OpenSegment>(FieldTable::Of(type),
                                            std::min(options_.open_rows, options_.segment_rows));
  auto segments = std::make_shared<SegmentList>(*state.segments);
  segments->push_back(open);
  state.segments = std::move(segments);
  state.open_row_count = 0;
  return open.get();
}

void Catalog::ApplyOne(RowChange change) {
  TypeState& state = types_[static_cast<size_t>(change.type)];
  const uint64_t hash = HashId(change.id);
  for (const auto& segment : *state.segments) segment->Prefetch(hash);
  Segment* before = nullptr;
  uint32_t before_row = 0;
  for (auto it = state.segments->rbegin(); it != state.segments->rend(); ++it) {
    std::optional<uint32_t> row = (*it)->FindRow(change.id, hash, change.header.revision);
    if (!row) continue;
    before = it->get();
    before_row = *row;
    break;
  }
  NoteTreeChange(change, before, before_row, &state);
  if (change.type == RecordType::kSynonymSet) state.synonyms_changed_at = change.header.revision;
  if (before != nullptr) {
    --(before->deleted(before_row) ? state.deleted_count : state.live_count);
    before->life().Die(before_row, change.header.revision);
  }
  if (change.purged) return;
  NoteClaims(change);
  ++(change.header.delete_time_ns != 0 ? state.deleted_count : state.live_count);
  OpenSegment* open = OpenSegmentOf(change.type);
  open->Append(change.id, change.header, std::move(change.values));
  if (open->full()) rebuild_due_ = true;
  state.open_row_count = open->row_count();
}

void Catalog::NoteTreeChange(const RowChange& change, const Segment* before, uint32_t row,
                             TypeState* state) {
  const IndexedField* parent = FieldTable::Of(change.type).parent();
  if (parent == nullptr) return;
  std::string_view old_parent;
  if (before != nullptr) old_parent = before->Text(parent->id, row).value_or("");
  std::string_view new_parent;
  if (!change.purged && change.values.Size(*parent) != 0)
    new_parent = change.values.Text(*parent, 0);
  if (before != nullptr && !change.purged && old_parent == new_parent) return;
  state->tree_changed_at = change.header.revision;
  // A new node has no rows below it yet: closures made before it hold. A moved or removed one has.
  if (before == nullptr) return;
  ++state->tree_version;
  rebuild_due_ = true;
}

void Catalog::NoteClaims(const RowChange& change) {
  const FieldTable& table = FieldTable::Of(change.type);
  const IndexedField* value = table.identifier_value();
  if (value == nullptr) return;
  const RowBlob& blob = change.values;
  for (uint32_t i = 0; i < blob.Size(*value); ++i) {
    if (blob.Integer(*table.identifier_verified(), i) == 0) continue;
    claims_.Add(HashClaim(blob.Text(*table.identifier_scheme(), i), blob.Text(*value, i)));
  }
}

size_t Catalog::MemoryBytes() const {
  size_t bytes = claims_.MemoryBytes();
  std::shared_ptr<const View> at = view();
  for (RecordType type : model::kAllRecordTypes) {
    for (const SegmentView& part : at->segments(type)) {
      // The open segment belongs to the writer; its size is small and bounded.
      if (part.sealed()) bytes += part.segment().MemoryBytes();
    }
  }
  return bytes;
}

}  // namespace tandem::catalog
