// SPDX-License-Identifier: Apache-2.0

#include "query/executor.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "query/filter_check.h"
#include "query/merged_records.h"
#include "query/order_by.h"
#include "query/page_filler.h"
#include "query/segment_rows.h"
#include "query/valid_on.h"

namespace tandem::query {
namespace {

// `parent` as a condition: children lie below a record, or below any; everything else at the top.
absl::Status AddParent(const ListQuery& query, Condition* all) {
  ASSIGN_OR_RETURN(const std::string parent, model::ParseListParent(query.type, query.parent));
  if (parent.empty()) return absl::OkStatus();
  Condition below;
  below.kind = Condition::Kind::kText;
  below.field = catalog::FieldTable::Of(query.type).child_of();
  below.pattern.text = query.parent;
  all->children.push_back(std::move(below));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Condition> WholeCondition(const catalog::View& view, const ListQuery& query) {
  Condition all;
  if (!query.as_of_date.empty()) {
    RETURN_IF_ERROR(CheckAsOfDate(query.type, query.as_of_date));
    all.children.push_back(ValidOnCondition(query.type, query.as_of_date));
  }
  ASSIGN_OR_RETURN(Condition filter, CompileFilter(query.filter, query.type));
  all.children.push_back(std::move(filter));
  all.children.push_back(ScopeCondition(query.scope, query.type));
  RETURN_IF_ERROR(AddParent(query, &all));
  WidenMergedReferences(view, &all);
  LeaveOutMerged(query, &all);
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

absl::StatusOr<ListPage> List(const catalog::View& view, const PageTokens& tokens,
                              const ListQuery& query, ListStats* stats) {
  if (query.page_size < 0) {
    return model::FieldsInvalid({{"page_size", "must not be negative"}});
  }
  const int32_t page_size =
      query.page_size == 0 ? kDefaultPageSize : std::min(query.page_size, kMaxPageSize);
  ASSIGN_OR_RETURN(const Condition condition, WholeCondition(view, query));
  ASSIGN_OR_RETURN(const Order order, ParseOrderBy(query.order_by, query.type));
  const ListArguments arguments{model::CollectionOf(query.type),
                                query.parent,
                                query.filter,
                                query.order_by,
                                query.show_deleted,
                                query.as_of_date};
  PagePosition position;
  if (!query.page_token.empty()) {
    ASSIGN_OR_RETURN(position, tokens.Open(query.page_token, arguments, order));
  }
  // One more than the page takes tells whether another page follows.
  const size_t wanted = static_cast<size_t>(page_size) + 1;
  PageFiller filler(view, query.type, condition, order, query.show_deleted,
                    query.page_token.empty() ? nullptr : &position.last, wanted,
                    StopCheck(query.deadline, query.cancelled));
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
  ASSIGN_OR_RETURN(const Condition condition, WholeCondition(view, query));
  StopCheck stop(query.deadline, query.cancelled);
  if (!stop.Check()) return stop.status();
  for (const catalog::SegmentView& part : view.segments(query.type)) {
    const SegmentRows rows(condition, view, part, query.show_deleted);
    const bool finished = rows.ForEach([&](uint32_t row) {
      return visit(catalog::RowRef{&part.segment(), row}) && stop.Step();
    });
    if (!finished) return stop.status();
  }
  return absl::OkStatus();
}

}  // namespace tandem::query
