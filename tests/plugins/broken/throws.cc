// SPDX-License-Identifier: Apache-2.0

// Throws in its stage; the wrapper's wall turns it into a failure.
#include "broken_plugin.hpp"

BROKEN_SCORER("broken-throws", { throw std::runtime_error("the dog ate it"); })
