// SPDX-License-Identifier: Apache-2.0

#include "store/record_codec.h"

#include <random>
#include <set>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "model/error.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/contact.pb.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/match_run.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/pairing.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/round.pb.h"
#include "tandem/v1/service_category.pb.h"

namespace tandem::store {
namespace {

Tail FullTail() {
  Tail tail;
  tail.revision = 1234;
  tail.create_time_ns = 1'700'000'000'000'000'001;
  tail.update_time_ns = 1'700'000'001'000'000'000;
  tail.delete_time_ns = 1'700'000'002'500'000'000;
  tail.purge_time_ns = PurgeTimeNs(tail.delete_time_ns);
  return tail;
}

TEST(RecordCodec, GoldenTail) {
  EXPECT_EQ(absl::BytesToHexString(AppendTail("", FullTail())),
            "22080880e2cfaa061001"          // create_time: seconds 1700000000, nanos 1
            "2a060881e2cfaa06"              // update_time
            "320c0882e2cfaa061080cab5ee01"  // delete_time, nanos 500000000
            "3a0c0882fcedab061080cab5ee01"  // purge_time, 30 days on
            "42052231366922");              // etag "16i"
  Tail created;
  created.revision = 1;
  created.create_time_ns = created.update_time_ns = 1'000'000'000;
  EXPECT_EQ(absl::BytesToHexString(AppendTail("\x0a\x01x", created)),
            "0a0178220208012a0208014203223122");
}

TEST(RecordCodec, TailIsWhatTheMessageSays) {
  v1::Agency agency;
  agency.set_name("agencies/a");
  agency.set_display_name("合成");
  (*agency.mutable_labels())["x"] = "y";
  const Tail tail = FullTail();
  const std::string body = agency.SerializeAsString();
  v1::Agency stored;
  ASSERT_TRUE(stored.ParseFromString(AppendTail(body, tail)));
  EXPECT_EQ(stored.etag(), "\"16i\"");
  EXPECT_EQ(stored.create_time().seconds(), 1'700'000'000);
  EXPECT_EQ(stored.create_time().nanos(), 1);
  EXPECT_EQ(stored.update_time().seconds(), 1'700'000'001);
  EXPECT_EQ(stored.delete_time().nanos(), 500'000'000);
  EXPECT_EQ(stored.purge_time().seconds(), 1'700'000'002 + 30 * 86'400);
  stored.clear_etag();
  stored.clear_create_time();
  stored.clear_update_time();
  stored.clear_delete_time();
  stored.clear_purge_time();
  EXPECT_EQ(stored.SerializeAsString(), body);
}

// The numbers are the format: a resource with others would store its tail as something else.
template <typename Resource>
class ResourceTailTest : public ::testing::Test {};

using Resources =
    ::testing::Types<v1::Agency, v1::Contact, v1::ServiceCategory, v1::Region, v1::Round, v1::Offer,
                     v1::Need, v1::Pairing, v1::MatchProfile, v1::MatchRun>;
TYPED_TEST_SUITE(ResourceTailTest, Resources);

TYPED_TEST(ResourceTailTest, HasTheTailsFieldNumbers) {
  const auto* type = TypeParam::descriptor();
  const auto number = [&](const char* field) {
    const auto* found = type->FindFieldByName(field);
    return found == nullptr ? 0 : found->number();
  };
  EXPECT_EQ(number("create_time"), kCreateTimeField);
  EXPECT_EQ(number("update_time"), kUpdateTimeField);
  EXPECT_EQ(number("delete_time"), kDeleteTimeField);
  EXPECT_EQ(number("purge_time"), kPurgeTimeField);
  EXPECT_EQ(number("etag"), kEtagField);
}

TEST(RecordCodec, ParsesItsOwnTail) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 2000; ++i) {
    Tail tail;
    tail.revision = static_cast<Revision>(random() >> (1 + random() % 63));
    if (tail.revision == 0) tail.revision = 1;
    // Before 1970 too: times come from a clock that may be wrong.
    const auto time = [&] {
      return random() % 4 == 0 ? 0 : static_cast<int64_t>(random() >> 2U) * (random() % 2 ? 1 : -1);
    };
    tail.create_time_ns = time();
    tail.update_time_ns = time();
    tail.delete_time_ns = time();
    tail.purge_time_ns = time();
    const std::string bytes = AppendTail("", tail);
    const auto parsed = ParseTail(bytes);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->revision, tail.revision);
    EXPECT_EQ(parsed->create_time_ns, tail.create_time_ns);
    EXPECT_EQ(parsed->update_time_ns, tail.update_time_ns);
    EXPECT_EQ(parsed->delete_time_ns, tail.delete_time_ns);
    EXPECT_EQ(parsed->purge_time_ns, tail.purge_time_ns);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(ParseTail(std::string_view(bytes).substr(0, size)).ok()) << size;
    }
    EXPECT_FALSE(ParseTail(bytes + "\x42\x03\"1\"").ok()) << "an etag twice";
    EXPECT_FALSE(ParseTail("\x0a\x01x" + bytes).ok()) << "a body";
  }
}

TEST(RecordCodec, BodyMustNotHoldTheTail) {
  v1::Region region;
  region.set_name("regions/11");
  EXPECT_TRUE(CheckBody(region.SerializeAsString()).ok());
  EXPECT_TRUE(CheckBody("").ok());
  v1::Region with_time = region;
  with_time.mutable_update_time()->set_seconds(1);
  EXPECT_EQ(model::ErrorReason(CheckBody(with_time.SerializeAsString())), model::Reason::kInternal);
  v1::Region with_etag = region;
  with_etag.set_etag("\"1\"");
  EXPECT_FALSE(CheckBody(with_etag.SerializeAsString()).ok());
  EXPECT_FALSE(CheckBody(region.SerializeAsString() + "\x0a\x7f").ok()) << "cut";
  EXPECT_FALSE(CheckBody("\x07").ok()) << "no wire type";
}

TEST(RecordCodec, EtagsRoundTrip) {
  std::mt19937_64 random(5);
  std::set<std::string> seen;
  for (int i = 0; i < 5000; ++i) {
    const auto revision = static_cast<Revision>((random() >> 1U) >> (random() % 62));
    if (revision == 0) continue;
    EXPECT_EQ(ParseEtag(EtagOf(revision)), revision);
  }
  EXPECT_EQ(EtagOf(1), "\"1\"");
  EXPECT_EQ(EtagOf(31), "\"v\"");
  EXPECT_EQ(EtagOf(32), "\"10\"");
  EXPECT_EQ(EtagOf(MakeRevision(1, 1)), "\"100000001\"");
  EXPECT_EQ(ParseEtag(EtagOf(INT64_MAX)), INT64_MAX);
}

TEST(RecordCodec, RefusesOtherEtags) {
  for (const char* etag :
       {"", "\"", "\"\"", "1", "\"1", "1\"", "\"01\"", "\"0\"", "\"w\"", "\"A\"", "\"1 \"",
        "W/\"1\"", "\"8000000000000\"", "\"vvvvvvvvvvvvv\"", "\"10000000000000\"", "'1'"}) {
    EXPECT_FALSE(ParseEtag(etag).has_value()) << etag;
  }
}

}  // namespace
}  // namespace tandem::store
