// SPDX-License-Identifier: Apache-2.0

// Texts that are compared with a file of golden/.
#pragma once

#include <string>

namespace tandem::cli {

// Expects `text` to be what golden/`name` holds. TANDEM_UPDATE_GOLDEN=1 writes the file anew, for a
// person to look at.
void ExpectGolden(const std::string& name, const std::string& text);

}  // namespace tandem::cli
