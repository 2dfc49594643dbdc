// SPDX-License-Identifier: Apache-2.0

// Merging agencies over the wire: what the survivor takes over, what old names answer, who is
// refused, and what others see of it.

#include <string>
#include <utility>
#include <vector>

#include "agency_calls.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "sync_call.h"

namespace tandem::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class MergeTest : public AgencyTest {
 protected:
  // The record as a merge left it.
  v1::Agency Sign(const std::string& id) { return Get(id, true).As<v1::Agency>(); }

  std::string CreateOffer(const std::string& id, const std::string& agency) {
    v1::CreateOfferRequest request;
    request.set_offer_id(id);
    request.mutable_offer()->set_agency(AgencyName(agency));
    request.mutable_offer()->set_slots(1);
    return Call("tandem.v1.OfferService/CreateOffer", request).reason();
  }
  std::vector<std::string> OffersOf(const std::string& agency, const std::string& comparison) {
    v1::ListOffersRequest request;
    request.set_filter(StrCat("agency ", comparison, " \"", AgencyName(agency), "\""));
    std::vector<std::string> ids;
    const auto listed =
        CallOk("tandem.v1.OfferService/ListOffers", request).As<v1::ListOffersResponse>();
    for (const v1::Offer& offer : listed.offers()) {
      ids.push_back(offer.name().substr(sizeof("offers/") - 1));
    }
    return ids;
  }
};

TEST_F(MergeTest, TheSurvivorTakesOverNamesAndNumbersInOneCommit) {
  Create("new", R"(display_name: "新机构"
                   identifiers { scheme: "tax" value: "2" verified: true })");
  Create("old", R"(display_name: "旧机构" home_region: ""
                   identifiers { scheme: "tax" value: "1" verified: true }
                   what_we_do: "work")");
  const store::Revision before = revision();
  const CallResult merged = Merge("new", {"old"});
  ASSERT_EQ(merged.reason(), "OK");
  EXPECT_EQ(revision(), before + 1);
  EXPECT_EQ(merged.revision, revision());
  const auto survivor = merged.As<v1::Agency>();
  EXPECT_EQ(survivor.name(), "agencies/new");
  EXPECT_THAT(survivor.former_names(), ElementsAre("旧机构"));
  ASSERT_EQ(survivor.identifiers_size(), 2);
  EXPECT_TRUE(survivor.identifiers(1).former());
  EXPECT_TRUE(survivor.identifiers(1).verified());
  EXPECT_EQ(survivor.what_we_do(), "");

  // The old name answers the survivor, byte for byte; unresolved it tells where it went.
  EXPECT_EQ(Get("old").bytes, Get("new").bytes);
  EXPECT_EQ(Get("old").bytes, merged.bytes);
  v1::BatchGetAgenciesRequest batch;
  batch.add_names("agencies/old");
  EXPECT_EQ(CallOk(AgencyMethod("BatchGetAgencies"), batch)
                .As<v1::BatchGetAgenciesResponse>()
                .agencies(0)
                .SerializeAsString(),
            survivor.SerializeAsString());
  EXPECT_EQ(Sign("old").merged_into(), "agencies/new");
  EXPECT_EQ(Sign("old").status(), v1::AGENCY_STATUS_MERGED);
  EXPECT_EQ(Sign("old").display_name(), "旧机构");
  EXPECT_EQ(Sign("new").merged_into(), "");
  EXPECT_EQ(Lookup("tax", "1").agency().name(), "agencies/new");
  EXPECT_EQ(CreateCall("third", R"(identifiers { scheme: "tax" value: "1" verified: true })")
                .Metadata("holder"),
            "agencies/new");
}

