// SPDX-License-Identifier: Apache-2.0

#include "catalog/merged_names.h"

#include "model/absl_strings.h"

namespace tandem::catalog {

using model::RecordType;

std::optional<std::string_view> SurvivorOf(const RowRef& row) {
  const IndexedField* merged_into = row.segment->table().merged_into();
  if (merged_into == nullptr) return std::nullopt;
  return row.segment->Text(merged_into->id, row.row);
}

RowRef ResolveMerged(const View& view, const RowRef& row) {
  const std::optional<std::string_view> survivor = SurvivorOf(row);
  if (!survivor) return row;
  return view.FindName(*survivor).value_or(row);
}

std::vector<std::string> MergedInto(const View& view, RecordType type, std::string_view name) {
  std::vector<std::string> names;
  const IndexedField* merged_into = FieldTable::Of(type).merged_into();
  if (merged_into == nullptr) return names;
  for (const SegmentView& part : view.segments(type)) {
    Roaring rows;
    view.AddEqual(part, merged_into->id, name, &rows);
    if (rows.isEmpty()) continue;
    const AliveRows alive = part.alive();
    for (uint32_t row : rows) {
      if (alive.Contains(row)) names.push_back(StrCat(NamePrefix(type), part.segment().id(row)));
    }
  }
  return names;
}

std::vector<std::string> NamesOfSame(const View& view, RecordType type, std::string_view name) {
  std::vector<std::string> names(1, std::string(name));
  if (const std::optional<RowRef> row = view.FindName(name)) {
    if (const std::optional<std::string_view> survivor = SurvivorOf(*row)) names[0] = *survivor;
  }
  std::vector<std::string> merged = MergedInto(view, type, names[0]);
  names.insert(names.end(), merged.begin(), merged.end());
  return names;
}

}  // namespace tandem::catalog
