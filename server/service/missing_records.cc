// SPDX-License-Identifier: Apache-2.0

#include "service/missing_records.h"

#include <utility>

#include "catalog/indexed_fields.h"
#include "model/canonical.h"
#include "model/status_macros.h"
#include "service/sync_match.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::service {
namespace {

using catalog::FieldTable;
using catalog::RowRef;
using catalog::SegmentView;
using model::RecordType;

v1::SourceId* FindEntry(std::string_view source, v1::Agency* agency) {
  for (v1::SourceId& known : *agency->mutable_source_ids()) {
    if (known.source() == source) return &known;
  }
  return nullptr;
}

// Whether an earlier sync of the source marked the agency in `row`.
bool IsMarked(const RowRef& row, std::string_view source) {
  static const FieldTable& table = FieldTable::Of(RecordType::kAgency);
  static const catalog::FieldId kSources = table.Find("source_ids.source")->id;
  static const catalog::FieldId kDates = table.Find("source_ids.not_seen_since_date")->id;
  const uint32_t size = row.segment->ListSize(kSources, row.row);
  for (uint32_t i = 0; i < size; ++i) {
    if (row.segment->ListText(kSources, row.row, i) == source) {
      return !row.segment->ListText(kDates, row.row, i).empty();
    }
  }
  return false;
}

}  // namespace

MissingRecords::MissingRecords(const SyncRun& run, std::shared_ptr<const catalog::View> view)
    : source_(run.source()), view_(std::move(view)) {
  const FieldTable& table = FieldTable::Of(RecordType::kAgency);
  const catalog::FieldId sources = table.Find("source_ids.source")->id;
  const catalog::FieldId merged_into = table.Find("merged_into")->id;
  for (const SegmentView& part : view_->segments(RecordType::kAgency)) {
    Roaring rows;
    view_->AddEqual(part, sources, source_, &rows);
    if (rows.isEmpty()) continue;
    const catalog::AliveRows alive = part.alive();
    for (uint32_t row : rows) {
      const RowRef ref{&part.segment(), row};
      if (!alive.Contains(row) || ref.deleted()) continue;
      // A merged record lives on in its survivor.
      if (!ref.segment->Text(merged_into, row).value_or("").empty()) continue;
      if (IsMarked(ref, source_)) continue;
      ++known_count_;
      if (!run.HasSeen(KnownAs(ref, source_))) missing_.push_back(ref);
    }
  }
}

absl::StatusOr<std::vector<catalog::PreparedRecord>> MissingRecords::PrepareNext(
    size_t limit, std::string_view today, DirectoryReader* reader) {
  std::vector<catalog::PreparedRecord> marks;
  last_ = next_;
  while (next_ < missing_.size() && marks.size() < limit) {
    ASSIGN_OR_RETURN(std::optional<catalog::PreparedRecord> mark,
                     Mark(missing_[next_].id(), today, reader));
    ++next_;
    if (mark) marks.push_back(*std::move(mark));
  }
  return marks;
}

absl::StatusOr<std::optional<catalog::PreparedRecord>> MissingRecords::Mark(
    std::string_view id, std::string_view today, DirectoryReader* reader) const {
  std::optional<RowRef> row = reader->view().Find(RecordType::kAgency, id);
  if (!row || row->deleted()) return std::nullopt;
  ASSIGN_OR_RETURN(const v1::Agency* stored, reader->ReadAs<v1::Agency>(RecordType::kAgency, id));
  auto agency = std::make_shared<v1::Agency>(*stored);
  model::ClearTail(agency.get());
  v1::SourceId* entry = FindEntry(source_, agency.get());
  if (entry == nullptr || !entry->not_seen_since_date().empty()) return std::nullopt;
  entry->set_not_seen_since_date(std::string(today));
  catalog::PreparedRecord record;
  record.type = RecordType::kAgency;
  record.id = std::string(id);
  record.kind = catalog::WriteKind::kUpdate;
  record.base_revision = row->revision();
  record.counted_as = catalog::ImportOutcome::kMissing;
  record.body = model::SerializeCanonical(*agency);
  record.message = std::move(agency);
  return record;
}

}  // namespace tandem::service
