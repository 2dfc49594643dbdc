// SPDX-License-Identifier: Apache-2.0

#include "main/event_log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

namespace tandem::server {
namespace {

TEST(EventLog, WritesOneObjectALine) {
  EXPECT_EQ(FormatEvent("t", Level::kWarning, "plugin_load_failed",
                        {{"plugin", "a\"b\n"}, {"generation", int64_t{3}}}),
            "{\"time\":\"t\",\"level\":\"warning\",\"event\":\"plugin_load_failed\",\"plugin\":"
            "\"a\\\"b\\u000a\","
            "\"generation\":3}\n");
}

TEST(EventLog, StaysJsonWhateverBytesComeIn) {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(random() % 12, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    const std::string line = FormatEvent("t", Level::kInfo, "e", {{"detail", bytes}});
    const nlohmann::json object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    ASSERT_FALSE(object.is_discarded()) << line;
    ASSERT_EQ(line.find('\n'), line.size() - 1);
  }
}

TEST(EventLog, KeepsChineseText) {
  const std::string line = FormatEvent("t", Level::kInfo, "e", {{"name", "泽库县"}});
  EXPECT_NE(line.find("泽库县"), std::string::npos);
}

}  // namespace
}  // namespace tandem::server
