// SPDX-License-Identifier: Apache-2.0

#include "plugin/manifest.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "nlohmann/json.hpp"
#include "plugin/elf_image.h"
#include "support/reason_matcher.h"

namespace tandem::plugin {
namespace {

using model::Reason;
using support::HasReason;
using Json = nlohmann::json;

Json Good() {
  return {{"manifest", 1},
          {"id", "travel-days"},
          {"version", "1.2.0"},
          {"summary", "s"},
          {"kind", "native"},
          {"abi", {{"major", 1}, {"needs_minor", 0}}},
          {"arch", std::string(HostArch())},
          {"files", {{"lib/plugin.so", "sha256:" + std::string(64, 'a')}}},
          {"stages", {"tandem.score/1"}},
          {"score", {{"range", {0, 2.5}}, {"better", "lower"}}},
          {"reads", {{"needs", {"region.x:i64", "t:utf8"}}, {"offers", {"agency.kinds:codelist"}}}},
          {"pure", true},
          {"threading", "free"},
          {"limits", {{"memory_mb", 64}, {"call_ms", 200}, {"threads", 3}}}};
}

TEST(Manifest, AGoodOneIsReadWhole) {
  auto manifest = ParseManifest(Good().dump());
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->id, "travel-days");
  EXPECT_EQ(manifest->score_high, 2.5);
  EXPECT_FALSE(manifest->higher_is_better);
  ASSERT_EQ(manifest->reads_needs.size(), 2u);
  EXPECT_EQ(manifest->reads_needs[1].name, "t");
  EXPECT_EQ(manifest->reads_needs[1].type, ColumnType::kUtf8);
  EXPECT_EQ(manifest->reads_offers[0].type, ColumnType::kCodeList);
  EXPECT_EQ(manifest->call_limit, absl::Milliseconds(200));
  EXPECT_EQ(manifest->memory_mb, 64u);
  EXPECT_EQ(manifest->threads, 3u);
  EXPECT_TRUE(manifest->pure);
}

// Each change of one field makes the good manifest wrong.
TEST(Manifest, EveryRuleIsChecked) {
  const std::pair<const char*, Json> wrong[] = {
      {"/manifest", 2},
      {"/id", "Travel"},
      {"/id", "-a"},
      {"/id", std::string(64, 'a')},
      {"/version", "1.2"},
      {"/version", "1.2.x"},
      {"/version", "1.-2.0"},
      {"/kind", "process"},
      {"/colour", "green"},
      {"/limits/cpu", 3},
      {"/limits/memory_mb", -1},
      {"/files", Json::object()},
      {"/files/lib~1plugin.so", "sha256:12"},
      {"/files/..~1x", "sha256:" + std::string(64, 'a')},
      {"/files/~1etc", "sha256:" + std::string(64, 'a')},
      {"/files/a\nb", "sha256:" + std::string(64, 'a')},
      {"/stages", Json::array()},
      {"/stages", {"tandem.score/2"}},
      {"/stages", {"tandem.score/1", "tandem.score/1"}},
      {"/score/range", {1, 0}},
      {"/score/range", {0, "NaN"}},
      {"/score/range", {0}},
      {"/score/better", "more"},
      {"/reasons", {"too far"}},
      {"/reads/needs/0", "region.x"},
      {"/reads/needs/0", "region.x:int"},
      {"/reads/needs/0", ":i64"},
      {"/reads/needs/0", "t:utf8"},
      {"/threading", "wild"},
  };
  for (const auto& [pointer, value] : wrong) {
    Json manifest = Good();
    manifest[Json::json_pointer(pointer)] = value;
    EXPECT_THAT(ParseManifest(manifest.dump()), HasReason(Reason::kPluginRefused))
        << pointer << " = " << value;
  }
  EXPECT_THAT(ParseManifest("{"), HasReason(Reason::kPluginRefused));
  EXPECT_THAT(ParseManifest("[]"), HasReason(Reason::kPluginRefused));
}

TEST(Manifest, OtherAbiOrMachineIsAnAbiError) {
  Json other = Good();
  other["abi"]["major"] = 2;
  EXPECT_THAT(ParseManifest(other.dump()), HasReason(Reason::kPluginAbi));
  other = Good();
  other["abi"]["needs_minor"] = 99;
  EXPECT_THAT(ParseManifest(other.dump()), HasReason(Reason::kPluginAbi));
  other = Good();
  other["arch"] = "pdp11-unix";
  EXPECT_THAT(ParseManifest(other.dump()), HasReason(Reason::kPluginAbi));
}

TEST(Manifest, VersionsOrderByNumber) {
  EXPECT_TRUE(VersionLess("1.9.0", "1.10.0"));
  EXPECT_FALSE(VersionLess("1.10.0", "1.9.0"));
  EXPECT_TRUE(VersionLess("0.9.9", "1.0.0"));
  EXPECT_FALSE(VersionLess("1.0.0", "1.0.0"));
  EXPECT_TRUE(VersionLess("junk", "0.0.1"));
  EXPECT_FALSE(VersionLess("0.0.1", "junk"));
}

}  // namespace
}  // namespace tandem::plugin
