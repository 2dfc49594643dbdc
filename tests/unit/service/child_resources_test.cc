// SPDX-License-Identifier: Apache-2.0

// Resources that lie below others, over the wire: contacts of agencies.

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "model/resource_name.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/contact_service.pb.h"

namespace tandem::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using v1::Contact;

std::string Method(std::string_view verb) {
  return StrCat("tandem.v1.ContactService/", verb, verb == "List" ? "Contacts" : "Contact");
}

class ChildResourcesTest : public ServiceFixture {
 protected:
  ChildResourcesTest() {
    for (const char* id : {"a", "b"}) {
      v1::CreateAgencyRequest create;
      create.set_agency_id(id);
      create.mutable_agency()->set_display_name(id);
      CallOk("tandem.v1.AgencyService/CreateAgency", create);
    }
  }

  CallResult Create(const std::string& parent, const std::string& id) {
    v1::CreateContactRequest create;
    create.set_parent(parent);
    create.set_contact_id(id);
    create.mutable_contact()->set_display_name(StrCat("联系人 ", id));
    create.mutable_contact()->set_phone_number("+86 10 1234");
    return Call(Method("Create"), create);
  }
  CallResult Get(const std::string& name) {
    v1::GetContactRequest get;
    get.set_name(name);
    return Call(Method("Get"), get);
  }
  CallResult DeleteAgency(const std::string& name, bool force) {
    v1::DeleteAgencyRequest remove;
    remove.set_name(name);
    remove.set_force(force);
    return Call("tandem.v1.AgencyService/DeleteAgency", remove);
  }
  std::vector<std::string> List(const v1::ListContactsRequest& request) {
    std::vector<std::string> names;
    v1::ListContactsRequest page = request;
    do {
      auto response = CallOk(Method("List"), page).As<v1::ListContactsResponse>();
      for (const Contact& contact : response.contacts()) names.push_back(contact.name());
      page.set_page_token(response.next_page_token());
    } while (!page.page_token().empty());
    return names;
  }
};

TEST_F(ChildResourcesTest, AnswersEveryStandardMethod) {
  Contact created = Create("agencies/a", "wang").As<Contact>();
  EXPECT_EQ(created.name(), "agencies/a/contacts/wang");
  EXPECT_TRUE(model::IsUuid(created.uid()));
  EXPECT_EQ(Get(created.name()).As<Contact>().SerializeAsString(), created.SerializeAsString());
  v1::UpdateContactRequest update;
  update.mutable_contact()->set_name(created.name());
  update.mutable_contact()->set_role("主任");
  Contact updated = CallOk(Method("Update"), update).As<Contact>();
  EXPECT_EQ(updated.role(), "主任");
  EXPECT_EQ(updated.phone_number(), "+86 10 1234");
  v1::DeleteContactRequest remove;
  remove.set_name(created.name());
  EXPECT_TRUE(CallOk(Method("Delete"), remove).As<Contact>().has_purge_time());
  v1::UndeleteContactRequest undelete;
  undelete.set_name(created.name());
  EXPECT_FALSE(CallOk(Method("Undelete"), undelete).As<Contact>().has_purge_time());
  v1::UpdateContactRequest fresh;
  fresh.mutable_contact()->set_name("agencies/b/contacts/li");
  fresh.mutable_contact()->set_display_name("李");
  fresh.set_allow_missing(true);
  EXPECT_EQ(CallOk(Method("Update"), fresh).As<Contact>().name(), "agencies/b/contacts/li");
  EXPECT_TRUE(
      model::ParseNameOf(model::RecordType::kContact, Create("agencies/a", "").As<Contact>().name())
          .ok());
}

