// SPDX-License-Identifier: Apache-2.0

// What changes are serialised by hand rests on: numbers that are the same in storage and on the
// wire, and bytes that a client reads as what was stored.

#include "service/change_batch.h"

#include <set>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "model/canonical.h"
#include "model/resource_traits.h"
#include "store/record_codec.h"
#include "support/memory_log.h"
#include "tandem/v1/change_service.pb.h"

namespace tandem::service {
namespace {

using model::RecordType;

TEST(ChangeBatchTest, EveryWatchedResourceHasItsNumberInRecord) {
  const auto* record = v1::Record::descriptor();
  std::set<int> numbers;
  for (const model::ResourceTraits& resource : model::AllResources()) {
    if (!IsWatched(resource.type)) continue;
    const int number = static_cast<int>(resource.type);
    const auto* field = record->FindFieldByNumber(number);
    ASSERT_NE(field, nullptr) << "tandem.v1.Record needs " << resource.singular << " = " << number;
    EXPECT_EQ(field->name(), std::string(resource.singular));
    EXPECT_EQ(field->message_type(), resource.prototype->GetDescriptor());
    numbers.insert(number);
  }
  EXPECT_EQ(static_cast<size_t>(record->field_count()), numbers.size());
}

TEST(ChangeBatchTest, PersonalDataAndChunksAreNotTold) {
  EXPECT_FALSE(IsWatched(RecordType::kContact));
  EXPECT_FALSE(IsWatched(RecordType::kMatchChunk));
  EXPECT_EQ(v1::Record::descriptor()->FindFieldByName("contact"), nullptr);
}

TEST(ChangeBatchTest, KindsHaveTheNumbersOfStorage) {
  const auto* stored = storage::v1::ChangeKind_descriptor();
  const auto* served = v1::ChangeKind_descriptor();
  ASSERT_EQ(stored->value_count(), served->value_count());
  for (int i = 0; i < stored->value_count(); ++i) {
    EXPECT_EQ(stored->value(i)->name(), served->value(i)->name());
    EXPECT_EQ(stored->value(i)->number(), served->value(i)->number());
  }
}

store::RecordWrite Write(RecordType type, const std::string& id, const std::string& body,
                         store::Revision revision, store::Revision previous = 0) {
  store::Tail tail;
  tail.revision = revision;
  tail.create_time_ns = 1;
  store::RecordWrite write;
  write.type = type;
  write.id = id;
  write.kind = previous == 0 ? storage::v1::CHANGE_KIND_CREATED : storage::v1::CHANGE_KIND_UPDATED;
  write.previous_revision = previous;
  write.bytes = store::AppendTail(body, tail);
  write.body_size = static_cast<uint32_t>(body.size());
  return write;
}

v1::ChangeEvent Parse(const absl::StatusOr<grpc::Slice>& framed) {
  v1::WatchResponse message;
  if (!framed.ok() || !message.ParseFromArray(framed->begin(), static_cast<int>(framed->size())) ||
      message.events_size() != 1) {
    ADD_FAILURE() << "no event: " << framed.status();
    return {};
  }
  return message.events(0);
}

TEST(ChangeBatchTest, TheSameFromTheCommitAndFromTheLog) {
  support::MemoryLog log;
  v1::Agency agency;
  agency.set_name("agencies/a");
  agency.set_display_name(std::string(300, 'n'));
  const std::string body = model::SerializeCanonical(agency);
  store::Entry first;
  first.revision = store::MakeRevision(1, 1);
  first.commit_time_ns = 1'700'000'000'123'456'789;
  first.writes.push_back(Write(RecordType::kAgency, "a", body, first.revision));
  first.writes.push_back(Write(RecordType::kMatchChunk, "r/matches-1", "x", first.revision));
  store::Entry second = first;
  second.revision = store::MakeRevision(1, 2);
  second.writes = {Write(RecordType::kAgency, "a", body, second.revision, first.revision)};
  const std::vector<store::Entry> entries = {first, second};
  ASSERT_TRUE(log.Append(log.Head(), entries).ok());

  catalog::Catalog catalog;
  ASSERT_TRUE(catalog.Load(log).ok());
  VersionSource source{&log, &log, &catalog, /*may_block=*/true};
  const ChangeBatch live(second);
  storage::v1::LogEntry stored;
  ASSERT_TRUE(log.Feed(second.revision,
                       [&](store::Revision, const storage::v1::LogEntry& entry) {
                         stored = entry;
                         return true;
                       })
                  .ok());
  const ChangeBatch logged(second.revision, stored);
  for (const ChangeBatch* batch : {&live, &logged}) {
    ASSERT_EQ(batch->size(), 1U);
    const v1::ChangeEvent event = Parse(batch->Framed(0, &source));
    EXPECT_EQ(event.name(), "agencies/a");
    EXPECT_EQ(event.kind(), v1::CHANGE_KIND_UPDATED);
    EXPECT_EQ(event.revision(), second.revision);
    EXPECT_EQ(event.previous_revision(), first.revision);
    EXPECT_EQ(event.commit_time().nanos(), 123'456'789);
    EXPECT_EQ(event.record().agency().SerializeAsString(), second.writes[0].bytes);
    const v1::ChangeEvent both =
        Parse(batch->Reframed(0, storage::v1::CHANGE_KIND_CREATED, /*with_record=*/false,
                              /*with_previous=*/true, &source));
    EXPECT_EQ(both.kind(), v1::CHANGE_KIND_CREATED);
    EXPECT_FALSE(both.has_record());
    EXPECT_EQ(both.previous().agency().SerializeAsString(), first.writes[0].bytes);
  }
  EXPECT_EQ(Parse(live.Framed(0, &source)).SerializeAsString(),
            Parse(logged.Framed(0, &source)).SerializeAsString());
  // A chunk keeps its place in the revision and nothing else.
  const ChangeBatch mixed(first);
  EXPECT_EQ(mixed.size(), 2U);
  EXPECT_EQ(mixed.header(1).type, RecordType::kMatchChunk);
}

}  // namespace
}  // namespace tandem::service
