// SPDX-License-Identifier: Apache-2.0

// Answers list queries from a view: checks the arguments, plans each segment, and fills a page
// either by sorting the few records that fit or by walking the sorted columns until the page is
// full, whichever looks at fewer rows. The scope is part of every plan.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/view.h"
#include "query/condition.h"
#include "query/list_query.h"
#include "query/page_token.h"

namespace tandem::query {

// What a query did, for tests and benchmarks.
struct ListStats {
  // The page came from walking sorted columns; otherwise the matches were sorted.
  bool walked = false;
  // A walk was given up for sorting.
  bool gave_up_walk = false;
  // Rows the plans expected to fit at most.
  uint64_t bound = 0;
};

// Everything a record must meet on `view`: filter, scope, parent, and that it was not merged, as
// one flat list, so that a plan starts from its rarest part. FIELD_INVALID (parent),
// FILTER_INVALID.
absl::StatusOr<Condition> WholeCondition(const catalog::View& view, const ListQuery& query);

// One page of `query` on `view`. FIELD_INVALID (page_size, parent), FILTER_INVALID, ORDER_INVALID,
// PAGE_TOKEN_INVALID, PAGE_TOKEN_MISMATCH, DEADLINE_EXCEEDED or CANCELLED. Any number of threads.
// `stats` may be null.
absl::StatusOr<ListPage> List(const catalog::View& view, const PageTokens& tokens,
                              const ListQuery& query, ListStats* stats = nullptr);

// Visits every record that `query` selects (its order and page are not looked at), in no useful
// order, until `visit` returns false. For exports, counts and runs. The same errors as List.
absl::Status ForEachMatch(const catalog::View& view, const ListQuery& query,
                          const std::function<bool(const catalog::RowRef&)>& visit);

}  // namespace tandem::query
