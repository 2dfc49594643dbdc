// SPDX-License-Identifier: Apache-2.0

// What a random sequence of one caller can't show of the write methods: somebody who was faster,
// requests that are wrong in themselves, time that passes, rules of other resources.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/resource_name.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/offer_service.pb.h"
#include "tandem/v1/round_service.pb.h"
#include "tandem/v1/service_category_service.pb.h"

namespace tandem::service {
namespace {

using google::protobuf::Message;
using v1::ServiceCategory;

std::string Method(std::string_view verb) {
  return StrCat("tandem.v1.ServiceCategoryService/", verb, "ServiceCategory");
}

class WriteMethodsTest : public ServiceFixture {};

// Writes what `act` makes of the record of a write that is on its way, before it.
void WriteBefore(const catalog::PreparedWrite& write, catalog::Committer* committer,
                 const std::function<void(ServiceCategory*)>& act) {
  catalog::PreparedWrite other = write;
  other.request_id.clear();
  std::shared_ptr<ServiceCategory> changed = std::make_shared<ServiceCategory>(
      static_cast<const ServiceCategory&>(*other.records.front().message));
  act(changed.get());
  other.records.front().body = model::SerializeCanonical(*changed);
  other.records.front().message = changed;
  absl::StatusOr<catalog::CommitResult> result = committer->Commit(std::move(other));
  EXPECT_TRUE(result.ok()) << result.status();
}

class ConflictTest : public ServiceFixture {
 protected:
  ConflictTest() {
    v1::CreateServiceCategoryRequest create;
    create.set_service_category_id("contested");
    create.mutable_service_category()->set_display_name("contested");
    create.mutable_service_category()->set_taxonomy("fields");
    etag_ = CallOk(Method("Create"), create).As<ServiceCategory>().etag();
  }

  // An update of the definition while somebody else changes the owner.
  CallResult UpdateMeanwhile(const std::string& etag) {
    committer().BeforeNextWrite([this](const catalog::PreparedWrite& write) {
      WriteBefore(write, &other_committer(), [](ServiceCategory* category) {
        category->set_owner("the faster one");
        category->clear_definition();
      });
    });
    v1::UpdateServiceCategoryRequest update;
    update.mutable_service_category()->set_name("serviceCategories/contested");
    update.mutable_service_category()->set_definition("written all the same");
    update.mutable_service_category()->set_etag(etag);
    update.mutable_update_mask()->add_paths("definition");
    return Call(Method("Update"), update);
  }

