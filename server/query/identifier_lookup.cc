// SPDX-License-Identifier: Apache-2.0

#include "query/identifier_lookup.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "query/condition.h"
#include "query/segment_rows.h"

namespace tandem::query {
namespace {

using model::RecordType;

// Whether the row has the number, and if so whether verified.
std::optional<bool> HasIdentifier(const catalog::Segment& segment, uint32_t row,
                                  std::string_view scheme, std::string_view value) {
  const catalog::FieldTable& table = segment.table();
  const catalog::FieldId schemes = table.identifier_scheme()->id;
  const catalog::FieldId values = table.identifier_value()->id;
  for (uint32_t i = 0; i < segment.ListSize(values, row); ++i) {
    if (segment.ListText(values, row, i) != value || segment.ListText(schemes, row, i) != scheme) {
      continue;
    }
    return segment.ListInteger(table.identifier_verified()->id, row, i) != 0;
  }
  return std::nullopt;
}

}  // namespace

std::vector<IdentifierHolder> FindIdentifier(const catalog::View& view, std::string_view scheme,
                                             std::string_view value, const Scope& scope,
                                             size_t limit) {
  Condition all = ScopeCondition(scope, RecordType::kAgency);
  Condition has;
  has.kind = Condition::Kind::kText;
  has.field = catalog::FieldTable::Of(RecordType::kAgency).identifier_value();
  has.pattern.text = value;
  all.children.push_back(std::move(has));
  std::vector<IdentifierHolder> holders;
  auto before = [](const IdentifierHolder& a, const IdentifierHolder& b) {
    return a.verified != b.verified ? a.verified : a.row.id() < b.row.id();
  };
  for (const catalog::SegmentView& part : view.segments(RecordType::kAgency)) {
    const SegmentRows rows(all, view, part, /*show_deleted=*/true);
    rows.ForEach([&](uint32_t row) {
      const catalog::Segment& segment = part.segment();
      const std::optional<bool> verified = HasIdentifier(segment, row, scheme, value);
      if (!verified || (!*verified && segment.deleted(row))) return true;
      holders.push_back({{&segment, row}, *verified});
      std::push_heap(holders.begin(), holders.end(), before);
      if (holders.size() <= limit) return true;
      // The last one goes.
      std::pop_heap(holders.begin(), holders.end(), before);
      holders.pop_back();
      return true;
    });
  }
  std::sort_heap(holders.begin(), holders.end(), before);
  return holders;
}

}  // namespace tandem::query
