// SPDX-License-Identifier: Apache-2.0

#include "plugin/column_set.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "support/reason_matcher.h"

namespace tandem::plugin {
namespace {

using model::Reason;
using support::HasReason;

template <typename T>
T At(const Column& column, uint64_t part, size_t i) {
  T value;
  std::memcpy(&value, column.segment()->data() + part + i * sizeof(T), sizeof(T));
  return value;
}

TEST(Column, NullCellsHoldNothing) {
  auto column = Column::I64({7, 8, 9}, {1, 0, 1});
  ASSERT_TRUE(column.ok());
  const ColumnLayout& at = (*column)->layout();
  EXPECT_EQ(At<int64_t>(**column, at.values, 0), 7);
  EXPECT_EQ(At<int64_t>(**column, at.values, 1), 0);
  EXPECT_EQ(At<uint8_t>(**column, at.validity, 0), 0b101);
}

TEST(Column, TextAndDictionaries) {
  auto text = Column::Utf8({"泽库", "", "x"}, {1, 1, 0});
  ASSERT_TRUE(text.ok());
  const ColumnLayout& at = (*text)->layout();
  EXPECT_EQ(At<uint32_t>(**text, at.offsets, 1), 6u);
  EXPECT_EQ(At<uint32_t>(**text, at.offsets, 3), 6u) << "a null text has no bytes";
  EXPECT_EQ(at.values_bytes, 6u);
  auto codes = Column::CodeList({0, 2, 2}, {1, 0}, {"a", "bc"});
  ASSERT_TRUE(codes.ok());
  const ColumnLayout& list = (*codes)->layout();
  EXPECT_EQ(list.length, 2u);
  EXPECT_EQ(list.dict_length, 2u);
  EXPECT_EQ(At<uint32_t>(**codes, list.dict_offsets, 2), 3u);
}

TEST(Column, PartsThatDoNotFitAreRefused) {
  EXPECT_THAT(Column::F64({1, 2}, {1}), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(Column::Bool8({0, 2}), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(Column::Code32({0, 2}, {"a", "b"}), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(Column::CodeList({0, 1}, {0, 0}, {"a"}), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(Column::CodeList({0, 2, 1, 2}, {0, 0}, {"a"}), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(Column::CodeList({}, {}, {}), HasReason(Reason::kFieldInvalid));
  EXPECT_TRUE(Column::Code32({0, 2}, {"a", "b"}, {1, 0}).ok())
      << "a null cell's code does not count";
}

TEST(Column, TheDigestIsOfTypeAndContent) {
  auto digest = [](absl::StatusOr<Column::Ptr> column) { return (*column)->digest(); };
  EXPECT_EQ(digest(Column::I64({1, 2})), digest(Column::I64({1, 2})));
  EXPECT_NE(digest(Column::I64({1, 2})), digest(Column::I64({1, 3})));
  EXPECT_NE(digest(Column::I64({0, 0})), digest(Column::F64({0, 0})));
  EXPECT_NE(digest(Column::I64({1, 0})), digest(Column::I64({1, 0}, {1, 0})));
  EXPECT_EQ(digest(Column::I64({1, 5}, {1, 0})), digest(Column::I64({1, 6}, {1, 0})));
}

TEST(Column, NobodyCanWriteASealedSegment) {
  auto column = Column::I64({1, 2, 3});
  ASSERT_TRUE(column.ok());
  int fd = (*column)->segment()->fd();
  EXPECT_EQ(mmap(nullptr, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
  EXPECT_LT(pwrite(fd, "x", 1, 0), 0);
  EXPECT_LT(ftruncate(fd, 0), 0);
}

TEST(ColumnSet, ColumnsFitTheTable) {
  ColumnSet table(2);
  EXPECT_TRUE(table.Add("a", *Column::I64({1, 2})).ok());
  EXPECT_THAT(table.Add("b", *Column::I64({1})), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(table.Add("a", *Column::F64({1, 2})), HasReason(Reason::kFieldInvalid));
  EXPECT_NE(table.Find("a"), nullptr);
  EXPECT_EQ(table.Find("b"), nullptr);
}

TEST(PairSet, OnlyWellFormedListsAreTaken) {
  auto pairs = PairSet::Make(3, {0, 2, 2, 3}, {0, 2, 1});
  ASSERT_TRUE(pairs.ok());
  EXPECT_THAT((*pairs)->offer(), ::testing::ElementsAre(0, 2, 1));
  EXPECT_THAT((*pairs)->row_start(), ::testing::ElementsAre(0, 2, 2, 3));
  EXPECT_TRUE(PairSet::Make(0, {0}, {}).ok()) << "an empty problem is one";
  EXPECT_THAT(PairSet::Make(3, {}, {}), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(PairSet::Make(3, {0, 2}, {1, 0}), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(PairSet::Make(3, {0, 2}, {1, 1}), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(PairSet::Make(3, {0, 1}, {3}), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(PairSet::Make(3, {0, 2, 1}, {0}), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(PairSet::Make(3, {1, 2}, {0, 1}), HasReason(Reason::kFieldInvalid));
}

}  // namespace
}  // namespace tandem::plugin