TEST_F(MergeTest, ChainsAreOneStepLong) {
  for (const char* id : {"a", "b", "c", "d"}) Create(id);
  ASSERT_EQ(Merge("b", {"a"}).reason(), "OK");
  ASSERT_EQ(Merge("c", {"b"}).reason(), "OK");
  EXPECT_EQ(Sign("a").merged_into(), "agencies/c") << "moved on by the second merge";
  EXPECT_EQ(Sign("b").merged_into(), "agencies/c");
  // A merged survivor stands for the record it was merged into.
  ASSERT_EQ(Merge("a", {"d"}).reason(), "OK");
  EXPECT_EQ(Sign("d").merged_into(), "agencies/c");
  for (const char* id : {"a", "b", "c", "d"}) EXPECT_EQ(Get(id).bytes, Get("c").bytes) << id;
  EXPECT_THAT(Get("c").As<v1::Agency>().former_names(), UnorderedElementsAre("a", "b", "d"));
}

TEST_F(MergeTest, CyclesAndRecordsThatAreGoneAreRefused) {
  for (const char* id : {"a", "b", "c", "gone"}) Create(id);
  ASSERT_EQ(Merge("b", {"a"}).reason(), "OK");
  ASSERT_TRUE(Delete("gone").ok());
  const store::Revision before = revision();
  EXPECT_EQ(Merge("c", {"c"}).reason(), "MERGE_CYCLE");
  EXPECT_EQ(Merge("a", {"b"}).reason(), "MERGE_CYCLE") << "a stands for b itself";
  EXPECT_EQ(Merge("a", {"b"}).Metadata("survivor"), "agencies/b");
  const CallResult again = Merge("c", {"a"});
  EXPECT_EQ(again.reason(), "RESOURCE_MERGED");
  EXPECT_EQ(again.Metadata("survivor"), "agencies/b");
  EXPECT_EQ(Merge("c", {"gone"}).reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(Merge("gone", {"c"}).reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(Merge("none", {"c"}).reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(Merge("c", {"none"}).reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(Merge("c", {}).reason(), "FIELD_INVALID");
  EXPECT_EQ(Merge("c", {"b", "b"}).reason(), "FIELD_INVALID");
  EXPECT_EQ(Merge("c", {"b", "gone"}).reason(), "RESOURCE_NOT_FOUND") << "all or nothing";
  EXPECT_EQ(revision(), before) << "nothing of all this was written";
}

TEST_F(MergeTest, WritesUnderAnOldNameNameTheSurvivor) {
  Create("a");
  Create("b");
  ASSERT_EQ(Merge("a", {"b"}).reason(), "OK");
  for (const CallResult& refused : {Rename("b", "x"), Delete("b")}) {
    EXPECT_EQ(refused.reason(), "RESOURCE_MERGED");
    EXPECT_EQ(refused.Metadata("survivor"), "agencies/a");
  }
  EXPECT_EQ(CreateCall("b", "").reason(), "RESOURCE_EXISTS");
  EXPECT_EQ(CreateCall("c", "status: AGENCY_STATUS_MERGED").reason(), "FIELD_INVALID");
  EXPECT_EQ(Rename("a", "x").reason(), "OK");
  EXPECT_EQ(Get("b").As<v1::Agency>().display_name(), "x");
}

TEST_F(MergeTest, ListsAndSearchesLeaveMergedRecordsOutUnlessAskedFor) {
  for (const char* id : {"a", "b", "c"}) Create(id, R"(display_name: "心翼社工")");
  ASSERT_EQ(Merge("a", {"b"}).reason(), "OK");
  EXPECT_THAT(List(), ElementsAre("a", "c"));
  EXPECT_THAT(List("status != AGENCY_STATUS_ENDED"), ElementsAre("a", "c"));
  EXPECT_THAT(List("", true), ElementsAre("a", "b", "c"));
  EXPECT_THAT(List("merged_into = \"agencies/a\""), ElementsAre("b"));
  EXPECT_THAT(List("status = AGENCY_STATUS_MERGED"), ElementsAre("b"));
  v1::SearchAgenciesRequest search;
  search.set_text("心翼");
  search.add_facets("status");
  const auto found =
      CallOk(AgencyMethod("SearchAgencies"), search).As<v1::SearchAgenciesResponse>();
  EXPECT_EQ(found.results_size(), 2);
  EXPECT_EQ(found.total_count(), 2);
  v1::SuggestAgenciesRequest suggest;
  suggest.set_text("心");
  EXPECT_EQ(CallOk(AgencyMethod("SuggestAgencies"), suggest)
                .As<v1::SuggestAgenciesResponse>()
                .suggestions_size(),
            1);
}

TEST_F(MergeTest, ReferencesToAMergedRecordCountAsTheSurvivors) {
  for (const char* id : {"a", "b", "c"}) Create(id);
  ASSERT_EQ(CreateOffer("of-a", "a"), "OK");
  ASSERT_EQ(CreateOffer("of-b", "b"), "OK");
  ASSERT_EQ(CreateOffer("of-c", "c"), "OK");
  ASSERT_EQ(Merge("a", {"b"}).reason(), "OK");
  ASSERT_EQ(CreateOffer("later", "b"), "OK") << "an old name is a name";
  for (const char* id : {"a", "b"}) {
    EXPECT_THAT(OffersOf(id, "="), ElementsAre("later", "of-a", "of-b")) << id;
    EXPECT_THAT(OffersOf(id, "!="), ElementsAre("of-c")) << id;
  }
  EXPECT_THAT(OffersOf("c", "="), ElementsAre("of-c"));
  // Who is referred to under an old name does not go.
  for (const char* id : {"of-a", "later"}) {
    v1::DeleteOfferRequest request;
    request.set_name(StrCat("offers/", id));
    CallOk("tandem.v1.OfferService/DeleteOffer", request);
  }
  const CallResult in_use = Delete("a");
  EXPECT_EQ(in_use.reason(), "RESOURCE_IN_USE");
  EXPECT_EQ(in_use.Metadata("referrers"), "1");
}

TEST_F(MergeTest, ContactsOfAMergedRecordBelongToItsSurvivor) {
  Create("a");
  Create("b");
  v1::CreateContactRequest create;
  create.set_parent("agencies/b");
  create.set_contact_id("c");
  create.mutable_contact()->set_display_name("合成");
  CallOk("tandem.v1.ContactService/CreateContact", create);
  ASSERT_EQ(Merge("a", {"b"}).reason(), "OK");
  for (const char* parent : {"agencies/a", "agencies/b"}) {
    v1::ListContactsRequest list;
    list.set_parent(parent);
    const auto page =
        CallOk("tandem.v1.ContactService/ListContacts", list).As<v1::ListContactsResponse>();
    ASSERT_EQ(page.contacts_size(), 1) << parent;
    EXPECT_EQ(page.contacts(0).name(), "agencies/b/contacts/c");
  }
  EXPECT_EQ(Delete("a").reason(), "RESOURCE_IN_USE");
  v1::DeleteAgencyRequest forced;
  forced.set_name("agencies/a");
  forced.set_force(true);
  EXPECT_EQ(Call(AgencyMethod("DeleteAgency"), forced).reason(), "OK");
  v1::GetContactRequest get;
  get.set_name("agencies/b/contacts/c");
  EXPECT_TRUE(
      CallOk("tandem.v1.ContactService/GetContact", get).As<v1::Contact>().has_delete_time());
}

TEST_F(MergeTest, AMergedRecordKeepsNobodyFromBeingDeleted) {
  v1::CreateRegionRequest create;
  create.set_region_id("x-1");
  create.mutable_region()->set_display_name("省");
  create.mutable_region()->set_code("1");
  create.mutable_region()->set_code_scheme("x");
  CallOk("tandem.v1.RegionService/CreateRegion", create);
  Create("a");
  Create("b", R"(home_region: "regions/x-1")");
  v1::DeleteRegionRequest request;
  request.set_name("regions/x-1");
  EXPECT_EQ(Call("tandem.v1.RegionService/DeleteRegion", request).reason(), "RESOURCE_IN_USE");
  ASSERT_EQ(Merge("a", {"b"}).reason(), "OK");
  EXPECT_EQ(Call("tandem.v1.RegionService/DeleteRegion", request).reason(), "OK");
}

TEST_F(MergeTest, ADeletedSurvivorIsAnsweredAndNeverPurgedWhileOldNamesStandForIt) {
  Create("a");
  Create("b");
  Create("plain");
  ASSERT_EQ(Merge("a", {"b"}).reason(), "OK");
  ASSERT_EQ(Delete("a").reason(), "OK");
  ASSERT_EQ(Delete("plain").reason(), "OK");
  EXPECT_TRUE(Get("b").As<v1::Agency>().has_delete_time());
  clock().Advance(absl::Hours(24 * 31));
  ASSERT_TRUE(other_committer().PurgeExpired().ok());
  EXPECT_EQ(Get("plain").reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(Get("b").bytes, Get("a").bytes);
  EXPECT_EQ(CreateCall("a", "").reason(), "RESOURCE_DELETED_EXISTS");
  v1::PurgeAgencyRequest purge;
  purge.set_name("agencies/a");
  EXPECT_EQ(Call(AgencyMethod("PurgeAgency"), purge).reason(), "RESOURCE_IN_USE");
  EXPECT_EQ(Undelete("a").reason(), "OK");
  EXPECT_FALSE(Get("b").As<v1::Agency>().has_delete_time());
}

TEST_F(MergeTest, FieldsAreTakenAndFilledAsAsked) {
  Create("a", R"(display_name: "甲" staff { total: 1 })");
  Create("b", R"(display_name: "乙" staff { total: 2 } languages: "bo")");
  v1::MergeAgenciesRequest request = MergeRequest("a", {"b"});
  request.set_fill_empty(true);
  v1::MergeField* field = request.add_fields();
  field->set_field_path("staff");
  field->set_agency("agencies/b");
  request.set_validate_only(true);
  const store::Revision before = revision();
  const auto foreseen = CallOk(AgencyMethod("MergeAgencies"), request).As<v1::Agency>();
  EXPECT_EQ(foreseen.staff().total(), 2);
  EXPECT_THAT(foreseen.languages(), ElementsAre("bo"));
  EXPECT_EQ(revision(), before);
  EXPECT_EQ(Get("b").As<v1::Agency>().display_name(), "乙");

  field->set_agency("agencies/c");
  v1::MergeField* other = request.add_fields();
  other->set_field_path("identifiers");
  other->set_agency("agencies/b");
  const CallResult refused = Call(AgencyMethod("MergeAgencies"), request);
  EXPECT_EQ(refused.reason(), "FIELD_INVALID");
  const auto bad = refused.FindDetail<google::rpc::BadRequest>();
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->field_violations(0).field(), "fields[0].agency");
  EXPECT_EQ(bad->field_violations(1).field(), "fields[1].field_path");
}

TEST_F(MergeTest, ARepeatedRequestIsAnsweredWithTheSurvivor) {
  Create("a", R"(former_names: "b")");
  Create("b");
  Create("c");
  v1::MergeAgenciesRequest request = MergeRequest("a", {"b"});
  request.set_request_id("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  const CallResult first = CallOk(AgencyMethod("MergeAgencies"), request);
  const store::Revision after = revision();
  EXPECT_EQ(Call(AgencyMethod("MergeAgencies"), request).bytes, first.bytes);
  EXPECT_EQ(revision(), after);
  request.set_merged(0, "agencies/c");
  EXPECT_EQ(Call(AgencyMethod("MergeAgencies"), request).reason(), "REQUEST_ID_REUSED");
  request = MergeRequest("a", {"c"});
  request.set_etag("\"0\"");
  EXPECT_EQ(Call(AgencyMethod("MergeAgencies"), request).reason(), "ETAG_MISMATCH");
}

class MergedSyncTest : public SyncFixture {};

TEST_F(MergedSyncTest, WhatASourceSaysTheNextNightTakesNothingBack) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  std::vector<v1::Agency> rows = {Row("a", "甲"), Row("b", "乙")};
  for (size_t i = 0; i < rows.size(); ++i) {
    v1::Identifier* number = rows[i].add_identifiers();
    number->set_scheme("tax");
    number->set_value(StrCat(i + 1));
    number->set_verified(true);
  }
  Sync("reg", rows, {.full = true});
  v1::MergeAgenciesRequest merge;
  merge.set_survivor("agencies/a");
  merge.add_merged("agencies/b");
  CallOk(AgencyMethod("MergeAgencies"), merge);
  const v1::ImportResponse again = Sync("reg", rows, {.full = true});
  EXPECT_EQ(again.counts().skipped(), 1) << "the row of the merged one";
  EXPECT_EQ(again.counts().missing(), 0);
  const v1::Agency survivor = Get("a");
  EXPECT_EQ(Get("b").DebugString(), survivor.DebugString());
  EXPECT_THAT(survivor.former_names(), ElementsAre("乙"));
  ASSERT_EQ(survivor.identifiers_size(), 2);
  EXPECT_TRUE(survivor.identifiers(1).former());
  ASSERT_EQ(survivor.source_ids_size(), 1);
  EXPECT_EQ(survivor.source_ids(0).id(), "a");
}

// Between the preparation of one merge and its commit another one moves its survivor away: the
// first must not leave a chain.
TEST_F(MergeTest, TwoMergesAtOnceLeaveNoChain) {
  // The survivor changes nothing by the first merge, so nothing but the committer can notice.
  Create("b", R"(former_names: "a")");
  Create("a");
  Create("c");
  committer().BeforeNextWrite(
      [this](const catalog::PreparedWrite&) { EXPECT_EQ(Merge("c", {"b"}).reason(), "OK"); });
  EXPECT_EQ(Merge("b", {"a"}).reason(), "OK");
  for (const char* id : {"a", "b"}) EXPECT_EQ(Sign(id).merged_into(), "agencies/c") << id;

  // The other way round: somebody joins the record that is being merged away.
  Create("e", R"(former_names: "d")");
  Create("d");
  Create("f");
  committer().BeforeNextWrite(
      [this](const catalog::PreparedWrite&) { EXPECT_EQ(Merge("e", {"d"}).reason(), "OK"); });
  EXPECT_EQ(Merge("f", {"e"}).reason(), "OK");
  for (const char* id : {"d", "e"}) EXPECT_EQ(Sign(id).merged_into(), "agencies/f") << id;

  // And a cycle that neither of the two sees.
  Create("g");
  Create("h");
  committer().BeforeNextWrite(
      [this](const catalog::PreparedWrite&) { EXPECT_EQ(Merge("h", {"g"}).reason(), "OK"); });
  EXPECT_EQ(Merge("g", {"h"}).reason(), "MERGE_CYCLE");
}

TEST_F(MergeTest, ACommitHoldsAThousandRecordsAndNoMore) {
  // A call takes 100; a thousand come together by merging survivors.
  Create("top");
  auto gather = [this](const std::string& prefix, int count) {
    Create(prefix);
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      ids.push_back(StrCat(prefix, "-", i));
      Create(ids.back(), R"(display_name: "same")");
    }
    for (size_t begin = 0; begin < ids.size(); begin += 100) {
      const size_t end = std::min(ids.size(), begin + 100);
      ASSERT_EQ(Merge(prefix, {ids.begin() + static_cast<ptrdiff_t>(begin),
                               ids.begin() + static_cast<ptrdiff_t>(end)})
                    .reason(),
                "OK");
    }
  };
  // 1 survivor + 1 merged + 998 merged before.
  gather("at", 998);
  gather("above", 999);
  EXPECT_EQ(Merge("top", {"above"}).reason(), "LIMIT_EXCEEDED");
  EXPECT_EQ(Merge("top", {"at"}).reason(), "OK");
  EXPECT_EQ(Sign("at-997").merged_into(), "agencies/top");
  EXPECT_EQ(Sign("above-998").merged_into(), "agencies/above");
  std::vector<std::string> many(101, "x");
  for (size_t i = 0; i < many.size(); ++i) many[i] = StrCat("x-", i);
  EXPECT_EQ(Merge("top", many).reason(), "FIELD_INVALID");
}

}  // namespace
}  // namespace tandem::service
