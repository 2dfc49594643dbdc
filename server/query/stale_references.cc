// SPDX-License-Identifier: Apache-2.0

#include "query/stale_references.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "catalog/unit_validity.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/reference_day.h"
#include "model/status_macros.h"
#include "query/list_query.h"
#include "query/row_condition.h"
#include "query/segment_rows.h"

namespace tandem::query {
namespace {

using catalog::FieldTable;
using catalog::IndexedField;
using model::RecordType;

auto Key(const StaleReference& reference) {
  return std::tie(reference.unit, reference.record, reference.path);
}

// A reference that has to be to a valid unit, and who may see the records that have it.
struct Referring {
  RecordType type;
  const IndexedField* field;
  Condition visible;
};

std::vector<Referring> ReferringFields(const StaleQuery& query) {
  std::vector<Referring> fields;
  for (const model::ReferenceDayRow& row : model::ReferenceDays()) {
    const IndexedField* field = FieldTable::Of(row.type).Find(row.path);
    if (row.day != model::ReferenceDay::kToday || field->target != query.unit) continue;
    fields.push_back({row.type, field, ScopeCondition(query.scope, row.type)});
  }
  return fields;
}

// Names of the units that have ended, from `first` on, ascending.
std::vector<std::string> EndedUnits(const catalog::View& view, const StaleQuery& query,
                                    const std::string& first) {
  const catalog::UnitFields& fields = *catalog::UnitFields::Of(query.unit);
  std::vector<std::string> names;
  view.ForEach(query.unit, [&](const catalog::RowRef& row) {
    if (row.deleted()) return;
    if (!catalog::ValidityOf(fields, *row.segment, row.row).EndedBefore(query.day)) return;
    std::string name = StrCat(catalog::NamePrefix(query.unit), row.id());
    if (name >= first) names.push_back(std::move(name));
  });
  std::sort(names.begin(), names.end());
  return names;
}

void AddReferences(const catalog::View& view, const Referring& referring, const std::string& unit,
                   std::vector<StaleReference>* out) {
  const RowCondition visible(referring.visible, view);
  for (const catalog::SegmentView& part : view.segments(referring.type)) {
    Roaring rows;
    view.AddEqual(part, referring.field->id, unit, &rows);
    if (rows.isEmpty()) continue;
    const catalog::AliveRows alive = part.alive();
    for (uint32_t row : rows) {
      if (!alive.Contains(row) || part.segment().deleted(row)) continue;
      if (!visible.Fits(part.segment(), row)) continue;
      out->push_back({unit, StrCat(catalog::NamePrefix(referring.type), part.segment().id(row)),
                      referring.field->path});
    }
  }
}

// A position is the last reference: three texts.
Order PositionOrder(RecordType unit) {
  Order order;
  for (int i = 0; i < 3; ++i) {
    order.keys.push_back({FieldTable::Of(unit).Find("name"), false, std::nullopt});
  }
  return order;
}

}  // namespace

absl::StatusOr<StalePage> ListStaleReferences(const catalog::View& view, const PageTokens& tokens,
                                              const StaleQuery& query) {
  if (query.page_size < 0) return model::FieldsInvalid({{"page_size", "is negative"}});
  const size_t page_size = static_cast<size_t>(
      query.page_size == 0 ? kDefaultPageSize : std::min(query.page_size, kMaxPageSize));
  ListArguments arguments;
  arguments.collection = query.unit == RecordType::kRegion ? "staleRegions" : "staleCategories";
  arguments.as_of_date = query.day;
  StaleReference after;
  if (!query.page_token.empty()) {
    ASSIGN_OR_RETURN(PagePosition position,
                     tokens.Open(query.page_token, arguments, PositionOrder(query.unit)));
    after = {std::get<std::string>(position.last[0]), std::get<std::string>(position.last[1]),
             std::get<std::string>(position.last[2])};
  }
  const std::vector<Referring> fields = ReferringFields(query);
  StopCheck stop(query.deadline, nullptr);
  StalePage page;
  for (const std::string& unit : EndedUnits(view, query, after.unit)) {
    if (!stop.Check()) return stop.status();
    std::vector<StaleReference> found;
    for (const Referring& referring : fields) AddReferences(view, referring, unit, &found);
    std::sort(found.begin(), found.end(),
              [](const StaleReference& a, const StaleReference& b) { return Key(a) < Key(b); });
    for (StaleReference& reference : found) {
      if (Key(reference) <= Key(after)) continue;
      if (page.references.size() == page_size) {
        const StaleReference& last = page.references.back();
        page.next_page_token =
            tokens.Seal(arguments, {{last.unit, last.record, last.path}, view.revision()});
        return page;
      }
      page.references.push_back(std::move(reference));
    }
  }
  return page;
}

}  // namespace tandem::query
