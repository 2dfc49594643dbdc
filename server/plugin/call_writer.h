// SPDX-License-Identifier: Apache-2.0

// Lays a call's descriptor out in the call segment that a host maps read-only: first measured, then
// written.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "host/host_wire.h"
#include "plugin/manifest.h"
#include "plugin/problem.h"

namespace tandem::plugin {

// A column as the plugin will see it.
struct ExposedColumn {
  std::string_view name;
  Column::Ptr column;
};

// The columns of `table` that `reads` names, in that order; every column when `all`. PLUGIN_REFUSED
// when a column has another type than the manifest says.
absl::StatusOr<std::vector<ExposedColumn>> ExposeColumns(const ColumnSet& table,
                                                         const std::vector<ReadColumn>& reads,
                                                         bool all);

// Measures on construction, writes on Write. Borrows everything.
class CallWriter {
 public:
  CallWriter(const Problem& problem, const AssignTerms* terms, std::vector<ExposedColumn> needs,
             std::vector<ExposedColumn> offers);
  // Bytes the call segment needs.
  uint64_t bytes() const { return end_; }
  // Fills `to`, at least bytes() large. `circumstances` holds what the problem does not: stage,
  // ids, deadline, seed, out_segment.
  void Write(const wire::CallHeader& circumstances, char* to) const;
  const std::vector<ExposedColumn>& need_columns() const { return needs_; }
  const std::vector<ExposedColumn>& offer_columns() const { return offers_; }

 private:
  uint64_t Place(uint64_t bytes);
  void WriteColumns(const std::vector<ExposedColumn>& columns, uint64_t refs_at, uint64_t names_at,
                    char* to) const;

  const Problem& problem_;
  const AssignTerms* terms_;
  std::vector<ExposedColumn> needs_, offers_;
  wire::CallHeader at_{};  // offsets and counts only
  uint64_t need_names_at_ = 0, offer_names_at_ = 0;
  std::vector<uint64_t> members_at_;
  uint64_t end_ = 0;
};

}  // namespace tandem::plugin
