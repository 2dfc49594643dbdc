// SPDX-License-Identifier: Apache-2.0

// Names a pair that does not exist.
#include "broken_plugin.hpp"

BROKEN_SOLVER("broken-bad-index", { out->pair[0] = problem->pairs->n_pairs; })
