// SPDX-License-Identifier: Apache-2.0

#include "cli/region_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

RegionNames Names() {
  RegionNames names;
  const struct {
    const char* id;
    const char* title;
    const char* parent;
    const char* ended;
  } kUnits[] = {
      // Below before above: files come in any order.
      {"632323", "泽库县", "632300", ""},
      {"630000", "青海省", "", ""},
      {"632300", "黄南藏族自治州", "630000", ""},
      {"320000", "江苏省", "", ""},
      {"320100", "南京市", "320000", ""},
      {"320106", "鼓楼区", "320100", ""},
      {"320300", "徐州市", "320000", ""},
      {"320302", "鼓楼区", "320300", ""},
      {"110000", "北京市", "", ""},
      {"110101", "东城区", "110000", ""},
      {"430000", "湖南省", "", ""},
      {"430100", "长沙市", "430000", ""},
      {"430121", "长沙县", "430100", ""},
      {"630121", "大通县", "630000", "2020-01-01"},
      {"630199", "大通县", "630000", ""},
      {"lost", "孤县", "none", ""},
  };
  for (const auto& unit : kUnits) {
    v1::Region region;
    region.set_name(std::string("regions/") + unit.id);
    region.set_display_name(unit.title);
    if (*unit.parent != '\0') region.set_parent_region(std::string("regions/") + unit.parent);
    region.set_valid_to_date(unit.ended);
    EXPECT_TRUE(names.Add(region));
  }
  names.Finish();
  return names;
}

TEST(RegionNamesTest, FindsByPathNameAndCode) {
  const RegionNames names = Names();
  for (const char* path : {"青海省/黄南藏族自治州/泽库县", "青海省/泽库县", "泽库县", "青海/泽库",
                           "青海省黄南藏族自治州泽库县", "632323", "６３２３２３", "regions/632323",
                           " 青海省 ／ 泽库县 ", "/泽库县/"}) {
    const auto answer = names.Find(path);
    EXPECT_EQ(answer.name, "regions/632323") << path << ": " << answer.problem;
  }
  EXPECT_EQ(names.Find("江苏省/徐州市/鼓楼区").name, "regions/320302");
  EXPECT_EQ(names.Find("北京市/市辖区/东城区").name, "regions/110101");
  EXPECT_EQ(names.Find("北京市/市辖区").name, "regions/110000");
  EXPECT_EQ(names.Find("孤县").name, "regions/lost") << "its parent is not in the directory";
}

TEST(RegionNamesTest, AnAmbiguousNameIsRefusedWithItsCandidates) {
  const RegionNames names = Names();
  for (const char* path : {"鼓楼区", "江苏省/鼓楼区"}) {
    const auto answer = names.Find(path);
    EXPECT_EQ(answer.name, "");
    EXPECT_THAT(answer.problem, AllOf(HasSubstr("江苏省/南京市/鼓楼区 (regions/320106)"),
                                      HasSubstr("江苏省/徐州市/鼓楼区 (regions/320302)")));
  }
  EXPECT_THAT(names.Find("长沙").problem, HasSubstr("names 2 regions"));
  EXPECT_EQ(names.Find("长沙市").name, "regions/430100");
}

TEST(RegionNamesTest, SaysWhatIsWrongWithOthers) {
  const RegionNames names = Names();
  EXPECT_THAT(names.Find("湖南省/泽库县").problem,
              HasSubstr("泽库县 lies in 青海省/黄南藏族自治州/泽库县"));
  EXPECT_THAT(names.Find("泽库厍").problem, HasSubstr("no region is called \"泽库厍\""));
  EXPECT_NE(names.Find("").problem, "");
  EXPECT_NE(names.Find("///").problem, "");
}

TEST(RegionNamesTest, AnEndedUnitIsMeantOnlyWhenNoOtherIs) {
  EXPECT_EQ(Names().Find("大通县").name, "regions/630199");
}

TEST(RegionNamesTest, TellsPaths) {
  EXPECT_EQ(Names().PathOf("regions/632323"), "青海省/黄南藏族自治州/泽库县");
  EXPECT_EQ(Names().PathOf("regions/none"), "");
}

// A directory that contradicts itself is read to an end.
TEST(RegionNamesTest, ACircleOfParentsEnds) {
  RegionNames names;
  v1::Region region;
  region.set_name("regions/a");
  region.set_display_name("甲");
  region.set_parent_region("regions/a");
  ASSERT_TRUE(names.Add(region));
  names.Finish();
  EXPECT_EQ(names.Find("甲").name, "regions/a");
  EXPECT_NE(names.Find("乙/甲").problem, "");
}

}  // namespace
}  // namespace tandem::cli
