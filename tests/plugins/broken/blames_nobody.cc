// SPDX-License-Identifier: Apache-2.0

// Calls a problem infeasible because of a group that does not exist.
#include "broken_plugin.hpp"

BROKEN_SOLVER("broken-blames-nobody", {
  out->violated_group = problem->n_groups;
  out->units_short = 1;
  return TANDEM_INFEASIBLE;
})
