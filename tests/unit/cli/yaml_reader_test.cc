// SPDX-License-Identifier: Apache-2.0

#include "cli/yaml_reader.h"

#include <sstream>

#include <gtest/gtest.h>

#include "cli/record_file.h"
#include "tandem/v1/region.pb.h"

namespace tandem::cli {
namespace {

std::string Complaint(const std::string& text) {
  std::istringstream in(text);
  auto records = ReadRecordStream(in, "r.yaml", v1::Region());
  return records.ok() ? "" : std::string(records.status().message());
}

TEST(YamlReaderTest, TypesComeFromTheRecord) {
  std::istringstream in(
      "name: regions/632323\ncode: 632323\ndisplay_name: 泽库县\naltitudeM: '3500'\nlabels: {a: "
      "1}\n"
      "designations:\n- designationId: key_county_2021\n  sinceDate: 2021-08-27\n");
  auto records = ReadRecordStream(in, "r.yaml", v1::Region());
  ASSERT_TRUE(records.ok()) << records.status();
  const auto& region = static_cast<const v1::Region&>(*records->front());
  EXPECT_EQ(region.code(), "632323");
  EXPECT_EQ(region.altitude_m(), 3500);
  EXPECT_EQ(region.labels().at("a"), "1");
  EXPECT_EQ(region.designations(0).since_date(), "2021-08-27");
}

TEST(YamlReaderTest, ReadsSeveralRecordsInEveryForm) {
  for (const char* text : {"name: a\n---\nname: b\n", "- name: a\n- name: b\n",
                           R"([{"name":"a"},{"name":"b"}])", "---\nname: a\n---\n- name: b\n"}) {
    std::istringstream in(text);
    auto records = ReadRecordStream(in, "r", v1::Region());
    ASSERT_TRUE(records.ok()) << text << records.status();
    ASSERT_EQ(records->size(), 2U) << text;
    EXPECT_EQ(static_cast<const v1::Region&>(*(*records)[1]).name(), "b");
  }
}

TEST(YamlReaderTest, TellsPlaceAndField) {
  EXPECT_EQ(Complaint("name: a\ncentriod:\n  latitudeE7: 1\n"),
            "r.yaml:2:1: centriod: Region has no such field, did you mean centroid?");
  EXPECT_EQ(Complaint("centroid:\n  latitudeE7: north\n").substr(0, 38),
            "r.yaml:2:15: centroid.latitudeE7: must");
  EXPECT_EQ(Complaint("languages: zh\n"), "r.yaml:1:12: languages: must be a list");
  EXPECT_EQ(Complaint("name: [a]\n"), "r.yaml:1:7: name: must be a single value");
  EXPECT_EQ(Complaint("name: a\nname: b\n"), "r.yaml:2:1: name: given twice");
  EXPECT_EQ(Complaint("{\"name\": 5}"), "r.yaml:1:10: name: must be text in quotes, not 5");
  EXPECT_EQ(Complaint("{\n \"nam\": \"x\"}"),
            "r.yaml:2:2: nam: Region has no such field, did you mean name?");
  EXPECT_EQ(Complaint("just text"), "r.yaml:1:1: a record must be a mapping");
  EXPECT_EQ(Complaint(""), "r.yaml holds no record");
  EXPECT_NE(Complaint("a: [b"), "");
  EXPECT_NE(Complaint("a: b: c"), "");
}

}  // namespace
}  // namespace tandem::cli