  std::string etag_;
};

TEST_F(ConflictTest, BothChangesSurviveWithoutAnEtag) {
  ServiceCategory after = UpdateMeanwhile("").As<ServiceCategory>();
  EXPECT_EQ(after.definition(), "written all the same");
  EXPECT_EQ(after.owner(), "the faster one");
}

TEST_F(ConflictTest, WithAnEtagTheSlowerOneHearsOfIt) {
  CallResult result = UpdateMeanwhile(etag_);
  EXPECT_EQ(result.reason(), "ETAG_MISMATCH");
  v1::GetServiceCategoryRequest get;
  get.set_name("serviceCategories/contested");
  ServiceCategory now = CallOk(Method("Get"), get).As<ServiceCategory>();
  EXPECT_EQ(now.owner(), "the faster one");
  EXPECT_EQ(result.Metadata("currentEtag"), now.etag());
}

TEST_F(ConflictTest, AnEtagThatIsNoneOfOursMatchesNothing) {
  v1::DeleteServiceCategoryRequest request;
  request.set_name("serviceCategories/contested");
  request.set_etag("W/\"结对结对结对结对结对结对结对结对结对结对\"");
  CallResult result = Call(Method("Delete"), request);
  EXPECT_EQ(result.reason(), "ETAG_MISMATCH");
  EXPECT_EQ(result.Metadata("currentEtag"), etag_);
}

// What is wrong with a request before any record is looked at.
TEST_F(WriteMethodsTest, WrongRequestsNameTheField) {
  v1::CreateServiceCategoryRequest parent;
  parent.set_parent("regions/1");
  v1::CreateServiceCategoryRequest no_record;
  v1::CreateServiceCategoryRequest id = no_record;
  id.mutable_service_category();
  id.set_service_category_id("Not An Id, 结对结对结对结对结对结对结对结对结对结对结对结对结对结对");
  v1::CreateServiceCategoryRequest request_id = id;
  request_id.set_service_category_id("fine");
  request_id.set_request_id("17");
  v1::UpdateServiceCategoryRequest no_name;
  no_name.mutable_service_category();
  v1::UpdateServiceCategoryRequest mask = no_name;
  mask.mutable_service_category()->set_name("serviceCategories/fine");
  mask.mutable_update_mask()->add_paths(
      "结对结对结对结对结对结对结对结对结对结对结对结对结对结对结对结对结对");
  v1::CreateServiceCategoryRequest fine;
  fine.set_service_category_id("fine");
  fine.mutable_service_category()->set_display_name("fine");
  fine.mutable_service_category()->set_taxonomy("fields");
  CallOk(Method("Create"), fine);
  const std::pair<const Message*, const char*> cases[] = {{&parent, "parent"},
                                                          {&no_record, "service_category"},
                                                          {&id, "service_category_id"},
                                                          {&request_id, "request_id"},
                                                          {&no_name, "service_category.name"},
                                                          {&mask, "update_mask"}};
  for (const auto& [request, field] : cases) {
    SCOPED_TRACE(field);
    bool updates = request->GetDescriptor()->name() == "UpdateServiceCategoryRequest";
    CallResult result = Call(Method(updates ? "Update" : "Create"), *request);
    EXPECT_EQ(result.reason(), "FIELD_INVALID");
    auto bad_request = result.FindDetail<google::rpc::BadRequest>();
    ASSERT_TRUE(bad_request);
    ASSERT_EQ(bad_request->field_violations_size(), 1);
    EXPECT_EQ(bad_request->field_violations(0).field(), field);
  }
}

// A name that the server makes is one a client could have chosen.
TEST_F(WriteMethodsTest, TheServerMakesNames) {
  v1::CreateServiceCategoryRequest request;
  request.mutable_service_category()->set_display_name("nameless");
  request.mutable_service_category()->set_taxonomy("fields");
  std::set<std::string> names;
  for (int i = 0; i < 20; ++i) {
    std::string name = CallOk(Method("Create"), request).As<ServiceCategory>().name();
    EXPECT_TRUE(model::IsNameIn("serviceCategories", name)) << name;
    names.insert(name);
  }
  EXPECT_EQ(names.size(), 20U);
}

// A purged name is free, and its next record is another one.
TEST_F(WriteMethodsTest, APurgedNameIsFreeAgain) {
  v1::CreateServiceCategoryRequest create;
  create.set_service_category_id("again");
  create.mutable_service_category()->set_display_name("again");
  create.mutable_service_category()->set_taxonomy("fields");
  ServiceCategory first = CallOk(Method("Create"), create).As<ServiceCategory>();
  v1::DeleteServiceCategoryRequest remove;
  remove.set_name(first.name());
  CallOk(Method("Delete"), remove);
  clock().Advance(absl::Hours(24 * 30) - absl::Seconds(1));
  EXPECT_EQ(*other_committer().PurgeExpired(), 0);
  EXPECT_EQ(Call(Method("Create"), create).reason(), "RESOURCE_DELETED_EXISTS");
  clock().Advance(absl::Seconds(2));
  EXPECT_EQ(*other_committer().PurgeExpired(), 1);
  v1::GetServiceCategoryRequest get;
  get.set_name(first.name());
  EXPECT_EQ(Call(Method("Get"), get).reason(), "RESOURCE_NOT_FOUND");
  ServiceCategory second = CallOk(Method("Create"), create).As<ServiceCategory>();
  EXPECT_EQ(second.name(), first.name());
  EXPECT_NE(second.uid(), first.uid());
}

// A request id is good for a day.
TEST_F(WriteMethodsTest, ARequestIdIsForgottenAfterADay) {
  v1::CreateServiceCategoryRequest create;
  create.set_service_category_id("once");
  create.mutable_service_category()->set_display_name("once");
  create.mutable_service_category()->set_taxonomy("fields");
  create.set_request_id(model::MakeUuid());
  std::string first = CallOk(Method("Create"), create).bytes;
  clock().Advance(absl::Hours(24));
  EXPECT_EQ(CallOk(Method("Create"), create).bytes, first);
  clock().Advance(absl::Seconds(1));
  EXPECT_EQ(Call(Method("Create"), create).reason(), "RESOURCE_EXISTS");
}

// A verified identifier has one holder; a deleted one keeps its claim.
TEST_F(WriteMethodsTest, AVerifiedIdentifierHasOneHolder) {
  constexpr char kCreate[] = "tandem.v1.AgencyService/CreateAgency";
  v1::CreateAgencyRequest create;
  create.set_agency_id("holder");
  create.mutable_agency()->set_display_name("holder");
  v1::Identifier* identifier = create.mutable_agency()->add_identifiers();
  identifier->set_scheme("synthetic");
  identifier->set_value("X-1");
  identifier->set_verified(true);
  CallOk(kCreate, create);
  create.set_agency_id("second");
  CallResult taken = Call(kCreate, create);
  EXPECT_EQ(taken.reason(), "IDENTIFIER_TAKEN");
  EXPECT_EQ(taken.Metadata("holder"), "agencies/holder");
  v1::DeleteAgencyRequest remove;
  remove.set_name("agencies/holder");
  CallOk("tandem.v1.AgencyService/DeleteAgency", remove);
  EXPECT_EQ(Call(kCreate, create).reason(), "IDENTIFIER_TAKEN");
}

// An offer is taken while its round is open and its window too, by the time stamp of the server.
TEST_F(WriteMethodsTest, ARoundTakesOffersWithinItsWindow) {
  constexpr char kCreateOffer[] = "tandem.v1.OfferService/CreateOffer";
  v1::CreateAgencyRequest agency;
  agency.set_agency_id("a");
  agency.mutable_agency()->set_display_name("a");
  CallOk("tandem.v1.AgencyService/CreateAgency", agency);
  v1::CreateRoundRequest round;
  round.set_round_id("r");
  round.mutable_round()->set_display_name("r");
  int64_t now = absl::ToUnixSeconds(clock().Now());
  auto* window = round.mutable_round()->mutable_apply_window();
  window->mutable_start_time()->set_seconds(now + 100);
  window->mutable_end_time()->set_seconds(now + 200);
  CallOk("tandem.v1.RoundService/CreateRound", round);
  v1::CreateOfferRequest offer;
  offer.mutable_offer()->set_agency("agencies/a");
  offer.mutable_offer()->set_round("rounds/r");
  offer.mutable_offer()->set_slots(1);
  CallResult draft = Call(kCreateOffer, offer);
  EXPECT_EQ(draft.reason(), "STATE_WRONG");
  v1::OpenRoundRequest open;
  open.set_name("rounds/r");
  CallOk("tandem.v1.RoundService/OpenRound", open);
  // A second after each border.
  const std::pair<int, const char*> moments[] = {
      {99, "WINDOW_CLOSED"}, {1, "OK"}, {99, "OK"}, {1, "WINDOW_CLOSED"}};
  for (const auto& [seconds, reason] : moments) {
    clock().Advance(absl::Seconds(seconds));
    CallResult result = Call(kCreateOffer, offer);
    EXPECT_EQ(result.reason(), reason) << result.status.error_message();
    if (!result.ok()) {
      EXPECT_EQ(result.Metadata("round"), "rounds/r");
    }
  }
}

}  // namespace
}  // namespace tandem::service
