// SPDX-License-Identifier: Apache-2.0

// The one-character names (简称) of the province-level units of GB/T 2260, for screens with little
// room.
#pragma once

#include <string>
#include <string_view>

namespace tandem::cli {

// The short name for a region's resource name or code whose first two digits are a province's: "浙"
// for "regions/330000". Empty for everything else.
std::string ProvinceShortName(std::string_view region);

// "浙→青", or "青省内" for help inside one province; empty when a side has no short name.
std::string CorridorText(std::string_view supporting_region, std::string_view receiving_region);

}  // namespace tandem::cli
