// SPDX-License-Identifier: Apache-2.0

#include "cli/record_text.h"

#include <gtest/gtest.h>

#include "cli/record_change.h"
#include "tandem/v1/region.pb.h"

namespace tandem::cli {
namespace {

TEST(RecordTextTest, WhatTheServerWritesIsLeftOut) {
  v1::Region region;
  region.set_name("regions/1");
  region.set_uid("u");
  region.set_etag("\"1\"");
  region.set_code("1");
  region.mutable_create_time()->set_seconds(1);
  region.mutable_economic_index()->set_value_permille(3);
  (*region.mutable_labels())["k"] = "v";
  EXPECT_EQ(*WritableYaml(region), "name: regions/1\nlabels:\n  k: v\ncode: \"1\"\n");
}

TEST(RecordTextTest, UnifiedDiff) {
  EXPECT_EQ(UnifiedDiff("a\nb\n", "a\nb\n", "x", "y", false), "");
  EXPECT_EQ(UnifiedDiff("a\nb\nc\n", "a\nB\nc\n", "old", "new", false),
            "--- old\n+++ new\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
  EXPECT_EQ(UnifiedDiff("", "a\n", "/dev/null", "new", false),
            "--- /dev/null\n+++ new\n@@ -1,0 +1,1 @@\n+a\n");
  EXPECT_EQ(UnifiedDiff("a\n", "b\n", "x", "y", true),
            "\x1b[31m--- x\x1b[0m\n\x1b[32m+++ y\x1b[0m\n\x1b[36m@@ -1,1 +1,1 @@\x1b[0m\n"
            "\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n");
}

TEST(RecordTextTest, TimesAndEtagsAreNoContent) {
  v1::Region one;
  one.set_name("regions/1");
  v1::Region other = one;
  other.set_etag("e");
  other.mutable_update_time()->set_seconds(5);
  EXPECT_TRUE(SameContent(one, other));
  (*other.mutable_labels())["a"] = "b";
  EXPECT_FALSE(SameContent(one, other));
}

}  // namespace
}  // namespace tandem::cli
