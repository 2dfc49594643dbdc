// SPDX-License-Identifier: Apache-2.0

// Synthetic agencies: no public list of agencies with their capacities exists, so the sample makes
// some up. Every record carries the label synthetic=true, an identifier of scheme "synthetic" and
// 合成 in its name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "real_regions.h"
#include "sample_random.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::sample {

// What the round needs to know of an agency.
struct AgencySketch {
  std::string name;
  std::string province;
  std::vector<std::string> categories;
  std::vector<std::string> languages;
  bool strong = false;
};

// Makes agencies one by one: assisting ones first by economic weight of their province, receiving
// ones in named counties.
class AgencyMaker {
 public:
  // `names_in_words`: names as real ones are built (made_up_names.h) instead of numbers.
  AgencyMaker(const RealRegions& regions, uint64_t seed, bool names_in_words = false);

  // The number-th agency somewhere in the country; most live where the economy is strong.
  v1::Agency MakeAnywhere(int64_t number);
  // An agency of supporting strength in one province.
  v1::Agency MakeStrong(int64_t number, const std::string& province);
  // A small local agency in a county.
  v1::Agency MakeLocal(int64_t number, const std::string& county);

  static AgencySketch SketchOf(const v1::Agency& agency);

 private:
  v1::Agency Make(int64_t number, const std::string& county, int strength);

  const RealRegions& regions_;
  const uint64_t seed_;
  const bool names_in_words_;
  Random random_;
  std::vector<std::string> provinces_;
  std::vector<int64_t> province_weights_;
};

// Top-level fields of the category tree, commonest first, with how common they are.
const std::vector<std::pair<std::string, int64_t>>& SampleFields();
// The language of an ethnic area beside Mandarin, by province; empty for none.
std::string AreaLanguage(const std::string& province);

}  // namespace tandem::sample
