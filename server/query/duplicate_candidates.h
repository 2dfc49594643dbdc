// SPDX-License-Identifier: Apache-2.0

// Which records are worth comparing with one when looking for duplicates: found by registration
// number and by the rarest parts of its names, never by going through the directory. The weighing
// (duplicate_weights.h) decides what they are.
#pragma once

#include <vector>

#include "catalog/view.h"
#include "query/scope.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::query {

// Most candidates of one record: those with its numbers and its very name, then those that share
// most of the rare parts of its names.
inline constexpr size_t kMaxDuplicateCandidates = 100;
// Rows looked at for the parts of names. Parts that are commoner than what is left of this are not
// followed: they tell little.
inline constexpr size_t kMaxDuplicateRows = 4096;
// Names and numbers of a record that are looked at.
inline constexpr int kMaxDuplicateNames = 20;

// Live, unmerged agencies in `scope` that may be the same body as `subject`; never the record of
// the subject's own name. The most promising first. Valid as long as the view.
std::vector<catalog::RowRef> FindDuplicateCandidates(const catalog::View& view,
                                                     const v1::Agency& subject, const Scope& scope);

}  // namespace tandem::query
