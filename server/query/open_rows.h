// SPDX-License-Identifier: Apache-2.0

// Which rows of a segment that still takes rows can fit a condition, as far as its postings tell.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "catalog/view.h"
#include "query/condition.h"

namespace tandem::query {

// Rows of `part` among which are all that fit `condition`, each once, in no useful order; nullopt
// when the postings can't tell. For single comparisons; sealed segments have columns instead.
std::optional<std::vector<uint16_t>> FindOpenRows(const Condition& condition,
                                                  const catalog::View& view,
                                                  const catalog::SegmentView& part);

}  // namespace tandem::query
