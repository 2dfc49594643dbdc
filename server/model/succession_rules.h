// SPDX-License-Identifier: Apache-2.0

// The rules of successors that regions and categories share, as far as the unit alone shows them.
// What the successors themselves must be is the committer's.
#pragma once

#include <string_view>
#include <vector>

#include "model/record_rules.h"
#include "tandem/v1/succession.pb.h"

namespace tandem::model {

// One successor of a unit. Views into the record.
struct SuccessorPart {
  std::string_view unit;
  int32_t share_permille = 0;
  v1::SuccessionKind kind = v1::SUCCESSION_KIND_UNSPECIFIED;
};

// Adds what is wrong with the `successors` of the unit `name`, whose last day is `valid_to_date`.
// `unit_field` is the field of a successor that names it: "region".
void CheckSuccessors(std::string_view name, std::string_view valid_to_date,
                     std::string_view unit_field, const std::vector<SuccessorPart>& successors,
                     RuleFindings* findings);

}  // namespace tandem::model
