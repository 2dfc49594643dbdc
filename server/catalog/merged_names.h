// SPDX-License-Identifier: Apache-2.0

// Names that records had before they were merged. The committer keeps every merged record one step
// from its survivor, so nothing here follows a chain.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/view.h"
#include "model/record_type.h"

namespace tandem::catalog {

// The name of the record that `row` was merged into; nullopt for one that stands for itself. Valid
// as long as the view.
std::optional<std::string_view> SurvivorOf(const RowRef& row);

// The record that `row` stands for: itself, or the one it was merged into.
RowRef ResolveMerged(const View& view, const RowRef& row);

// The names of the records that were merged into `name`, in no useful order.
std::vector<std::string> MergedInto(const View& view, model::RecordType type,
                                    std::string_view name);

// Every name that stands for the same record as `name`, the survivor's first; `name` alone when it
// was never merged or does not exist.
std::vector<std::string> NamesOfSame(const View& view, model::RecordType type,
                                     std::string_view name);

}  // namespace tandem::catalog
