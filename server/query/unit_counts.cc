// SPDX-License-Identifier: Apache-2.0

#include "query/unit_counts.h"

#include "catalog/text_hash.h"
#include "model/status_macros.h"
#include "query/executor.h"
#include "query/name_list.h"
#include "query/succession.h"

namespace tandem::query {
namespace {

using catalog::FieldTable;
using catalog::IndexedField;
using catalog::RowRef;
using model::RecordType;

constexpr UnitPlacement kPlacements[] = {
    {RecordType::kRegion, "agencies", RecordType::kAgency, "home_region", ""},
    {RecordType::kRegion, "needs", RecordType::kNeed, "region", ""},
    {RecordType::kRegion, "offers", RecordType::kOffer, "home_region", "agency"},
    {RecordType::kRegion, "pairings", RecordType::kPairing, "receiving_region", ""},
    {RecordType::kServiceCategory, "agencies", RecordType::kAgency, "categories.category", ""},
    {RecordType::kServiceCategory, "needs", RecordType::kNeed, "category", ""},
    {RecordType::kServiceCategory, "offers", RecordType::kOffer, "categories", ""},
    {RecordType::kServiceCategory, "pairings", RecordType::kPairing, "category", ""},
};

// Calls visit(name) for each text of the field; for none, once with an empty name.
template <typename Visitor>
void ForEachUnit(const IndexedField& field, const RowRef& row, Visitor&& visit) {
  if (!field.repeated) {
    visit(row.segment->Text(field.id, row.row).value_or(std::string_view()));
    return;
  }
  const uint32_t size = row.segment->ListSize(field.id, row.row);
  for (uint32_t i = 0; i < size; ++i) visit(row.segment->ListText(field.id, row.row, i));
  if (size == 0) visit(std::string_view());
}

// The nearest unit of the level, from `name` upwards; empty when there is none.
std::string AtLevel(const catalog::View& view, RecordType type, const std::string& name,
                    int64_t level) {
  const IndexedField& field = *FieldTable::Of(type).Find("level");
  for (std::string_view at : view.tree(type).AncestorsOrSelf(name)) {
    const std::optional<RowRef> row = view.FindName(at);
    if (row && row->segment->Integer(field.id, row->row) == level) return std::string(at);
  }
  return "";
}

}  // namespace

const UnitPlacement* FindPlacement(RecordType unit, std::string_view collection) {
  for (const UnitPlacement& placement : kPlacements) {
    if (placement.unit == unit && placement.collection == collection) return &placement;
  }
  return nullptr;
}

std::string CountedCollections(RecordType unit) {
  std::vector<std::string_view> names;
  for (const UnitPlacement& placement : kPlacements) {
    if (placement.unit == unit) names.push_back(placement.collection);
  }
  return JoinNames(names);
}

absl::StatusOr<UnitCounts> CountAtUnits(const catalog::View& view, const UnitPlacement& placement,
                                        const ListQuery& query, const std::string& day,
                                        std::optional<int64_t> level) {
  const FieldTable& table = FieldTable::Of(placement.counted);
  const IndexedField* through = placement.through.empty() ? nullptr : table.Find(placement.through);
  const FieldTable& holder = through == nullptr ? table : FieldTable::Of(*through->target);
  const IndexedField& field = *holder.Find(placement.path);
  UnitCounts counts;
  catalog::TextMap<int64_t> direct;
  auto add = [&](std::string_view name) {
    ++counts.total;
    if (name.empty()) {
      ++counts.unplaced;
    } else if (auto it = direct.find(name); it != direct.end()) {
      ++it->second;
    } else {
      direct.emplace(name, 1);
    }
  };
  RETURN_IF_ERROR(ForEachMatch(view, query, [&](const RowRef& row) {
    if (through == nullptr) {
      ForEachUnit(field, row, add);
      return true;
    }
    const auto name = row.segment->Text(through->id, row.row).value_or(std::string_view());
    if (const std::optional<RowRef> held = view.FindName(name)) {
      ForEachUnit(field, *held, add);
    } else {
      add(std::string_view());
    }
    return true;
  }));
  const CarriedAmounts carried =
      Succession(view, placement.unit, day).Carry(UnitAmounts(direct.begin(), direct.end()));
  counts.unplaced += carried.unresolved;
  std::map<std::string, UnitCount> rows;
  for (const auto& [unit, amount] : carried.units) {
    const std::string at = level ? AtLevel(view, placement.unit, unit, *level) : unit;
    counts.carried += amount.carried;
    if (at.empty()) {
      counts.unplaced += amount.all;
      continue;
    }
    UnitCount& row = rows[at];
    row.unit = at;
    row.count += amount.all;
    row.carried += amount.carried;
  }
  for (auto& [name, row] : rows) counts.units.push_back(std::move(row));
  return counts;
}

}  // namespace tandem::query
