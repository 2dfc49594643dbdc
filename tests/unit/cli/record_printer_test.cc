// SPDX-License-Identifier: Apache-2.0

#include "cli/record_printer.h"

#include <sstream>

#include <gtest/gtest.h>

#include "nlohmann/json.hpp"
#include "tandem/v1/region_service.pb.h"

namespace tandem::cli {
namespace {

v1::ListRegionsResponse TwoRegions() {
  v1::ListRegionsResponse page;
  auto* region = page.add_regions();
  region->set_name("regions/330000");
  region->set_display_name("浙江省");
  region->set_level(v1::REGION_LEVEL_PROVINCE);
  region = page.add_regions();
  region->set_name("regions/632323");
  region->set_display_name("泽库县");
  region->set_parent_region("regions/632300");
  region->mutable_economic_index()->set_value_permille(12);
  return page;
}

std::string Listed(OutputFormat format, const v1::ListRegionsResponse& page, int64_t revision) {
  std::ostringstream out;
  const Noun& noun = AllNouns().front();
  ListPrinter list({format, out, false}, noun.Collection(), noun.columns);
  EXPECT_TRUE(list.AddPage(page, RecordField(page.GetDescriptor(), noun.Record())).ok());
  list.End("next\"1", revision);
  return out.str();
}

TEST(RecordPrinterTest, Table) {
  EXPECT_EQ(
      Listed(OutputFormat::kTable, TwoRegions(), 7),
      "NAME            TITLE 名称  LEVEL 级别  PARENT 上级     DESIGNATIONS 认定  ECONOMIC 经济  "
      "SECTOR 行业\n"
      "regions/330000  浙江省      PROVINCE\n"
      "regions/632323  泽库县                  regions/632300                                12\n");
}

TEST(RecordPrinterTest, JsonIsOneDocument) {
  const std::string text = Listed(OutputFormat::kJson, TwoRegions(), 1099511627777);
  const auto document = nlohmann::json::parse(text, nullptr, false);
  ASSERT_FALSE(document.is_discarded()) << text;
  EXPECT_EQ(document["regions"].size(), 2U);
  EXPECT_EQ(document["regions"][1]["economicIndex"]["valuePermille"], 12);
  EXPECT_EQ(document["nextPageToken"], "next\"1");
  EXPECT_EQ(document["revision"], "1099511627777");
  const auto empty = nlohmann::json::parse(Listed(OutputFormat::kJson, {}, 0), nullptr, false);
  EXPECT_TRUE(empty["regions"].is_array());
  EXPECT_TRUE(empty["regions"].empty());
}

TEST(RecordPrinterTest, YamlAndName) {
  EXPECT_EQ(
      Listed(OutputFormat::kYaml, TwoRegions(), 7),
      "regions:\n- name: regions/330000\n  displayName: 浙江省\n  level: REGION_LEVEL_PROVINCE\n"
      "- name: regions/632323\n  displayName: 泽库县\n  parentRegion: regions/632300\n"
      "  economicIndex:\n    valuePermille: 12\nnextPageToken: next\"1\nrevision: \"7\"\n");
  EXPECT_EQ(Listed(OutputFormat::kYaml, {}, 7).substr(0, 12), "regions: []\n");
  EXPECT_EQ(Listed(OutputFormat::kName, TwoRegions(), 7), "regions/330000\nregions/632323\n");
}

}  // namespace
}  // namespace tandem::cli
