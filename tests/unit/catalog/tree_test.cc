// SPDX-License-Identifier: Apache-2.0

#include "catalog/tree.h"

#include <map>
#include <random>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tandem::catalog {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST(TreeTest, AnswersLikeWalkingTheParents) {
  std::mt19937 random(7);
  std::vector<std::pair<std::string, std::string>> nodes;
  std::map<std::string, std::string> parent;
  for (int i = 0; i < 300; ++i) {
    std::string name = "n" + std::to_string(i);
    std::string above = i == 0 || random() % 20 == 0 ? "" : "n" + std::to_string(random() % i);
    nodes.emplace_back(name, above);
    parent[name] = above;
  }
  std::shuffle(nodes.begin(), nodes.end(), random);
  const Tree tree(nodes);
  for (const auto& [name, above] : parent) {
    std::set<std::string> ancestors;
    for (std::string at = name; !at.empty(); at = parent[at]) ancestors.insert(at);
    for (const auto& [other, unused] : parent) {
      ASSERT_EQ(tree.IsWithin(name, other), ancestors.contains(other)) << name << " in " << other;
    }
    ASSERT_EQ(tree.AncestorsOrSelf(name).size(), ancestors.size());
    for (std::string_view below : tree.DescendantsOrSelf(name))
      ASSERT_TRUE(tree.IsWithin(below, name));
    ASSERT_EQ(tree.Parent(name), above);
  }
}

TEST(TreeTest, UnknownNamesStandAlone) {
  const Tree tree({{"a", ""}, {"b", "a"}});
  EXPECT_TRUE(tree.IsWithin("x", "x"));
  EXPECT_FALSE(tree.IsWithin("x", "a"));
  EXPECT_FALSE(tree.IsWithin("a", "x"));
  EXPECT_THAT(tree.AncestorsOrSelf("x"), ElementsAre("x"));
  EXPECT_THAT(tree.DescendantsOrSelf("a"), UnorderedElementsAre("a", "b"));
}

TEST(TreeTest, ACycleInDamagedDataEndsSomewhere) {
  const Tree tree({{"a", "b"}, {"b", "a"}, {"c", "b"}, {"d", "d"}});
  EXPECT_LE(tree.AncestorsOrSelf("c").size(), 3u);
  EXPECT_LE(tree.DescendantsOrSelf("d").size(), 1u);
}

}  // namespace
}  // namespace tandem::catalog
