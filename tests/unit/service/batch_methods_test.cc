// SPDX-License-Identifier: Apache-2.0

// Batches over the wire: all or nothing, in the order of the request, each error at its place.

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "model/resource_name.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/contact_service.pb.h"
#include "tandem/v1/region_service.pb.h"

namespace tandem::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;
using v1::Region;

std::string Method(std::string_view verb) {
  return StrCat("tandem.v1.RegionService/", verb, "Regions");
}

std::vector<std::string> WrongFields(const CallResult& result) {
  std::vector<std::string> fields;
  if (auto bad = result.FindDetail<google::rpc::BadRequest>()) {
    for (const auto& violation : bad->field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

class BatchMethodsTest : public ServiceFixture {
 protected:
  // Small caches: reads go to the workers.
  BatchMethodsTest() : ServiceFixture(size_t{64} << 10U) {}

  static v1::CreateRegionRequest* AddCreate(v1::BatchCreateRegionsRequest* batch,
                                            const std::string& id, const std::string& parent = "") {
    v1::CreateRegionRequest* create = batch->add_requests();
    create->set_region_id(id);
    create->mutable_region()->set_display_name(StrCat("区 ", id));
    create->mutable_region()->set_code(id.empty() ? "made" : id);
    create->mutable_region()->set_parent_region(parent);
    return create;
  }
  // Regions r0, r1 …
  v1::BatchCreateRegionsResponse Create(int count) {
    v1::BatchCreateRegionsRequest batch;
    for (int i = 0; i < count; ++i) AddCreate(&batch, StrCat("r", i));
    return CallOk(Method("BatchCreate"), batch).As<v1::BatchCreateRegionsResponse>();
  }
  CallResult Get(const std::string& name) {
    v1::GetRegionRequest get;
    get.set_name(name);
    return Call("tandem.v1.RegionService/GetRegion", get);
  }
};

TEST_F(BatchMethodsTest, CreatesInOneCommitAndInOrder) {
  const store::Revision before = revision();
  v1::BatchCreateRegionsRequest batch;
  // A child before its parent: what counts is the whole.
  AddCreate(&batch, "child", "regions/parent");
  AddCreate(&batch, "parent");
  AddCreate(&batch, "");
  CallResult result = CallOk(Method("BatchCreate"), batch);
  auto response = result.As<v1::BatchCreateRegionsResponse>();
  ASSERT_EQ(response.regions_size(), 3);
  EXPECT_EQ(response.regions(0).name(), "regions/child");
  EXPECT_EQ(response.regions(1).name(), "regions/parent");
  EXPECT_TRUE(model::IsNameIn("regions", response.regions(2).name()));
  EXPECT_EQ(response.revision(), before + 1);
  EXPECT_EQ(result.revision, before + 1);
  EXPECT_EQ(revision(), before + 1);
  for (const Region& region : response.regions()) {
    EXPECT_EQ(Get(region.name()).As<Region>().SerializeAsString(), region.SerializeAsString());
  }
}

TEST_F(BatchMethodsTest, OneWrongRequestStopsAll) {
  Create(1);
  const store::Revision before = revision();
  v1::BatchCreateRegionsRequest batch;
  AddCreate(&batch, "fine");
  AddCreate(&batch, "r0");
  CallResult exists = Call(Method("BatchCreate"), batch);
  EXPECT_EQ(exists.reason(), "RESOURCE_EXISTS");
  EXPECT_EQ(exists.Metadata("place"), "requests[1]");
  EXPECT_THAT(exists.status.error_message(), StartsWith("requests[1]: regions/r0"));
  batch.mutable_requests(1)->set_region_id("other");
  batch.mutable_requests(1)->mutable_region()->set_parent_region("regions/none");
  CallResult missing = Call(Method("BatchCreate"), batch);
  EXPECT_EQ(missing.reason(), "REFERENCE_MISSING");
  EXPECT_EQ(missing.Metadata("place"), "requests[1]");
  EXPECT_EQ(revision(), before);
  EXPECT_EQ(Get("regions/fine").reason(), "RESOURCE_NOT_FOUND");
}

TEST_F(BatchMethodsTest, EveryWrongFieldIsNamedWithItsPlace) {
  v1::BatchCreateRegionsRequest batch;
  AddCreate(&batch, "a")->mutable_region()->clear_display_name();
  AddCreate(&batch, "b");
  AddCreate(&batch, "c")->mutable_region()->set_altitude_m(99'999);
  batch.mutable_requests(2)->mutable_region()->set_valid_to_date("2024-02-30");
  CallResult result = Call(Method("BatchCreate"), batch);
  EXPECT_EQ(result.reason(), "FIELD_INVALID");
  EXPECT_THAT(WrongFields(result), UnorderedElementsAre("requests[0].region.display_name",
                                                        "requests[2].region.valid_to_date",
                                                        "requests[2].region.altitude_m"));
}

TEST_F(BatchMethodsTest, WhatBelongsToTheBatchStandsNowhereElse) {
  v1::BatchCreateRegionsRequest batch;
  AddCreate(&batch, "a")->set_request_id(model::MakeUuid());
  AddCreate(&batch, "b")->set_validate_only(true);
  AddCreate(&batch, "a");
  AddCreate(&batch, "Not An Id");
  AddCreate(&batch, "d")->set_parent("regions/a");
  EXPECT_THAT(WrongFields(Call(Method("BatchCreate"), batch)),
              ElementsAre("requests[0].request_id", "requests[1].validate_only",
                          "requests[2].region_id", "requests[3].region_id", "requests[4].parent"));
  batch.Clear();
  EXPECT_THAT(WrongFields(Call(Method("BatchCreate"), batch)), ElementsAre("requests"));
  AddCreate(&batch, "a");
  batch.set_parent("regions/r");
  EXPECT_THAT(WrongFields(Call(Method("BatchCreate"), batch)), ElementsAre("parent"));
}

TEST_F(BatchMethodsTest, HasAtMostAThousand) {
  v1::BatchCreateRegionsRequest batch;
  for (int i = 0; i < 1001; ++i) AddCreate(&batch, StrCat("r", i));
  EXPECT_THAT(WrongFields(Call(Method("BatchCreate"), batch)), ElementsAre("requests"));
  batch.mutable_requests()->RemoveLast();
  EXPECT_EQ(
      CallOk(Method("BatchCreate"), batch).As<v1::BatchCreateRegionsResponse>().regions_size(),
      1000);
  v1::BatchGetRegionsRequest get;
  for (int i = 0; i < 1000; ++i) get.add_names(StrCat("regions/r", i));
  EXPECT_EQ(CallOk(Method("BatchGet"), get).As<v1::BatchGetRegionsResponse>().regions_size(), 1000);
  get.add_names("regions/r1000");
  EXPECT_THAT(WrongFields(Call(Method("BatchGet"), get)), ElementsAre("names"));
}

// An answer that would be too large is refused before anything is written.
TEST_F(BatchMethodsTest, NothingIsWrittenThatCouldNotBeAnswered) {
  v1::BatchUpdateRegionsRequest update;
  for (int i = 0; i < 80; ++i) {
    v1::CreateRegionRequest create;
    create.set_region_id(StrCat("large-", i));
    create.mutable_region()->set_display_name("large");
    create.mutable_region()->set_code(StrCat(i));
    for (int item = 0; item < 100; ++item) {
      auto* indicator = create.mutable_region()->add_indicators();
      indicator->set_indicator_id(StrCat("i", item));
      indicator->set_source(std::string(600, 's'));
    }
    CallOk("tandem.v1.RegionService/CreateRegion", create);
    Region* patch = update.add_requests()->mutable_region();
    patch->set_name(StrCat("regions/large-", i));
    patch->set_owner("somebody");
  }
  const store::Revision before = revision();
  CallResult result = Call(Method("BatchUpdate"), update);
  EXPECT_EQ(result.reason(), "LIMIT_EXCEEDED");
  EXPECT_EQ(result.Metadata("limit"), "response");
  EXPECT_EQ(revision(), before);
  update.mutable_requests()->DeleteSubrange(60, 20);
  EXPECT_EQ(
      CallOk(Method("BatchUpdate"), update).As<v1::BatchUpdateRegionsResponse>().regions_size(),
      60);
  v1::BatchGetRegionsRequest get;
  for (int i = 0; i < 80; ++i) get.add_names(StrCat("regions/large-", i));
  EXPECT_EQ(Call(Method("BatchGet"), get).reason(), "LIMIT_EXCEEDED");
}

TEST_F(BatchMethodsTest, UpdatesAndTellsWhatDidNotChange) {
  auto created = Create(3);
  v1::BatchUpdateRegionsRequest batch;
  for (int i = 2; i >= 0; --i) {
    auto* update = batch.add_requests();
    update->mutable_region()->set_name(StrCat("regions/r", i));
    update->mutable_region()->set_owner(i == 1 ? "" : "me");
    update->mutable_update_mask()->add_paths("owner");
  }
  auto* fresh = batch.add_requests();
  *fresh->mutable_region() = created.regions(0);
  fresh->mutable_region()->set_name("regions/new");
  fresh->mutable_region()->set_code("new");
  fresh->mutable_region()->clear_etag();
  fresh->set_allow_missing(true);
  auto response = CallOk(Method("BatchUpdate"), batch).As<v1::BatchUpdateRegionsResponse>();
  ASSERT_EQ(response.regions_size(), 4);
  EXPECT_EQ(response.regions(0).name(), "regions/r2");
  EXPECT_EQ(response.regions(0).owner(), "me");
  EXPECT_EQ(response.regions(1).SerializeAsString(), created.regions(1).SerializeAsString());
  EXPECT_EQ(response.regions(3).name(), "regions/new");
  // One stale etag stops all.
  batch.mutable_requests()->DeleteSubrange(1, 3);
  *batch.add_requests()->mutable_region() = created.regions(0);
  CallResult stale = Call(Method("BatchUpdate"), batch);
  EXPECT_EQ(stale.reason(), "ETAG_MISMATCH");
  EXPECT_EQ(stale.Metadata("place"), "requests[1]");
  batch.mutable_requests(1)->mutable_region()->set_name("regions/none");
  CallResult missing = Call(Method("BatchUpdate"), batch);
  EXPECT_EQ(missing.reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(missing.Metadata("place"), "requests[1]");
}

TEST_F(BatchMethodsTest, DeletesWhatRefersToEachOther) {
  v1::BatchCreateRegionsRequest create;
  AddCreate(&create, "top");
  AddCreate(&create, "below", "regions/top");
  CallOk(Method("BatchCreate"), create);
  v1::BatchDeleteRegionsRequest batch;
  batch.add_requests()->set_name("regions/top");
  CallResult in_use = Call(Method("BatchDelete"), batch);
  EXPECT_EQ(in_use.reason(), "RESOURCE_IN_USE");
  EXPECT_EQ(in_use.Metadata("place"), "requests[0]");
  batch.add_requests()->set_name("regions/none");
  batch.mutable_requests(1)->set_allow_missing(true);
  batch.add_requests()->set_name("regions/below");
  auto response = CallOk(Method("BatchDelete"), batch).As<v1::BatchDeleteRegionsResponse>();
  ASSERT_EQ(response.regions_size(), 3);
  EXPECT_TRUE(response.regions(0).has_delete_time());
  EXPECT_EQ(response.regions(1).ByteSizeLong(), 0U);
  EXPECT_EQ(response.regions(2).name(), "regions/below");
  // Once more there is nothing to do.
  const store::Revision before = revision();
  for (auto& request : *batch.mutable_requests()) request.set_allow_missing(true);
  auto again = CallOk(Method("BatchDelete"), batch).As<v1::BatchDeleteRegionsResponse>();
  EXPECT_EQ(again.regions(0).SerializeAsString(), response.regions(0).SerializeAsString());
  EXPECT_EQ(revision(), before);
}

TEST_F(BatchMethodsTest, ARepeatedBatchIsHarmless) {
  v1::BatchCreateRegionsRequest create;
  for (int i = 0; i < 3; ++i) AddCreate(&create, i == 1 ? "" : StrCat("r", i));
  create.set_request_id(model::MakeUuid());
  const std::string first = CallOk(Method("BatchCreate"), create).bytes;
  const store::Revision after = revision();
  EXPECT_EQ(CallOk(Method("BatchCreate"), create).bytes, first);
  EXPECT_EQ(revision(), after);
  create.mutable_requests(0)->mutable_region()->set_owner("other");
  EXPECT_EQ(Call(Method("BatchCreate"), create).reason(), "REQUEST_ID_REUSED");
  v1::BatchDeleteRegionsRequest remove;
  remove.add_requests()->set_name("regions/r2");
  remove.add_requests()->set_name("regions/r0");
  remove.set_request_id(model::MakeUuid());
  const std::string deleted = CallOk(Method("BatchDelete"), remove).bytes;
  EXPECT_EQ(CallOk(Method("BatchDelete"), remove).bytes, deleted);
}

TEST_F(BatchMethodsTest, ValidateOnlyWritesNothing) {
  const store::Revision before = revision();
  v1::BatchCreateRegionsRequest create;
  AddCreate(&create, "a");
  AddCreate(&create, "b", "regions/a");
  create.set_validate_only(true);
  auto response = CallOk(Method("BatchCreate"), create).As<v1::BatchCreateRegionsResponse>();
  EXPECT_EQ(response.regions(1).parent_region(), "regions/a");
  EXPECT_EQ(revision(), before);
}

// The slower of two writers prepares the whole batch again.
TEST_F(BatchMethodsTest, SurvivesAnotherWriter) {
  Create(2);
  committer().BeforeNextWrite([this](const catalog::PreparedWrite& write) {
    catalog::PreparedWrite other = write;
    other.records.resize(1);
    auto changed =
        std::make_shared<Region>(static_cast<const Region&>(*other.records.front().message));
    changed->set_iso_3166_2("CN-QH");
    changed->clear_owner();
    other.records.front().body = changed->SerializeAsString();
    other.records.front().message = changed;
    EXPECT_TRUE(other_committer().Commit(std::move(other)).ok());
  });
  v1::BatchUpdateRegionsRequest batch;
  for (int i = 0; i < 2; ++i) {
    batch.add_requests()->mutable_region()->set_name(StrCat("regions/r", i));
    batch.mutable_requests(i)->mutable_region()->set_owner("me");
  }
  auto response = CallOk(Method("BatchUpdate"), batch).As<v1::BatchUpdateRegionsResponse>();
  EXPECT_EQ(response.regions(0).owner(), "me");
  EXPECT_EQ(response.regions(0).iso_3166_2(), "CN-QH");
}

TEST_F(BatchMethodsTest, GetsInOrderAtOneRevision) {
  auto created = Create(3);
  v1::BatchGetRegionsRequest get;
  for (int i : {2, 0, 1}) get.add_names(StrCat("regions/r", i));
  CallResult result = CallOk(Method("BatchGet"), get);
  auto response = result.As<v1::BatchGetRegionsResponse>();
  ASSERT_EQ(response.regions_size(), 3);
  EXPECT_EQ(response.regions(0).SerializeAsString(), created.regions(2).SerializeAsString());
  EXPECT_EQ(response.regions(1).SerializeAsString(), created.regions(0).SerializeAsString());
  EXPECT_EQ(response.revision(), revision());
  EXPECT_EQ(result.revision, revision());
  get.set_view(v1::RESOURCE_VIEW_BASIC);
  auto basic = CallOk(Method("BatchGet"), get).As<v1::BatchGetRegionsResponse>();
  EXPECT_EQ(basic.regions(0).display_name(), "区 r2");
  EXPECT_TRUE(basic.regions(0).uid().empty());
  get.add_names("regions/none");
  CallResult missing = Call(Method("BatchGet"), get);
  EXPECT_EQ(missing.reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(missing.Metadata("place"), "names[3]");
  get.set_names(3, "regions/r0");
  EXPECT_THAT(WrongFields(Call(Method("BatchGet"), get)), ElementsAre("names[3]"));
  get.set_names(3, "agencies/r0");
  EXPECT_THAT(WrongFields(Call(Method("BatchGet"), get)), ElementsAre("names[3]"));
  EXPECT_THAT(WrongFields(Call(Method("BatchGet"), v1::BatchGetRegionsRequest())),
              ElementsAre("names"));
}

// What lies below others may name its parent once for all.
TEST_F(BatchMethodsTest, ChildrenLieBelowTheParentOfTheBatch) {
  const std::string service = "tandem.v1.ContactService/";
  for (const char* id : {"a", "b"}) {
    v1::CreateAgencyRequest create;
    create.set_agency_id(id);
    create.mutable_agency()->set_display_name(id);
    CallOk("tandem.v1.AgencyService/CreateAgency", create);
  }
  v1::BatchCreateContactsRequest batch;
  batch.set_parent("agencies/a");
  for (const char* id : {"x", "y"}) {
    v1::CreateContactRequest* create = batch.add_requests();
    create->set_contact_id(id);
    create->mutable_contact()->set_display_name(id);
  }
  auto response =
      CallOk(service + "BatchCreateContacts", batch).As<v1::BatchCreateContactsResponse>();
  EXPECT_EQ(response.contacts(1).name(), "agencies/a/contacts/y");
  batch.mutable_requests(0)->set_parent("agencies/b");
  EXPECT_THAT(WrongFields(Call(service + "BatchCreateContacts", batch)),
              ElementsAre("requests[0].contact_id"));
  batch.set_parent("agencies/-");
  batch.mutable_requests(1)->clear_parent();
  EXPECT_THAT(WrongFields(Call(service + "BatchCreateContacts", batch)),
              ElementsAre("requests[1].parent"));
  batch.mutable_requests(1)->set_parent("agencies/b");
  CallOk(service + "BatchCreateContacts", batch);
  v1::BatchGetContactsRequest get;
  get.add_names("agencies/a/contacts/x");
  get.add_names("agencies/b/contacts/x");
  for (const char* parent : {"", "agencies/-"}) {
    get.set_parent(parent);
    CallOk(service + "BatchGetContacts", get);
  }
  get.set_parent("agencies/b");
  EXPECT_THAT(WrongFields(Call(service + "BatchGetContacts", get)), ElementsAre("names[0]"));
}

}  // namespace
}  // namespace tandem::service
