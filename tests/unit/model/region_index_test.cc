// SPDX-License-Identifier: Apache-2.0

#include "model/region_index.h"

#include <gtest/gtest.h>

#include <random>

#include "model/error.h"

namespace tandem::model {
namespace {

v1::Region MakeRegion(const std::string& id, v1::RegionLevel level, const std::string& parent) {
  v1::Region region;
  region.set_name("regions/" + id);
  region.set_level(level);
  if (!parent.empty()) region.set_parent_region("regions/" + parent);
  return region;
}

void AddIndicator(v1::Region* region, const std::string& id, int32_t year, int64_t milli) {
  auto* indicator = region->add_indicators();
  indicator->set_indicator_id(id);
  indicator->set_year(year);
  indicator->set_value_milli(milli);
}

v1::IndexRule Rule() {
  v1::IndexRule rule;
  rule.set_rule_id("gdp");
  rule.set_kind(v1::INDEX_KIND_ECONOMIC);
  rule.set_level(v1::REGION_LEVEL_PROVINCE);
  rule.set_year(2019);
  auto* term = rule.add_terms();
  term->set_indicator_id("gdp");
  term->set_weight(1);
  return rule;
}

std::vector<RegionIndexResult> Compute(const v1::IndexRule& rule,
                                       const std::vector<v1::Region>& regions) {
  std::vector<const v1::Region*> pointers;
  for (const v1::Region& region : regions) pointers.push_back(&region);
  return ComputeRegionIndex(rule, pointers);
}

TEST(RegionIndex, RanksByHazenAndGivesTiesTheirMean) {
  std::vector<v1::Region> regions;
  const int64_t values[] = {10, 20, 20, 40};
  for (int i = 0; i < 4; ++i) {
    regions.push_back(MakeRegion(std::to_string(i), v1::REGION_LEVEL_PROVINCE, ""));
    AddIndicator(&regions.back(), "gdp", 2019, values[i]);
  }
  const auto results = Compute(Rule(), regions);
  // (rank − 1/2) / 4: 1/8, then ranks 2 and 3 share 2.5, then 7/8.
  EXPECT_EQ(results[0].index.value_permille(), 125);
  EXPECT_EQ(results[1].index.value_permille(), 500);
  EXPECT_EQ(results[2].index.value_permille(), 500);
  EXPECT_EQ(results[3].index.value_permille(), 875);
  EXPECT_EQ(results[0].index.inherited_from(), "");
}

TEST(RegionIndex, HandsDownTheNearestAncestorsValue) {
  std::vector<v1::Region> regions = {MakeRegion("c", v1::REGION_LEVEL_COUNTY, "b"),
                                     MakeRegion("b", v1::REGION_LEVEL_PREFECTURE, "a"),
                                     MakeRegion("a", v1::REGION_LEVEL_PROVINCE, ""),
                                     MakeRegion("x", v1::REGION_LEVEL_PROVINCE, "")};
  AddIndicator(&regions[2], "gdp", 2019, 7);
  AddIndicator(&regions[3], "gdp", 2018, 9);
  const auto results = Compute(Rule(), regions);
  EXPECT_EQ(results[0].index.inherited_from(), "regions/a");
  EXPECT_EQ(results[1].index.inherited_from(), "regions/a");
  EXPECT_EQ(results[0].index.value_permille(), 500);
  EXPECT_FALSE(results[3].has_value) << "an indicator of another year is none";
}

TEST(RegionIndex, LowerIsStrongerTurnsTheOrderRound) {
  std::vector<v1::Region> regions;
  for (int64_t value :
       {std::numeric_limits<int64_t>::min(), int64_t{0}, std::numeric_limits<int64_t>::max()}) {
    regions.push_back(MakeRegion(std::to_string(regions.size()), v1::REGION_LEVEL_PROVINCE, ""));
    AddIndicator(&regions.back(), "gdp", 2019, value);
  }
  v1::IndexRule rule = Rule();
  rule.mutable_terms(0)->set_lower_is_stronger(true);
  const auto results = Compute(rule, regions);
  EXPECT_GT(results[0].index.value_permille(), results[1].index.value_permille());
  EXPECT_GT(results[1].index.value_permille(), results[2].index.value_permille());
}

TEST(RegionIndex, EndsOnParentCycles) {
  std::vector<v1::Region> regions = {MakeRegion("a", v1::REGION_LEVEL_COUNTY, "b"),
                                     MakeRegion("b", v1::REGION_LEVEL_COUNTY, "a")};
  const auto results = Compute(Rule(), regions);
  EXPECT_FALSE(results[0].has_value);
}

TEST(RegionIndex, ValuesDoNotDependOnTheOrderOfRegions) {
  std::mt19937 random(3);
  std::vector<v1::Region> regions;
  for (int i = 0; i < 60; ++i) {
    regions.push_back(MakeRegion(std::to_string(i), v1::REGION_LEVEL_PROVINCE, ""));
    AddIndicator(&regions.back(), "gdp", 2019, static_cast<int64_t>(random() % 20));
  }
  const auto before = Compute(Rule(), regions);
  std::vector<size_t> order(regions.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), random);
  std::vector<v1::Region> shuffled;
  for (size_t i : order) shuffled.push_back(regions[i]);
  const auto after = Compute(Rule(), shuffled);
  for (size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(after[i].index.value_permille(), before[order[i]].index.value_permille());
  }
}

TEST(RegionIndex, NamesEveryFaultOfARule) {
  v1::IndexRule rule;
  rule.add_terms();
  const absl::Status status = CheckIndexRule(rule);
  EXPECT_EQ(ErrorReason(status), Reason::kFieldInvalid);
  EXPECT_EQ(FieldViolations(status).size(), 6U);
  EXPECT_TRUE(CheckIndexRule(Rule()).ok());
}

}  // namespace
}  // namespace tandem::model
