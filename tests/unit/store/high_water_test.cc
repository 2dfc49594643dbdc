// SPDX-License-Identifier: Apache-2.0

#include "store/high_water.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace tandem::store {
namespace {

HighWater Mark() {
  HighWater mark;
  mark.format = 1;
  mark.identity = "00112233445566778899aabbccddeeff";
  mark.revision = MakeRevision(2, 4182);
  return mark;
}

TEST(HighWaterText, IsReadable) {
  const std::string text = FormatHighWater(Mark());
  EXPECT_THAT(text, ::testing::StartsWith("tandem high-water mark\nformat 1\nstate serving\n"
                                          "identity 00112233445566778899aabbccddeeff\nepoch 2\n"
                                          "revision 2199023259734\ncheck "));
  const auto parsed = ParseHighWater(text);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->format, 1);
  EXPECT_FALSE(parsed->initialising);
  EXPECT_EQ(parsed->identity, Mark().identity);
  EXPECT_EQ(parsed->revision, Mark().revision);
  HighWater fresh;
  fresh.format = 1;
  fresh.initialising = true;
  ASSERT_TRUE(ParseHighWater(FormatHighWater(fresh)).has_value());
  EXPECT_TRUE(ParseHighWater(FormatHighWater(fresh))->initialising);
}

TEST(HighWaterText, EveryDamageIsSeen) {
  const std::string text = FormatHighWater(Mark());
  for (size_t byte = 0; byte < text.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = text;
      damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
      EXPECT_FALSE(ParseHighWater(damaged).has_value()) << byte << "." << bit;
    }
    EXPECT_FALSE(ParseHighWater(text.substr(0, byte)).has_value()) << byte;
  }
  EXPECT_FALSE(ParseHighWater(text + "\n").has_value());
  EXPECT_FALSE(ParseHighWater("").has_value());
}

TEST(HighWaterFileTest, IsReplacedAsAWhole) {
  support::TempDir folder;
  rocksdb::Env* env = rocksdb::Env::Default();
  ASSERT_OK_AND_ASSIGN(HighWaterFile absent, ReadHighWater(env, folder.path()));
  EXPECT_FALSE(absent.exists);
  HighWater mark = Mark();
  for (int i = 0; i < 3; ++i) {
    ++mark.revision;
    ASSERT_TRUE(WriteHighWater(env, folder.path(), mark).ok());
    ASSERT_OK_AND_ASSIGN(HighWaterFile file, ReadHighWater(env, folder.path()));
    ASSERT_TRUE(file.mark.has_value());
    EXPECT_EQ(file.mark->revision, mark.revision);
  }
  EXPECT_FALSE(std::ifstream(folder.Path(kHighWaterNewFile)).good());
  std::ofstream(folder.Path(kHighWaterFile)) << "nonsense";
  ASSERT_OK_AND_ASSIGN(HighWaterFile damaged, ReadHighWater(env, folder.path()));
  EXPECT_TRUE(damaged.exists);
  EXPECT_FALSE(damaged.mark.has_value());
}

}  // namespace
}  // namespace tandem::store
