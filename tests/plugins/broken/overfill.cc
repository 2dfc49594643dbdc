// SPDX-License-Identifier: Apache-2.0

// Gives one offer more units than it has.
#include "broken_plugin.hpp"

BROKEN_SOLVER("broken-overfill", {
  out->units[0] += problem->offer_units[problem->pairs->offer[out->pair[0]]];
  out->objective +=
      problem->score[out->pair[0]] * problem->offer_units[problem->pairs->offer[out->pair[0]]];
})
