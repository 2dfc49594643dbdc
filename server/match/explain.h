// SPDX-License-Identifier: Apache-2.0

// Why the plan is as it is: the pairs with their parts and facts, and for every need and offer what
// became of it. Dropped partners are counted under the first reason that applied, so that with the
// candidates they add up to the whole other side.
#pragma once

#include "match/run_state.h"

namespace tandem::match {

// Fills matches, outcomes, counts, reasons, corridor and reserve use of a run with a plan.
void ExplainRun(RunState* run);

}  // namespace tandem::match
