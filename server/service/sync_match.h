// SPDX-License-Identifier: Apache-2.0

// Which agency a row of a sync means: the one the source knows by that id, else the one that holds
// a verified identifier of the row, else the one the row names. Reads columns only, no record.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/view.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::service {

// The row's id at the source: its entry of `source_ids` for it, else the last part of its name;
// empty when it has neither.
std::string SourceIdOf(const v1::Agency& row, std::string_view source);

// The agency that `source` knows as `id`, deleted ones included, the live and not merged one first.
std::optional<catalog::RowRef> FindBySourceId(const catalog::View& view, std::string_view source,
                                              std::string_view id);

// The id that `source` knows the agency in `row` by; empty when it does not.
std::string KnownAs(const catalog::RowRef& row, std::string_view source);

// The agency a row means, after merges; nullopt: none yet. IDENTIFIER_TAKEN when its identifiers
// belong to several.
absl::StatusOr<std::optional<catalog::RowRef>> FindMeant(const catalog::View& view,
                                                         const v1::Agency& row,
                                                         std::string_view source,
                                                         std::string_view source_id);

// The id of a new agency: the one the row names, else made of the source's id and the record's id
// there, the same for every sync of it.
absl::StatusOr<std::string> IdOfNew(const v1::Agency& row, std::string_view source,
                                    std::string_view source_id);

}  // namespace tandem::service
