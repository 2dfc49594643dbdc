// SPDX-License-Identifier: Apache-2.0

#include "catalog/view.h"

#include <map>

#include "catalog/open_postings.h"
#include "catalog/text_hash.h"
#include "model/absl_strings.h"

namespace tandem::catalog {

using model::RecordType;

namespace {

// The rows of an open segment that may have the value, where its postings know them: others need no
// look. Absent values are not posted.
template <typename Value>
std::optional<std::vector<uint16_t>> PostedRows(const SegmentView& part, const IndexedField& field,
                                                const Value& value) {
  const OpenPostings* postings = part.segment().value_postings();
  if (postings == nullptr || !postings->Covers(part.row_count()) || field.id < kFirstBodyField ||
      field.kind == FieldKind::kTimestamp) {
    return std::nullopt;
  }
  std::vector<uint16_t> rows;
  postings->Find(field.id, value, part.row_count(), &rows);
  return rows;
}

// Adds the rows for which `equal` holds, looking at `posted` only when it is known.
template <typename Equal>
void AddRowsIf(const SegmentView& part, const std::optional<std::vector<uint16_t>>& posted,
               const Equal& equal, Roaring* out) {
  if (posted) {
    for (uint16_t row : *posted) {
      if (equal(row)) out->add(row);
    }
    return;
  }
  for (uint32_t row = 0; row < part.row_count(); ++row) {
    if (equal(row)) out->add(row);
  }
}

}  // namespace

uint64_t HashId(std::string_view id) { return TextHash()(id); }

std::shared_ptr<const Tree> TreeCache::Find(RecordType type, store::Revision changed_at) const {
  absl::MutexLock lock(&mu_);
  const Slot& slot = slots_[static_cast<size_t>(type)];
  return slot.changed_at == changed_at ? slot.tree : nullptr;
}

void TreeCache::Keep(RecordType type, store::Revision changed_at,
                     std::shared_ptr<const Tree> tree) {
  absl::MutexLock lock(&mu_);
  Slot& slot = slots_[static_cast<size_t>(type)];
  // An old view does not push out the tree that newer ones share.
  if (changed_at < slot.changed_at) return;
  slot.changed_at = changed_at;
  slot.tree = std::move(tree);
}

std::shared_ptr<const Synonyms> TreeCache::FindSynonyms(store::Revision changed_at) const {
  absl::MutexLock lock(&mu_);
  return synonyms_changed_at_ == changed_at ? synonyms_ : nullptr;
}

void TreeCache::KeepSynonyms(store::Revision changed_at, std::shared_ptr<const Synonyms> synonyms) {
  absl::MutexLock lock(&mu_);
  if (changed_at < synonyms_changed_at_) return;
  synonyms_changed_at_ = changed_at;
  synonyms_ = std::move(synonyms);
}

View::View(store::Revision revision, TypeStates types, std::shared_ptr<TreeCache> trees)
    : revision_(revision), types_(std::move(types)), trees_(std::move(trees)) {}

std::optional<RowRef> View::Find(RecordType type, std::string_view id) const {
  const SegmentList& segments = *state(type).segments;
  const uint64_t hash = HashId(id);
  // One cache miss a segment; asking for all of them first lets them overlap.
  for (const auto& segment : segments) segment->Prefetch(hash);
  for (auto it = segments.rbegin(); it != segments.rend(); ++it) {
    if (std::optional<uint32_t> row = (*it)->FindRow(id, hash, revision_))
      return RowRef{it->get(), *row};
  }
  return std::nullopt;
}

std::optional<RowRef> View::FindName(std::string_view name) const {
  std::optional<RecordKey> key = ParseRecordName(name);
  if (!key) return std::nullopt;
  return Find(key->type, key->id);
}

std::vector<SegmentView> View::segments(RecordType type) const {
  const TypeState& known = state(type);
  std::vector<SegmentView> parts;
  parts.reserve(known.segments->size());
  for (size_t i = 0; i < known.segments->size(); ++i) {
    const std::shared_ptr<Segment>& segment = (*known.segments)[i];
    const bool last = i + 1 == known.segments->size();
    parts.emplace_back(
        segment, last && !segment->sealed() ? known.open_row_count : segment->life().capacity(),
        revision_);
  }
  return parts;
}

const Tree& View::tree(RecordType type) const {
  const auto slot = static_cast<size_t>(type);
  absl::MutexLock lock(&mu_);
  if (used_trees_[slot] != nullptr) return *used_trees_[slot];
  used_trees_[slot] = trees_->Find(type, state(type).tree_changed_at);
  if (used_trees_[slot] == nullptr) {
    std::vector<std::pair<std::string, std::string>> nodes;
    const IndexedField* parent = FieldTable::Of(type).parent();
    ForEach(type, [&](const RowRef& ref) {
      std::string_view above = parent == nullptr
                                   ? std::string_view()
                                   : ref.segment->Text(parent->id, ref.row).value_or("");
      nodes.emplace_back(ref.segment->Text(kNameField, ref.row).value_or(""), above);
    });
    used_trees_[slot] = std::make_shared<Tree>(std::move(nodes));
    trees_->Keep(type, state(type).tree_changed_at, used_trees_[slot]);
  }
  return *used_trees_[slot];
}

const Synonyms& View::synonyms() const {
  static const Synonyms kNone;
  if (Count(RecordType::kSynonymSet) == 0) return kNone;
  const store::Revision changed_at = state(RecordType::kSynonymSet).synonyms_changed_at;
  absl::MutexLock lock(&mu_);
  if (used_synonyms_ != nullptr) return *used_synonyms_;
  used_synonyms_ = trees_->FindSynonyms(changed_at);
  if (used_synonyms_ == nullptr) {
    const FieldTable& table = FieldTable::Of(RecordType::kSynonymSet);
    auto texts = [](const RowRef& ref, const IndexedField& field) {
      std::vector<std::string> all;
      for (uint32_t i = 0; i < ref.segment->ListSize(field.id, ref.row); ++i) {
        all.emplace_back(ref.segment->ListText(field.id, ref.row, i));
      }
      return all;
    };
    std::map<std::string, SynonymWords> by_name;
    ForEach(RecordType::kSynonymSet, [&](const RowRef& ref) {
      if (ref.deleted()) return;
      by_name[std::string(ref.id())] = {texts(ref, *table.Find("words")),
                                        texts(ref, *table.Find("targets"))};
    });
    std::vector<SynonymWords> sets;
    for (auto& [name, set] : by_name) sets.push_back(std::move(set));
    used_synonyms_ = std::make_shared<Synonyms>(sets);
    trees_->KeepSynonyms(changed_at, used_synonyms_);
  }
  return *used_synonyms_;
}

std::optional<RowSet> View::FindWithin(const SegmentView& part, FieldId field,
                                       std::string_view ancestor) const {
  const IndexedField& described = part.segment().table().field(field);
  if (!described.tree) return std::nullopt;
  const Column* closure = part.segment().closure(field, state(*described.target).tree_version);
  if (closure == nullptr) return std::nullopt;
  std::optional<Code> code = closure->FindCode(ancestor);
  return code ? closure->Rows(*code) : RowSet();
}

void View::AddWithin(const SegmentView& part, FieldId field, std::string_view ancestor,
                     Roaring* out) const {
  if (std::optional<RowSet> ready = FindWithin(part, field, ancestor)) {
    ready->AddTo(out);
    return;
  }
  const Segment& segment = part.segment();
  const Column* column = segment.column(field);
  if (column == nullptr) {
    for (uint32_t row = 0; row < part.row_count(); ++row) {
      if (RowIsWithin(segment, field, row, ancestor)) out->add(row);
    }
    return;
  }
  // The tree was edited since the closure was made: ask it for each value.
  const Tree& known = tree(*segment.table().field(field).target);
  for (Code code = 0; code < column->distinct(); ++code) {
    if (known.IsWithin(column->text_value(code), ancestor)) column->Rows(code).AddTo(out);
  }
}

bool View::RowIsWithin(const Segment& segment, FieldId field, uint32_t row,
                       std::string_view ancestor) const {
  const IndexedField& described = segment.table().field(field);
  const Tree& known = tree(*described.target);
  if (!described.repeated) {
    std::optional<std::string_view> value = segment.Text(field, row);
    return value && known.IsWithin(*value, ancestor);
  }
  for (uint32_t i = 0; i < segment.ListSize(field, row); ++i) {
    if (known.IsWithin(segment.ListText(field, row, i), ancestor)) return true;
  }
  return false;
}

void View::AddEqual(const SegmentView& part, FieldId field, std::string_view value,
                    Roaring* out) const {
  const Segment& segment = part.segment();
  if (const Column* column = segment.column(field)) {
    if (std::optional<Code> code = column->FindCode(value)) column->Rows(*code).AddTo(out);
    return;
  }
  const IndexedField& described = segment.table().field(field);
  auto equal = [&](uint32_t row) {
    if (!described.repeated) return segment.Text(field, row) == value;
    for (uint32_t i = 0; i < segment.ListSize(field, row); ++i) {
      if (segment.ListText(field, row, i) == value) return true;
    }
    return false;
  };
  const bool posted = !value.empty() && value.size() <= OpenPostings::kMaxTextBytes;
  AddRowsIf(part, posted ? PostedRows(part, described, value) : std::nullopt, equal, out);
}

void View::AddEqual(const SegmentView& part, FieldId field, int64_t value, Roaring* out) const {
  const Segment& segment = part.segment();
  if (const Column* column = segment.column(field)) {
    if (std::optional<Code> code = column->FindCode(value)) column->Rows(*code).AddTo(out);
    return;
  }
  const IndexedField& described = segment.table().field(field);
  auto equal = [&](uint32_t row) {
    if (!described.repeated) return segment.Integer(field, row) == value;
    for (uint32_t i = 0; i < segment.ListSize(field, row); ++i) {
      if (segment.ListInteger(field, row, i) == value) return true;
    }
    return false;
  };
  AddRowsIf(part, PostedRows(part, described, value), equal, out);
}

std::vector<std::string> View::Referrers(
    std::string_view name, size_t limit, int64_t* total,
    const std::function<bool(RecordType, std::string_view)>& skip) const {
  std::vector<std::string> names;
  int64_t count = 0;
  const std::optional<RecordKey> target = ParseRecordName(name);
  if (total != nullptr) *total = 0;
  if (!target) return names;
  for (RecordType type : model::kAllRecordTypes) {
    const FieldTable& table = FieldTable::Of(type);
    std::vector<FieldId> fields;
    for (const IndexedField& field : table.fields()) {
      if (field.kind == FieldKind::kReference && field.target == target->type)
        fields.push_back(field.id);
    }
    if (fields.empty()) continue;
    for (const SegmentView& part : segments(type)) {
      Roaring rows;
      for (FieldId field : fields) AddEqual(part, field, name, &rows);
      if (rows.isEmpty()) continue;
      const AliveRows alive = part.alive();
      for (uint32_t row : rows) {
        if (!alive.Contains(row) || part.segment().deleted(row)) continue;
        if (skip && skip(type, part.segment().id(row))) continue;
        ++count;
        if (names.size() < limit) names.push_back(StrCat(NamePrefix(type), part.segment().id(row)));
        if (total == nullptr && names.size() >= limit) return names;
      }
    }
  }
  if (total != nullptr) *total = count;
  return names;
}

}  // namespace tandem::catalog
