// SPDX-License-Identifier: Apache-2.0

// A stretch of changes for one caller: whole revisions, from memory where they are there, from the
// log where not. What a message of a watch and a page of a list of changes are made of.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/catalog.h"
#include "grpcpp/support/slice.h"
#include "service/change_hub.h"
#include "service/change_selection.h"

namespace tandem::service {

// The next change to look at.
struct ChangePosition {
  store::Revision revision = 0;
  // Changes of it that were handed out already; not 0 only inside a revision larger than a page.
  size_t offset = 0;
};

// What a page holds at most. A first change is taken whatever its size.
struct ChangePageLimits {
  size_t bytes = 0;
  size_t events = 0;
  // Revisions looked at, so that a narrow filter on a long history is no endless call.
  size_t revisions = 0;
};

struct ChangePage {
  // Elements of `events`.
  std::vector<grpc::Slice> events;
  // Where the next page begins. Everything before next.revision was looked at.
  ChangePosition next;
  // Nothing newer was published.
  bool at_end = false;

  // The last revision has more changes.
  bool continued() const { return next.offset != 0; }
  // Everything up to here was handed out.
  store::Revision revision() const { return next.revision - 1; }
};

// Reads on from `from`. Errors only when the page would be empty: REVISION_COMPACTED,
// RECORD_CORRUPT. With source->may_block false it stops at what lies on disk; source->missed tells
// when that made the page empty. Trees are the newest ones.
absl::StatusOr<ChangePage> ReadChangePage(const ChangeHub& hub, const ChangeSelection& selection,
                                          const catalog::Catalog& catalog, ChangePosition from,
                                          const ChangePageLimits& limits, VersionSource* source);

}  // namespace tandem::service
