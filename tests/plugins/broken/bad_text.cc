// SPDX-License-Identifier: Apache-2.0

// Fails with a text that is no UTF-8, steers terminals and is far too long.
#include "broken_plugin.hpp"

BROKEN_SCORER("broken-bad-text",
              { throw std::runtime_error("why\xff\xc3( \x1b[31m" + std::string(100000, '!')); })