TEST_F(ChildResourcesTest, ListsBelowOneParentOrAll) {
  for (const char* id : {"c1", "c2", "c3"}) {
    EXPECT_TRUE(Create("agencies/a", id).ok());
    EXPECT_TRUE(Create("agencies/b", id).ok());
  }
  v1::ListContactsRequest list;
  list.set_parent("agencies/b");
  list.set_page_size(2);
  EXPECT_THAT(List(list), ElementsAre("agencies/b/contacts/c1", "agencies/b/contacts/c2",
                                      "agencies/b/contacts/c3"));
  list.set_parent("agencies/-");
  EXPECT_EQ(List(list).size(), 6U);
  list.set_filter("parent = \"agencies/a\"");
  EXPECT_THAT(List(list), ElementsAre("agencies/a/contacts/c1", "agencies/a/contacts/c2",
                                      "agencies/a/contacts/c3"));
  // A token belongs to its parent.
  list.clear_filter();
  list.set_page_token(
      CallOk(Method("List"), list).As<v1::ListContactsResponse>().next_page_token());
  list.set_parent("agencies/a");
  EXPECT_EQ(Call(Method("List"), list).reason(), "PAGE_TOKEN_MISMATCH");
  list.clear_page_token();
  list.set_parent("agencies/none");
  EXPECT_EQ(Call(Method("List"), list).reason(), "RESOURCE_NOT_FOUND");
  for (const char* wrong : {"", "agencies", "regions/-", "agencies/a/contacts/c1"}) {
    list.set_parent(wrong);
    EXPECT_EQ(Call(Method("List"), list).reason(), "FIELD_INVALID") << wrong;
  }
}

TEST_F(ChildResourcesTest, AWrongParentIsNamed) {
  for (const char* wrong : {"", "agencies/-", "regions/a", "a"}) {
    CallResult result = Create(wrong, "c");
    EXPECT_EQ(result.reason(), "FIELD_INVALID") << wrong;
    auto bad_request = result.FindDetail<google::rpc::BadRequest>();
    ASSERT_TRUE(bad_request);
    EXPECT_EQ(bad_request->field_violations(0).field(), "parent");
  }
  CallResult missing = Create("agencies/none", "c");
  EXPECT_EQ(missing.reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(missing.FindDetail<google::rpc::ResourceInfo>()->resource_name(), "agencies/none");
}

TEST_F(ChildResourcesTest, DeletingTheParentNamesItsChildrenOrTakesThemAlong) {
  EXPECT_TRUE(Create("agencies/a", "c1").ok());
  EXPECT_TRUE(Create("agencies/a", "c2").ok());
  CallResult in_use = DeleteAgency("agencies/a", false);
  EXPECT_EQ(in_use.reason(), "RESOURCE_IN_USE");
  EXPECT_EQ(in_use.Metadata("referrers"), "2");
  EXPECT_EQ(in_use.FindDetail<google::rpc::PreconditionFailure>()->violations_size(), 2);
  EXPECT_TRUE(DeleteAgency("agencies/a", true).ok());
  EXPECT_TRUE(Get("agencies/a/contacts/c1").As<Contact>().has_delete_time());
  v1::ListContactsRequest list;
  list.set_parent("agencies/a");
  EXPECT_TRUE(List(list).empty());
  list.set_show_deleted(true);
  EXPECT_EQ(List(list).size(), 2U);
  v1::UndeleteAgencyRequest undelete;
  undelete.set_name("agencies/a");
  CallOk("tandem.v1.AgencyService/UndeleteAgency", undelete);
  EXPECT_FALSE(Get("agencies/a/contacts/c1").As<Contact>().has_delete_time());
}

// A child that appears between the look and the commit goes too.
TEST_F(ChildResourcesTest, ForceMeetsAChildThatCameInBetween) {
  committer().BeforeNextWrite([this](const catalog::PreparedWrite&) {
    catalog::PreparedWrite write;
    write.principal = "local";
    write.method = "other";
    catalog::PreparedRecord record;
    record.type = model::RecordType::kContact;
    record.id = "a/contacts/late";
    Contact contact;
    contact.set_name("agencies/a/contacts/late");
    contact.set_display_name("late");
    record.body = contact.SerializeAsString();
    write.records.push_back(std::move(record));
    EXPECT_TRUE(other_committer().Commit(std::move(write)).ok());
  });
  EXPECT_TRUE(DeleteAgency("agencies/a", true).ok());
  EXPECT_TRUE(Get("agencies/a/contacts/late").As<Contact>().has_delete_time());
}

// Personal data is found by nobody who searches.
TEST_F(ChildResourcesTest, ContactsAreNotSearched) {
  EXPECT_TRUE(Create("agencies/a", "findme").ok());
  v1::SearchAgenciesRequest search;
  for (const char* text : {"findme", "联系人", "10 1234"}) {
    search.set_text(text);
    auto found = CallOk("tandem.v1.AgencyService/SearchAgencies", search);
    EXPECT_EQ(found.As<v1::SearchAgenciesResponse>().results_size(), 0) << text;
  }
}

}  // namespace
}  // namespace tandem::service
