// SPDX-License-Identifier: Apache-2.0

// Its manifest lists a stage the library lacks.
#include "broken_plugin.hpp"

BROKEN_SOLVER("broken-missing-stage", {})
