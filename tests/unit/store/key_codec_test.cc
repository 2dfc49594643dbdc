// SPDX-License-Identifier: Apache-2.0

#include "store/key_codec.h"

#include <algorithm>
#include <random>
#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tandem::store {
namespace {

using model::RecordType;

// Ids close to each other: prefixes, the bytes around NUL and the separators that real ids use.
std::string RandomId(std::mt19937& random) {
  constexpr std::string_view kAlphabet("\x01\x02-/09az\xff", 9);
  std::string id;
  const size_t size = 1 + random() % 4;
  while (id.size() < size) id.push_back(kAlphabet[random() % kAlphabet.size()]);
  return id;
}

TEST(KeyCodec, ByteOrderIsTypeThenIdThenNewestFirst) {
  std::mt19937 random(1);
  std::vector<std::tuple<int, std::string, Revision>> parts;
  for (int i = 0; i < 3000; ++i) {
    const Revision revision =
        random() % 2 == 0 ? 1 + random() % 5 : MakeRevision(random() % 3, 1 + random());
    parts.emplace_back(1 + random() % 11, RandomId(random), revision);
  }
  const auto key = [](const auto& part) {
    return RecordKey(static_cast<RecordType>(std::get<0>(part)), std::get<1>(part),
                     std::get<2>(part));
  };
  for (size_t i = 1; i < parts.size(); ++i) {
    const auto& a = parts[i - 1];
    const auto& b = parts[i];
    const auto rank = [](const auto& part) {
      return std::make_tuple(std::get<0>(part), std::get<1>(part), -std::get<2>(part));
    };
    EXPECT_EQ(key(a) < key(b), rank(a) < rank(b));
    EXPECT_EQ(key(a) == key(b), rank(a) == rank(b));
  }
}

TEST(KeyCodec, ParsesWhatItMade) {
  std::mt19937 random(2);
  for (int i = 0; i < 1000; ++i) {
    const std::string id = RandomId(random);
    const Revision revision = MakeRevision(random() % 4, 1 + random());
    const std::string key = RecordKey(RecordType::kOffer, id, revision);
    const auto parts = ParseRecordKey(key);
    ASSERT_TRUE(parts.has_value());
    EXPECT_EQ(parts->type, RecordType::kOffer);
    EXPECT_EQ(parts->id, id);
    EXPECT_EQ(parts->revision, revision);
    EXPECT_EQ(ParseLogKey(LogKey(revision)), revision);
  }
}

TEST(KeyCodec, RefusesOtherBytes) {
  const std::string key = RecordKey(RecordType::kAgency, "a", 7);
  for (size_t size = 0; size < key.size(); ++size)
    EXPECT_FALSE(ParseRecordKey(key.substr(0, size)).has_value());
  std::string other = key;
  other[2] = 'x';  // Where the NUL was.
  EXPECT_FALSE(ParseRecordKey(other).has_value());
  EXPECT_FALSE(ParseRecordKey(RecordKey(static_cast<RecordType>(0), "a", 7)).has_value());
  EXPECT_FALSE(ParseRecordKey(RecordKey(RecordType::kAgency, "a", 0)).has_value());
  EXPECT_FALSE(ParseLogKey("1234567").has_value());
  EXPECT_FALSE(ParseLogKey(LogKey(0)).has_value());
  EXPECT_FALSE(ParseLogKey(LogKey(-1)).has_value());
}

TEST(KeyCodec, BoundsEncloseExactlyTheVersionsOfAnId) {
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    const std::string id = RandomId(random);
    const std::string other = RandomId(random);
    const std::string key = RecordKey(RecordType::kNeed, other, 1 + random() % 100);
    const bool inside = RecordLowerBound(RecordType::kNeed, id) <= key &&
                        key < RecordUpperBound(RecordType::kNeed, id);
    EXPECT_EQ(inside, id == other);
    EXPECT_EQ(RecordLowerBound(RecordType::kNeed, id) <= key, id <= other);
    EXPECT_LT(key, RecordTypeEnd(RecordType::kNeed));
    EXPECT_LE(RecordLowerBound(RecordType::kNeed, ""), key);
    EXPECT_LE(RecordTypeEnd(RecordType::kOffer), key);
  }
}

TEST(KeyCodec, GoldenBytes) {
  EXPECT_EQ(RecordKey(RecordType::kRegion, "632323", MakeRevision(1, 2)),
            std::string("\x03"
                        "632323\x00\xff\xff\xfe\xff\xff\xff\xff\xfd",
                        16));
  EXPECT_EQ(LogKey(MakeRevision(1, 2)), std::string("\x00\x00\x01\x00\x00\x00\x00\x02", 8));
}

TEST(KeyCodec, RequestKeysOfDifferentPartsDiffer) {
  EXPECT_NE(RequestKey("a", "bc", "d"), RequestKey("ab", "c", "d"));
  EXPECT_NE(RequestKey("a", "b", "cd"), RequestKey("a", "bc", "d"));
  EXPECT_NE(RequestKey("", "b", "c"), RequestKey("b", "", "c"));
  EXPECT_EQ(RequestKey("a", "b", "c"), RequestKey("a", "b", "c"));
}

TEST(KeyCodec, Ids) {
  EXPECT_TRUE(IsValidRecordId("a/contacts/b"));
  EXPECT_FALSE(IsValidRecordId(""));
  EXPECT_FALSE(IsValidRecordId(std::string_view("a\0b", 3)));
  EXPECT_TRUE(IsValidRecordId(std::string(kMaxRecordIdBytes, 'x')));
  EXPECT_FALSE(IsValidRecordId(std::string(kMaxRecordIdBytes + 1, 'x')));
}

}  // namespace
}  // namespace tandem::store
