// SPDX-License-Identifier: Apache-2.0

// The sample's regions: real units with real indicators and designations, joined from the CSV files
// in deploy/sample/data. Nothing here is made up.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tandem/v1/region.pb.h"

namespace tandem::sample {

struct RealRegions {
  // Every unit, parents before children.
  std::vector<v1::Region> regions;
  // County-level codes of each province, by its first two digits.
  std::map<std::string, std::vector<std::string>> counties;
  // Name of each unit by code.
  std::map<std::string, std::string> names;
  // Gross domestic product of each province in 100 million yuan, by its first two digits.
  std::map<std::string, int64_t> gdp;
  // Counties with a designation, by province.
  std::map<std::string, std::vector<std::string>> designated;
};

// Reads the files; ends the program with a message when one is missing or malformed.
RealRegions ReadRealRegions(const std::string& data_dir);

}  // namespace tandem::sample
