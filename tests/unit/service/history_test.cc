// SPDX-License-Identifier: Apache-2.0

// Looking back over the wire: who changed what, records as they were at a revision, what is dropped
// and what was purged.

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/contact_service.pb.h"
#include "tandem/v1/purge.pb.h"

namespace tandem::service {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using v1::Agency;

std::string Method(std::string_view verb) {
  return StrCat("tandem.v1.AgencyService/", verb, "Agency");
}
constexpr char kRevisions[] = "tandem.v1.AgencyService/ListAgencyRevisions";
constexpr char kName[] = "agencies/a";

class HistoryTest : public ServiceFixture {
 protected:
  HistoryTest() : ServiceFixture(size_t{64} << 10U) {}

  Agency Create() {
    v1::CreateAgencyRequest create;
    create.set_agency_id("a");
    create.mutable_agency()->set_display_name("first");
    create.mutable_agency()->mutable_assessment()->set_points(500);
    return CallOk(Method("Create"), create).As<Agency>();
  }
  Agency Rename(const std::string& display_name, int points) {
    v1::UpdateAgencyRequest update;
    update.mutable_agency()->set_name(kName);
    update.mutable_agency()->set_display_name(display_name);
    update.mutable_agency()->mutable_assessment()->set_points(points);
    clock().Advance(absl::Seconds(1));
    return CallOk(Method("Update"), update).As<Agency>();
  }
  Agency Delete() {
    v1::DeleteAgencyRequest remove;
    remove.set_name(kName);
    return CallOk(Method("Delete"), remove).As<Agency>();
  }
  CallResult Get(store::Revision at, const std::string& name = kName) {
    v1::GetAgencyRequest get;
    get.set_name(name);
    get.set_read_revision(at);
    return Call(Method("Get"), get);
  }
  CallResult Purge(const std::string& etag = "", const std::string& request_id = "") {
    v1::PurgeAgencyRequest purge;
    purge.set_name(kName);
    purge.set_etag(etag);
    purge.set_request_id(request_id);
    return Call(Method("Purge"), purge);
  }
  v1::ListAgencyRevisionsResponse Revisions(bool include_records = false) {
    v1::ListAgencyRevisionsRequest list;
    list.set_parent(kName);
    list.set_include_records(include_records);
    return CallOk(kRevisions, list).As<v1::ListAgencyRevisionsResponse>();
  }
};

TEST_F(HistoryTest, TellsWhoChangedWhatAndFromWhat) {
  const store::Revision start = revision();
  const Agency first = Create();
  const Agency second = Rename("second", 500);
  Rename("second", 600);
  const Agency deleted = Delete();
  v1::UndeleteAgencyRequest undelete;
  undelete.set_name(kName);
  CallOk(Method("Undelete"), undelete);

  auto page = Revisions(/*include_records=*/true);
  EXPECT_TRUE(page.next_page_token().empty());
  EXPECT_FALSE(page.compacted());
  EXPECT_EQ(page.revision(), revision());
  ASSERT_EQ(page.revisions_size(), 5);
  const std::pair<v1::ChangeKind, const char*> expected[] = {
      {v1::CHANGE_KIND_UNDELETED, "UndeleteAgency"},
      {v1::CHANGE_KIND_DELETED, "DeleteAgency"},
      {v1::CHANGE_KIND_UPDATED, "UpdateAgency"},
      {v1::CHANGE_KIND_UPDATED, "UpdateAgency"},
      {v1::CHANGE_KIND_CREATED, "CreateAgency"}};
  for (int i = 0; i < 5; ++i) {
    const v1::RevisionInfo& info = page.revisions(i).info();
    EXPECT_EQ(info.kind(), expected[i].first) << i;
    EXPECT_EQ(info.method(), StrCat("tandem.v1.AgencyService/", expected[i].second));
    EXPECT_EQ(info.principal(), "local");
    EXPECT_EQ(info.revision(), start + 5 - i);
    EXPECT_EQ(info.previous_revision(), i == 4 ? 0 : start + 4 - i);
    EXPECT_EQ(info.commit_time().seconds(), page.revisions(i).agency().update_time().seconds());
  }
  EXPECT_THAT(page.revisions(0).info().changed_paths(), IsEmpty());
  EXPECT_THAT(page.revisions(2).info().changed_paths(), ElementsAre("assessment.points"));
  EXPECT_THAT(page.revisions(3).info().changed_paths(), ElementsAre("display_name"));
  EXPECT_THAT(page.revisions(4).info().changed_paths(), IsEmpty());
  EXPECT_EQ(page.revisions(4).agency().SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(page.revisions(3).agency().SerializeAsString(), second.SerializeAsString());
  EXPECT_EQ(page.revisions(1).agency().SerializeAsString(), deleted.SerializeAsString());
  EXPECT_FALSE(Revisions().revisions(0).has_agency());
}

TEST_F(HistoryTest, ComesInPagesThatFitTogether) {
  Create();
  for (int i = 0; i < 11; ++i) Rename(StrCat("name ", i), i);
  auto whole = Revisions(/*include_records=*/true);
  ASSERT_EQ(whole.revisions_size(), 12);
  for (int size : {1, 5, 6, 11, 12, 13}) {
    v1::ListAgencyRevisionsRequest list;
    list.set_parent(kName);
    list.set_page_size(size);
    list.set_include_records(true);
    v1::ListAgencyRevisionsResponse together;
    int pages = 0;
    do {
      auto page = CallOk(kRevisions, list).As<v1::ListAgencyRevisionsResponse>();
      EXPECT_LE(page.revisions_size(), size);
      together.mutable_revisions()->MergeFrom(page.revisions());
      list.set_page_token(page.next_page_token());
      ++pages;
    } while (!list.page_token().empty());
    EXPECT_EQ(pages, (12 + size - 1) / size);
    ASSERT_EQ(together.revisions_size(), 12) << size;
    for (int i = 0; i < 12; ++i) {
      EXPECT_EQ(together.revisions(i).SerializeAsString(), whole.revisions(i).SerializeAsString());
    }
  }
}

TEST_F(HistoryTest, WrongQuestionsAreNamed) {
  Create();
  v1::ListAgencyRevisionsRequest list;
  list.set_parent("regions/a");
  EXPECT_EQ(Call(kRevisions, list).reason(), "FIELD_INVALID");
  list.set_parent("agencies/none");
  EXPECT_EQ(Call(kRevisions, list).reason(), "RESOURCE_NOT_FOUND");
  list.set_parent(kName);
  list.set_page_size(-1);
  EXPECT_EQ(Call(kRevisions, list).reason(), "FIELD_INVALID");
  list.set_page_size(1);
  list.set_page_token("nonsense");
  EXPECT_EQ(Call(kRevisions, list).reason(), "PAGE_TOKEN_INVALID");
  // The token of another record's history.
  Rename("second", 1);
  list.clear_page_token();
  list.set_page_token(
      CallOk(kRevisions, list).As<v1::ListAgencyRevisionsResponse>().next_page_token());
  v1::CreateAgencyRequest create;
  create.set_agency_id("b");
  create.mutable_agency()->set_display_name("b");
  CallOk(Method("Create"), create);
  list.set_parent("agencies/b");
  EXPECT_EQ(Call(kRevisions, list).reason(), "PAGE_TOKEN_MISMATCH");
}

TEST_F(HistoryTest, ReadsAsOfARevision) {
  v1::CreateAgencyRequest other;
  other.mutable_agency()->set_display_name("somebody else");
  CallOk(Method("Create"), other);
  const store::Revision before = revision();
  const Agency first = Create();
  const Agency second = Rename("second", 500);
  Delete();
  EXPECT_EQ(Get(before).reason(), "RESOURCE_NOT_FOUND");
  CallResult at_first = Get(before + 1);
  EXPECT_EQ(at_first.As<Agency>().SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(at_first.revision, before + 1);
  EXPECT_EQ(Get(before + 2).As<Agency>().SerializeAsString(), second.SerializeAsString());
  EXPECT_TRUE(Get(before + 3).As<Agency>().has_delete_time());
  EXPECT_EQ(Get(revision()).bytes, Get(0).bytes);
  v1::BatchGetAgenciesRequest batch;
  batch.add_names(kName);
  batch.set_read_revision(before + 1);
  auto response =
      CallOk("tandem.v1.AgencyService/BatchGetAgencies", batch).As<v1::BatchGetAgenciesResponse>();
  EXPECT_EQ(response.agencies(0).SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(response.revision(), before + 1);
}

TEST_F(HistoryTest, ARevisionThatIsNoneSaysWhy) {
  Create();
  EXPECT_EQ(Get(-1).reason(), "FIELD_INVALID");
  CallResult ahead = Get(revision() + 1);
  EXPECT_EQ(ahead.reason(), "FIELD_INVALID");
  EXPECT_EQ(ahead.FindDetail<google::rpc::BadRequest>()->field_violations(0).field(),
            "read_revision");
  const int64_t epoch = store::EpochOf(revision());
  for (int64_t other : {epoch + 1, epoch == 0 ? epoch + 2 : epoch - 1}) {
    EXPECT_EQ(Get(store::MakeRevision(other, 1)).reason(), "HISTORY_CHANGED") << other;
  }
}

TEST_F(HistoryTest, WhatIsDroppedSaysSo) {
  Create();
  const store::Revision created = revision();
  Rename("second", 1);
  Rename("third", 2);
  const store::Revision last = revision();
  TrimLog(last);
  // Revision last - 1 is whole: the only entry after it is kept.
  EXPECT_EQ(Get(last - 1).As<Agency>().display_name(), "second");
  CallResult compacted = Get(created);
  EXPECT_EQ(compacted.reason(), "REVISION_COMPACTED");
  EXPECT_EQ(compacted.Metadata("earliest"), StrCat(last - 1));
  auto page = Revisions();
  EXPECT_TRUE(page.compacted());
  ASSERT_EQ(page.revisions_size(), 2);
  EXPECT_THAT(page.revisions(0).info().changed_paths(),
              ElementsAre("display_name", "assessment.points"));
  // The version stays, who made it is forgotten.
  EXPECT_EQ(page.revisions(1).info().revision(), last - 1);
  EXPECT_EQ(page.revisions(1).info().principal(), "");
  EXPECT_TRUE(page.revisions(1).info().has_commit_time());
  TrimLog(last + 1);
  ASSERT_EQ(Revisions().revisions_size(), 1);
  EXPECT_TRUE(Revisions().compacted());
  EXPECT_EQ(Get(last).As<Agency>().display_name(), "third");
}

TEST_F(HistoryTest, NothingIsToldOfWhatWasPurged) {
  const Agency created = Create();
  const store::Revision at = revision();
  EXPECT_EQ(Purge().reason(), "STATE_WRONG");
  Delete();
  EXPECT_EQ(Purge(created.etag()).reason(), "ETAG_MISMATCH");
  const std::string request_id = "00000000-0000-4000-8000-000000000001";
  auto purged = Purge("", request_id).As<v1::PurgeResponse>();
  EXPECT_EQ(purged.purged_count(), 1);
  EXPECT_EQ(purged.revision(), revision());
  EXPECT_EQ(Purge("", request_id).As<v1::PurgeResponse>().SerializeAsString(),
            purged.SerializeAsString());
  EXPECT_EQ(Purge().reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(Get(0).reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(Get(at).reason(), "RESOURCE_NOT_FOUND");
  v1::ListAgencyRevisionsRequest list;
  list.set_parent(kName);
  EXPECT_EQ(Call(kRevisions, list).reason(), "RESOURCE_NOT_FOUND");
  // The name is free, and its next record starts a history of its own.
  Create();
  EXPECT_EQ(Revisions().revisions_size(), 1);
  EXPECT_EQ(Get(at).reason(), "RESOURCE_NOT_FOUND");
}

TEST_F(HistoryTest, APurgeTakesWhatLiesBelow) {
  Create();
  v1::CreateContactRequest contact;
  contact.set_parent(kName);
  contact.set_contact_id("c");
  contact.mutable_contact()->set_display_name("c");
  CallOk("tandem.v1.ContactService/CreateContact", contact);
  v1::DeleteAgencyRequest remove;
  remove.set_name(kName);
  remove.set_force(true);
  CallOk(Method("Delete"), remove);
  EXPECT_EQ(Purge().As<v1::PurgeResponse>().purged_count(), 2);
  v1::GetContactRequest get;
  get.set_name("agencies/a/contacts/c");
  EXPECT_EQ(Call("tandem.v1.ContactService/GetContact", get).reason(), "RESOURCE_NOT_FOUND");
}

// Whatever was answered at a revision is what is read as of it later.
TEST_F(HistoryTest, EveryRevisionReadsAsItWas) {
  std::mt19937 random(3);
  std::map<store::Revision, std::map<std::string, std::string>> states;
  std::map<std::string, std::string> now;
  for (int step = 0; step < 120; ++step) {
    const std::string id = StrCat("a", random() % 4);
    const std::string name = StrCat("agencies/", id);
    v1::UpdateAgencyRequest update;
    update.mutable_agency()->set_name(name);
    update.mutable_agency()->set_display_name(StrCat("name ", step));
    update.set_allow_missing(true);
    v1::DeleteAgencyRequest remove;
    remove.set_name(name);
    v1::UndeleteAgencyRequest undelete;
    undelete.set_name(name);
    CallResult result = random() % 3 == 0   ? Call(Method("Delete"), remove)
                        : random() % 3 == 0 ? Call(Method("Undelete"), undelete)
                                            : Call(Method("Update"), update);
    if (result.ok()) now[name] = result.bytes;
    // 0 means now.
    if (revision() > 0) states[revision()] = now;
  }
  for (const auto& [at, records] : states) {
    for (int i = 0; i < 4; ++i) {
      const std::string name = StrCat("agencies/a", i);
      CallResult result = Get(at, name);
      auto expected = records.find(name);
      ASSERT_EQ(result.ok(), expected != records.end()) << name << " at " << at;
      if (result.ok()) {
        ASSERT_EQ(result.bytes, expected->second) << name << " at " << at;
      }
    }
  }
}

TEST_F(HistoryTest, ViewsCutWhatIsRead) {
  const Agency created = Create();
  v1::GetAgencyRequest get;
  get.set_name(kName);
  get.set_view(v1::RESOURCE_VIEW_BASIC);
  const Agency basic = CallOk(Method("Get"), get).As<Agency>();
  EXPECT_EQ(basic.display_name(), created.display_name());
  EXPECT_EQ(basic.etag(), created.etag());
  EXPECT_EQ(basic.assessment().points(), 500);
  EXPECT_TRUE(basic.uid().empty());
  EXPECT_FALSE(basic.has_create_time());
  get.set_view(v1::RESOURCE_VIEW_FULL);
  EXPECT_EQ(CallOk(Method("Get"), get).As<Agency>().SerializeAsString(),
            created.SerializeAsString());
  Rename("second", 1);
  get.set_view(v1::RESOURCE_VIEW_BASIC);
  get.set_read_revision(revision() - 1);
  EXPECT_EQ(CallOk(Method("Get"), get).As<Agency>().SerializeAsString(), basic.SerializeAsString());
  v1::ListAgenciesRequest list;
  list.set_view(v1::RESOURCE_VIEW_BASIC);
  auto page = CallOk("tandem.v1.AgencyService/ListAgencies", list).As<v1::ListAgenciesResponse>();
  EXPECT_EQ(page.agencies(0).display_name(), "second");
  EXPECT_TRUE(page.agencies(0).uid().empty());
  list.set_view(static_cast<v1::ResourceView>(3));
  CallResult unknown = Call("tandem.v1.AgencyService/ListAgencies", list);
  EXPECT_EQ(unknown.reason(), "FIELD_INVALID");
  get.set_view(static_cast<v1::ResourceView>(-1));
  EXPECT_EQ(Call(Method("Get"), get).reason(), "FIELD_INVALID");
}

}  // namespace
}  // namespace tandem::service
