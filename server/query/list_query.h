// SPDX-License-Identifier: Apache-2.0

// The question a List asks and the answer it gets: positions of records, not their bytes. The
// services turn requests into a ListQuery, the executor answers it, and the services read each
// row's stored bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "catalog/view.h"
#include "model/record_type.h"
#include "query/scope.h"

namespace tandem::query {

inline constexpr int32_t kDefaultPageSize = 50;
inline constexpr int32_t kMaxPageSize = 1000;

// One List request.
struct ListQuery {
  model::RecordType type = model::RecordType::kAgency;
  // Empty for top-level collections; "agencies/{id}" or "agencies/-" for contacts.
  std::string parent;
  std::string filter;
  std::string order_by;
  // 0 means kDefaultPageSize, above kMaxPageSize means kMaxPageSize, negative is refused.
  int32_t page_size = 0;
  std::string page_token;
  bool show_deleted = false;
  // Only records that are valid on this day; empty: whenever they are. Refused for types whose
  // records have no validity.
  std::string as_of_date;
  // What the caller may see; ANDed into the plan and no part of the page token.
  Scope scope;
  // When the caller stops waiting.
  absl::Time deadline = absl::InfiniteFuture();
  // Set by anybody to stop early; may be null. Must outlive the call.
  const std::atomic<bool>* cancelled = nullptr;
};

// One record of a page.
struct ListRow {
  std::string id;
  // The version to read from the log.
  store::Revision revision = 0;
};

// One page.
struct ListPage {
  std::vector<ListRow> rows;
  // Empty on the last page.
  std::string next_page_token;
  // The revision the page was read at.
  store::Revision revision = 0;
};

}  // namespace tandem::query
