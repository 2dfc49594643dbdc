// SPDX-License-Identifier: Apache-2.0

// Gathers the columns that plugins read (columns.h) from a snapshot into the tables they get. A
// column is made when a run first asks for it and shared by every later run of the snapshot.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "match/columns.h"
#include "match/round_snapshot.h"
#include "plugin/column_set.h"
#include "plugin/manifest.h"

namespace tandem::match {

// The two tables of a problem.
struct ProblemTables {
  std::shared_ptr<const plugin::ColumnSet> needs;
  std::shared_ptr<const plugin::ColumnSet> offers;
};

// Thread-safe.
class ColumnGather {
 public:
  explicit ColumnGather(std::shared_ptr<const RoundSnapshot> snapshot);

  // One column. FIELD_INVALID when the server offers none of that name; LIMIT_EXCEEDED.
  absl::StatusOr<plugin::Column::Ptr> Get(ColumnTable table, std::string_view name);
  // Tables with every column one of the manifests reads. PLUGIN_REFUSED naming plugin and column
  // when the server does not offer it, or offers it with another type.
  absl::StatusOr<ProblemTables> TablesFor(const std::vector<const plugin::Manifest*>& manifests);

 private:
  absl::StatusOr<plugin::Column::Ptr> Make(const ColumnSpec& spec);
  absl::StatusOr<plugin::Column::Ptr> MakeNeeds(const ColumnSpec& spec);
  absl::StatusOr<plugin::Column::Ptr> MakeOffers(const ColumnSpec& spec);
  // The dictionary of codes; built once.
  const std::vector<std::string>& DictionaryOf(ColumnValues values);

  template <typename Cell>
  absl::StatusOr<plugin::Column::Ptr> Numbers(size_t rows, Cell&& cell);
  template <typename Cell>
  absl::StatusOr<plugin::Column::Ptr> Codes(const ColumnSpec& spec, size_t rows, Cell&& cell);
  template <typename Cell>
  absl::StatusOr<plugin::Column::Ptr> Lists(const ColumnSpec& spec, size_t rows, Cell&& cell);

  const std::shared_ptr<const RoundSnapshot> snapshot_;
  const RoundSnapshot& s_;
  absl::Mutex mu_;
  absl::flat_hash_map<std::string, plugin::Column::Ptr> columns_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<int, std::unique_ptr<const std::vector<std::string>>> dictionaries_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace tandem::match
