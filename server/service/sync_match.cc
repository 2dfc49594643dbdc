// SPDX-License-Identifier: Apache-2.0

#include "service/sync_match.h"

#include <openssl/sha.h>

#include "catalog/indexed_fields.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"

namespace tandem::service {
namespace {

using catalog::FieldTable;
using catalog::IndexedField;
using catalog::RowRef;
using catalog::SegmentView;
using model::RecordType;

// Merges are compressed to one step; this only bounds a damaged chain.
constexpr int kMaxMergeSteps = 32;

const FieldTable& Agencies() { return FieldTable::Of(RecordType::kAgency); }

std::string_view MergedInto(const RowRef& row) {
  return row.segment->Text(Agencies().Find("merged_into")->id, row.row).value_or("");
}

// Calls visit(row) for each current agency whose list `field` contains `value`.
template <typename Visitor>
void ForEachWith(const catalog::View& view, const IndexedField& field, std::string_view value,
                 Visitor visit) {
  for (const SegmentView& part : view.segments(RecordType::kAgency)) {
    Roaring rows;
    view.AddEqual(part, field.id, value, &rows);
    if (rows.isEmpty()) continue;
    const catalog::AliveRows alive = part.alive();
    for (uint32_t row : rows) {
      if (alive.Contains(row)) visit(RowRef{&part.segment(), row});
    }
  }
}

std::optional<RowRef> FindByIdentifier(const catalog::View& view, std::string_view scheme,
                                       std::string_view value) {
  std::optional<RowRef> found;
  const catalog::FieldId schemes = Agencies().identifier_scheme()->id;
  const catalog::FieldId flags = Agencies().identifier_verified()->id;
  const IndexedField& values = *Agencies().identifier_value();
  ForEachWith(view, values, value, [&](const RowRef& row) {
    for (uint32_t i = 0; i < row.segment->ListSize(values.id, row.row); ++i) {
      if (row.segment->ListText(values.id, row.row, i) == value &&
          row.segment->ListText(schemes, row.row, i) == scheme &&
          row.segment->ListInteger(flags, row.row, i) != 0) {
        found = row;
      }
    }
  });
  return found;
}

// The record the agency was merged into at last; itself when it was not.
RowRef Survivor(const catalog::View& view, RowRef row) {
  for (int step = 0; step < kMaxMergeSteps; ++step) {
    const std::string_view into = MergedInto(row);
    if (into.empty()) break;
    std::optional<RowRef> next = view.FindName(into);
    if (!next) break;
    row = *next;
  }
  return row;
}

}  // namespace

std::string SourceIdOf(const v1::Agency& row, std::string_view source) {
  for (const v1::SourceId& known : row.source_ids()) {
    if (known.source() == source) return known.id();
  }
  const std::string& name = row.name();
  return name.substr(name.rfind('/') + 1);
}

std::optional<RowRef> FindBySourceId(const catalog::View& view, std::string_view source,
                                     std::string_view id) {
  std::optional<RowRef> found;
  auto worth = [](const RowRef& row) {
    return (row.deleted() ? 0 : 2) + (MergedInto(row).empty() ? 1 : 0);
  };
  ForEachWith(view, *Agencies().Find("source_ids.id"), id, [&](const RowRef& row) {
    if (KnownAs(row, source) != id) return;
    if (!found || worth(row) > worth(*found)) found = row;
  });
  return found;
}

std::string KnownAs(const RowRef& row, std::string_view source) {
  static const catalog::FieldId kSources = Agencies().Find("source_ids.source")->id;
  static const catalog::FieldId kIds = Agencies().Find("source_ids.id")->id;
  const uint32_t size = row.segment->ListSize(kSources, row.row);
  for (uint32_t i = 0; i < size; ++i) {
    if (row.segment->ListText(kSources, row.row, i) == source) {
      return std::string(row.segment->ListText(kIds, row.row, i));
    }
  }
  return "";
}

absl::StatusOr<std::optional<RowRef>> FindMeant(const catalog::View& view, const v1::Agency& row,
                                                std::string_view source,
                                                std::string_view source_id) {
  if (std::optional<RowRef> known = FindBySourceId(view, source, source_id)) {
    return std::optional<RowRef>(Survivor(view, *known));
  }
  std::optional<RowRef> holder;
  for (const v1::Identifier& identifier : row.identifiers()) {
    std::optional<RowRef> found = FindByIdentifier(view, identifier.scheme(), identifier.value());
    if (!found) continue;
    const RowRef survivor = Survivor(view, *found);
    if (holder && holder->id() != survivor.id()) {
      const std::string first = model::FormatName(RecordType::kAgency, holder->id());
      const std::string second = model::FormatName(RecordType::kAgency, survivor.id());
      return model::ResourceError(
          model::Reason::kIdentifierTaken, model::CollectionOf(RecordType::kAgency), second,
          StrCat("the identifiers belong to ", first, " and to ", second,
                 "; merge them or mend the row"),
          {{"holder", second}, {"scheme", identifier.scheme()}, {"value", identifier.value()}});
    }
    holder = survivor;
  }
  if (holder || row.name().empty()) return holder;
  ASSIGN_OR_RETURN(std::string id, model::ParseNameOf(RecordType::kAgency, row.name()));
  std::optional<RowRef> named = view.Find(RecordType::kAgency, id);
  if (named) named = Survivor(view, *named);
  return named;
}

absl::StatusOr<std::string> IdOfNew(const v1::Agency& row, std::string_view source,
                                    std::string_view source_id) {
  if (!row.name().empty()) return model::ParseNameOf(RecordType::kAgency, row.name());
  ASSIGN_OR_RETURN(std::string id, model::ParseNameOf(RecordType::kSource, source));
  id += '-';
  bool exact = true;
  for (char c : source_id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    const bool upper = c >= 'A' && c <= 'Z';
    if (plain || upper) id += upper ? static_cast<char>(c - 'A' + 'a') : c;
    exact = exact && plain;
  }
  if (exact && model::IsResourceId(id)) return id;
  // Ids that differ in what is left out must stay apart.
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(source_id.data()), source_id.size(), digest);
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
  constexpr size_t kHashLength = 12;
  id.resize(std::min(id.size(), model::kMaxIdLength - kHashLength - 1));
  id += '-';
  for (size_t i = 0; i < kHashLength; ++i) id += kDigits[digest[i] % kDigits.size()];
  return id;
}

}  // namespace tandem::service
