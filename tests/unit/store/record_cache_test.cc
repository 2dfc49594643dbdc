// SPDX-License-Identifier: Apache-2.0

#include "store/record_cache.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/error.h"

namespace tandem::store {
namespace {

using model::RecordType;

// Versions in a map; counts how often it is asked.
class CountingReader final : public RecordReader {
 public:
  void Put(RecordType type, std::string id, Revision revision, std::string bytes) {
    versions_[Key(type, id, revision)] = std::make_shared<const std::string>(std::move(bytes));
  }
  int reads() const { return reads_; }
  // The version lies on a disk that is asked by Read only.
  void set_cold(bool cold) { cold_ = cold; }

  absl::StatusOr<RecordBytes> Read(RecordType type, std::string_view id,
                                   Revision revision) const override {
    ++reads_;
    auto found = versions_.find(Key(type, id, revision));
    if (found == versions_.end()) {
      return model::MakeError(model::Reason::kResourceNotFound, "no such version");
    }
    return RecordBytes(found->second, *found->second,
                       static_cast<uint32_t>(found->second->size() / 2));
  }
  absl::StatusOr<std::optional<RecordBytes>> ReadCached(RecordType type, std::string_view id,
                                                        Revision revision) const override {
    if (cold_) {
      ++reads_;
      return std::nullopt;
    }
    absl::StatusOr<RecordBytes> read = Read(type, id, revision);
    if (!read.ok()) return read.status();
    return *std::move(read);
  }

 private:
  static std::string Key(RecordType type, std::string_view id, Revision revision) {
    return absl::StrCat(static_cast<int>(type), "/", absl::string_view(id.data(), id.size()), "@",
                        revision);
  }
  std::map<std::string, std::shared_ptr<const std::string>> versions_;
  mutable int reads_ = 0;
  bool cold_ = false;
};

TEST(RecordCacheTest, AsksOnceForEachVersion) {
  CountingReader from;
  from.Put(RecordType::kAgency, "a", 1, "first of a");
  from.Put(RecordType::kAgency, "a", 2, "second of a");
  from.Put(RecordType::kNeed, "a", 1, "a need");
  const RecordCache cache(from, 1 << 20);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(cache.Read(RecordType::kAgency, "a", 1)->bytes(), "first of a");
    EXPECT_EQ(cache.Read(RecordType::kAgency, "a", 1)->body(), "first");
    EXPECT_EQ((*cache.ReadCached(RecordType::kAgency, "a", 2))->bytes(), "second of a");
    EXPECT_EQ(cache.Read(RecordType::kNeed, "a", 1)->bytes(), "a need");
  }
  EXPECT_EQ(from.reads(), 3);
  EXPECT_GT(cache.MemoryBytes(), size_t{3} * 8);
}

TEST(RecordCacheTest, KeepsNoFailureAndNoMiss) {
  CountingReader from;
  const RecordCache cache(from, 1 << 20);
  EXPECT_EQ(model::ErrorReason(cache.Read(RecordType::kAgency, "a", 1).status()),
            model::Reason::kResourceNotFound);
  from.Put(RecordType::kAgency, "a", 1, "now here");
  from.set_cold(true);
  EXPECT_EQ(*cache.ReadCached(RecordType::kAgency, "a", 1), std::nullopt);
  EXPECT_EQ(cache.Read(RecordType::kAgency, "a", 1)->bytes(), "now here");
  // What Read brought in, ReadCached finds.
  EXPECT_EQ((*cache.ReadCached(RecordType::kAgency, "a", 1))->bytes(), "now here");
}

TEST(RecordCacheTest, BytesOutliveTheirEviction) {
  CountingReader from;
  const std::string large(2000, 'x');
  for (int i = 0; i < 2000; ++i) from.Put(RecordType::kAgency, absl::StrCat(i), 1, large);
  const size_t room = size_t{1} << 20U;
  const RecordCache cache(from, room);
  (void)*cache.Read(RecordType::kAgency, "0", 1);
  const absl::StatusOr<RecordBytes> held = cache.Read(RecordType::kAgency, "0", 1);
  for (int i = 1; i < 2000; ++i) {
    ASSERT_EQ(cache.Read(RecordType::kAgency, absl::StrCat(i), 1)->bytes(), large);
  }
  EXPECT_EQ(held->bytes(), large);
  EXPECT_LE(cache.MemoryBytes(), room + 4096);
}

TEST(RecordCacheTest, LeavesOutWhatIsTooLargeAndWorksWithoutRoom) {
  CountingReader from;
  from.Put(RecordType::kAgency, "huge", 1, std::string(500'000, 'x'));
  from.Put(RecordType::kAgency, "a", 1, "");
  const RecordCache cache(from, 1 << 20);
  const RecordCache none(from, 0);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(cache.Read(RecordType::kAgency, "huge", 1)->bytes().size(), 500'000U);
    EXPECT_EQ(none.Read(RecordType::kAgency, "a", 1)->bytes(), "");
  }
  EXPECT_EQ(from.reads(), 4);
  EXPECT_EQ(none.MemoryBytes(), 0U);
}

}  // namespace
}  // namespace tandem::store
