// SPDX-License-Identifier: Apache-2.0

// Ids out of other systems' keys. A pure function.
#pragma once

#include <string>
#include <string_view>

namespace tandem::cli {

// An id ([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?) for any key: letters become lower case, everything
// else but digits a hyphen. When two keys could meet in one id because something was lost, 10
// characters of the key's hash are added, so that the same key always gives the same id and another
// one another.
std::string IdFromText(std::string_view key);

}  // namespace tandem::cli
