// SPDX-License-Identifier: Apache-2.0

// The report of references to units that have ended: which record, which field, which unit. Only
// references that speak of the present are in it (model/reference_day.h). Costs grow with the units
// that have ended and what refers to them, not with the directory.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/view.h"
#include "model/record_type.h"
#include "query/page_token.h"
#include "query/scope.h"

namespace tandem::query {

struct StaleQuery {
  // kRegion or kServiceCategory.
  model::RecordType unit = model::RecordType::kRegion;
  // The day by which units have ended, YYYY-MM-DD.
  std::string day;
  // As in ListQuery.
  int32_t page_size = 0;
  std::string page_token;
  Scope scope;
  absl::Time deadline = absl::InfiniteFuture();
};

struct StaleReference {
  std::string unit;
  std::string record;
  std::string path;
};

struct StalePage {
  // By unit, record and path.
  std::vector<StaleReference> references;
  // Empty on the last page.
  std::string next_page_token;
};

// FIELD_INVALID (page_size), PAGE_TOKEN_INVALID, PAGE_TOKEN_MISMATCH, DEADLINE_EXCEEDED. Any number
// of threads.
absl::StatusOr<StalePage> ListStaleReferences(const catalog::View& view, const PageTokens& tokens,
                                              const StaleQuery& query);

}  // namespace tandem::query
