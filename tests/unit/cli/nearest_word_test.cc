// SPDX-License-Identifier: Apache-2.0

#include "cli/nearest_word.h"

#include <gtest/gtest.h>

namespace tandem::cli {
namespace {

TEST(NearestWordTest, Distance) {
  EXPECT_EQ(EditDistance("", ""), 0U);
  EXPECT_EQ(EditDistance("agency", "agency"), 0U);
  EXPECT_EQ(EditDistance("agncy", "agency"), 1U);
  EXPECT_EQ(EditDistance("agenyc", "agency"), 1U) << "a swap is one change";
  EXPECT_EQ(EditDistance("abc", ""), 3U);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3U);
}

TEST(NearestWordTest, NamesASlipButNotAnotherWord) {
  const std::vector<std::string> words = {"region", "agency", "round"};
  EXPECT_EQ(NearestWord("agnecy", words), "agency");
  EXPECT_EQ(NearestWord("rond", words), "round");
  EXPECT_EQ(NearestWord("pairing", words), "");
  EXPECT_EQ(DidYouMean("regoin", words), ", did you mean region?");
  EXPECT_EQ(DidYouMean("zzz", words), "");
}

}  // namespace
}  // namespace tandem::cli
