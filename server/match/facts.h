// SPDX-License-Identifier: Apache-2.0

// What speaks for a pair, in words: facts read from the snapshot, not from any score, so that they
// are the same whatever scorers a profile uses.
#pragma once

#include <vector>

#include "match/assign_problem.h"
#include "match/round_snapshot.h"
#include "tandem/v1/match_run.pb.h"

namespace tandem::match {

// Facts that speak for the pair, most weighty first; codes as MatchFact has them: KEPT_PAIRING,
// SAME_FIELD, BROADER_FIELD, MAPPED_FIELD, SKILLED, SAME_TARGET_GROUP, HIGH_GRADE, LANGUAGE_SPOKEN,
// ETHNIC_AREA_EXPERIENCE, ADAPTED_METHOD, SAME_PARTNER, SAME_REGION_BEFORE, PREFERRED_BY_COUNTY,
// PREFERRED_BY_AGENCY, LOCAL_PARTNER, SAME_PROVINCE.
std::vector<v1::MatchFact> FactsOf(const RoundSnapshot& snapshot, const PlanPair& pair);

}  // namespace tandem::match
