// SPDX-License-Identifier: Apache-2.0

// Create, update, delete and undelete over the wire: a long random sequence against a model, and
// what a sequence of one caller can't show.

#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "category_model.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/identifier.h"
#include "model/resource_name.h"
#include "service_fixture.h"
#include "store/record_codec.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/offer_service.pb.h"
#include "tandem/v1/round_service.pb.h"
#include "tandem/v1/service_category_service.pb.h"

namespace tandem::service {
namespace {

using google::protobuf::Message;
using ::testing::HasSubstr;
using v1::ServiceCategory;

std::string Method(std::string_view verb) {
  return StrCat("tandem.v1.ServiceCategoryService/", verb, "ServiceCategory");
}

// Draws from one seed, so that a failure can be run again.
class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine_); }
  bool OneIn(int n) { return Below(n) == 0; }

 private:
  std::mt19937 engine_;
};

// Writes at random, asks the model what should have come of it, and reads back.
class RandomWriter {
 public:
  using Caller = std::function<CallResult(std::string_view method, const Message& request)>;
  RandomWriter(uint32_t seed, int64_t revision, support::FakeClock* clock, Caller call)
      : dice_(seed), model_(revision), clock_(clock), call_(std::move(call)) {}

  void Step() {
    if (dice_.OneIn(3)) clock_->Advance(absl::Nanoseconds(1 + dice_.Below(1'000'000'000)));
    id_ = StrCat("c", dice_.Below(kNames));
    switch (dice_.Below(12)) {
      case 0:
      case 1:
      case 2:
        return Create();
      case 3:
      case 4:
      case 5:
      case 6:
      case 7:
        return Update();
      case 8:
        return Delete();
      case 9:
        return Undelete();
      default:
        return Repeat();
    }
  }

  const CategoryModel& model() const { return model_; }
  // How often each outcome was seen.
  const std::map<std::string, int>& seen() const { return seen_; }

 private:
  static constexpr int kNames = 200;

  // A request that was committed under an id, to be sent again.
  struct Sent {
    std::string verb;
    std::shared_ptr<Message> request;
    std::string id;
  };

  std::string RandomName() { return CategoryName(StrCat("c", dice_.Below(kNames))); }

  ServiceCategory RandomFields(bool complete) {
    ServiceCategory category;
    if (complete || dice_.OneIn(2)) {
      category.set_display_name(dice_.OneIn(25) ? "" : StrCat("养老 ", dice_.Below(9)));
    }
    if (complete || dice_.OneIn(3)) category.set_taxonomy(dice_.OneIn(2) ? "fields" : "groups");
    if (dice_.OneIn(4)) category.set_owner(StrCat("owner ", dice_.Below(3)));
    if (dice_.OneIn(3)) category.set_parent_category(RandomName());
    if (dice_.OneIn(3)) category.set_facet(static_cast<v1::CategoryFacet>(dice_.Below(4)));
    if (dice_.OneIn(3)) category.set_definition(std::string(dice_.Below(600), 'd'));
    if (dice_.OneIn(5)) category.add_replaced_by(RandomName());
    if (dice_.OneIn(20)) category.add_replaced_by(RandomName());
    for (const char* key : {"a", "b", "c"}) {
      if (dice_.OneIn(3)) (*category.mutable_labels())[key] = StrCat(dice_.Below(3));
    }
    // The server's own fields are no business of the client.
    if (dice_.OneIn(4)) category.set_uid("mine");
    if (dice_.OneIn(4)) category.mutable_create_time()->set_seconds(1);
    return category;
  }

  // None, the right one or a stale one.
  std::optional<int64_t> RandomEtag() {
    if (!dice_.OneIn(3)) return std::nullopt;
    const ModelRecord* there = model_.Find(id_);
    if (there == nullptr || dice_.OneIn(2)) return model_.revision() - dice_.Below(5);
    return there->revision;
  }

  // Under an id of its own every second time.
  template <typename Request>
  void Identify(const Request& request) {
    if (dice_.OneIn(2)) request->set_request_id(model::MakeUuid());
  }

  void Create() {
    auto request = std::make_shared<v1::CreateServiceCategoryRequest>();
    request->set_service_category_id(id_);
    *request->mutable_service_category() = RandomFields(!dice_.OneIn(30));
    request->set_validate_only(dice_.OneIn(8));
    Identify(request);
    CallResult result = call_(Method("Create"), *request);
    std::string uid;
    if (result.ok()) {
      uid = result.As<ServiceCategory>().uid();
      EXPECT_TRUE(model::IsUuid(uid));
      EXPECT_TRUE(uids_.insert(uid).second);
    }
    Check("Create", request, result,
          model_.Create(id_, request->service_category(), uid, clock_->Now(),
                        request->validate_only()),
          request->validate_only());
  }

  void Update() {
    auto request = std::make_shared<v1::UpdateServiceCategoryRequest>();
    ServiceCategory* patch = request->mutable_service_category();
    bool all = dice_.OneIn(5);
    *patch = RandomFields(all && !dice_.OneIn(10));
    patch->set_name(CategoryName(id_));
    // Below one of its own children, now and then.
    for (const auto& [child, record] : model_.records()) {
      if (record.body.parent_category() != patch->name() || !dice_.OneIn(3)) continue;
      patch->set_parent_category(CategoryName(child));
    }
    std::optional<int64_t> etag = RandomEtag();
    if (etag) patch->set_etag(store::EtagOf(*etag));
    if (all) {
      request->mutable_update_mask()->add_paths("*");
    } else if (!dice_.OneIn(4)) {
      for (const char* path : {"display_name", "owner", "taxonomy", "parent_category", "facet",
                               "definition", "replaced_by"}) {
        if (dice_.OneIn(4)) request->mutable_update_mask()->add_paths(path);
      }
      const char* labels[] = {"labels", "labels.a", "labels.b"};
      request->mutable_update_mask()->add_paths(labels[dice_.Below(3)]);
    }
    request->set_allow_missing(dice_.OneIn(6));
    request->set_validate_only(dice_.OneIn(8));
    Identify(request);
    const auto* mask = request->has_update_mask() ? &request->update_mask() : nullptr;
    bool creates = request->allow_missing() && model_.Find(id_) == nullptr;
    CallResult result = call_(Method("Update"), *request);
    std::string uid = creates && result.ok() ? result.As<ServiceCategory>().uid() : "";
    bool dry = request->validate_only();
    Check("Update", request, result,
          creates ? model_.Create(id_, *patch, uid, clock_->Now(), dry)
                  : model_.Update(id_, *patch, mask, etag, clock_->Now(), dry),
          dry);
  }

  void Delete() {
    auto request = std::make_shared<v1::DeleteServiceCategoryRequest>();
    request->set_name(CategoryName(id_));
    std::optional<int64_t> etag = RandomEtag();
    if (etag) request->set_etag(store::EtagOf(*etag));
    request->set_allow_missing(dice_.OneIn(6));
    Identify(request);
    const ModelRecord* there = model_.Find(id_);
    bool nothing_to_do = request->allow_missing() && (there == nullptr || there->deleted);
    CallResult result = call_(Method("Delete"), *request);
    if (nothing_to_do) {
      ++seen_["nothing to delete"];
      EXPECT_TRUE(result.ok()) << result.reason();
      EXPECT_EQ(result.bytes, there == nullptr ? "" : WireBytes(*there));
      EXPECT_EQ(result.revision, model_.revision());
      return;
    }
    Expected expected = model_.Delete(id_, etag, clock_->Now());
    Check("Delete", request, result, expected, /*dry=*/false);
    if (expected.reason == "RESOURCE_IN_USE") CheckReferrers(result, expected.referrers);
  }

  void Undelete() {
    auto request = std::make_shared<v1::UndeleteServiceCategoryRequest>();
    request->set_name(CategoryName(id_));
    std::optional<int64_t> etag = RandomEtag();
    if (etag) request->set_etag(store::EtagOf(*etag));
    Identify(request);
    CallResult result = call_(Method("Undelete"), *request);
    Check("Undelete", request, result, model_.Undelete(id_, etag, clock_->Now()), /*dry=*/false);
  }

  // The same body again answers the record the first one wrote, as it is now, and writes nothing;
  // another body under the same id is refused.
  void Repeat() {
    if (sent_.empty()) return;
    const Sent& sent = sent_[static_cast<size_t>(dice_.Below(static_cast<int>(sent_.size())))];
    id_ = sent.id;
    if (dice_.OneIn(3)) {
      std::unique_ptr<Message> other(sent.request->New());
      other->CopyFrom(*sent.request);
      const auto* last = other->GetDescriptor()->FindFieldByName(
          sent.verb == "Create" || sent.verb == "Update" ? "service_category" : "etag");
      if (last->message_type() == nullptr) {
        other->GetReflection()->SetString(other.get(), last, "\"other\"");
      } else {
        auto* record = other->GetReflection()->MutableMessage(other.get(), last);
        static_cast<ServiceCategory*>(record)->set_display_name("something else");
      }
      CallResult result = call_(Method(sent.verb), *other);
      EXPECT_EQ(result.reason(), "REQUEST_ID_REUSED") << sent.verb << other->ShortDebugString();
      EXPECT_EQ(result.revision, model_.revision());
      ++seen_["reused"];
    } else {
      CallResult result = call_(Method(sent.verb), *sent.request);
      EXPECT_TRUE(result.ok()) << sent.verb << ": " << result.status.error_message();
      EXPECT_EQ(result.bytes, WireBytes(*model_.Find(id_)));
      EXPECT_EQ(result.revision, model_.revision());
      ++seen_["repeated"];
    }
    ReadBack();
  }

  void Check(const std::string& verb, std::shared_ptr<Message> request, const CallResult& result,
             const Expected& expected, bool dry) {
    SCOPED_TRACE(StrCat(verb, " ", request->ShortDebugString()));
    EXPECT_EQ(result.reason(), expected.reason) << result.status.error_message();
    EXPECT_EQ(result.revision, model_.revision());
    if (result.ok() && expected.reason == "OK") {
      EXPECT_EQ(result.bytes, WireBytes(expected.record));
    }
    bool wrote = expected.reason == "OK" && !expected.unchanged && !dry;
    ++seen_[StrCat(verb, dry ? " dry " : " ", expected.unchanged ? "unchanged" : expected.reason)];
    const auto* field = request->GetDescriptor()->FindFieldByName("request_id");
    if (wrote && !request->GetReflection()->GetString(*request, field).empty()) {
      sent_.push_back({verb, std::move(request), id_});
    }
    ReadBack();
  }

  static void CheckReferrers(const CallResult& result, const std::set<std::string>& referrers) {
    auto failure = result.FindDetail<google::rpc::PreconditionFailure>();
    ASSERT_TRUE(failure);
    std::set<std::string> named;
    for (const auto& violation : failure->violations()) {
      EXPECT_EQ(violation.type(), "REFERRER");
      EXPECT_TRUE(referrers.count(violation.subject()) > 0) << violation.subject();
      named.insert(violation.subject());
    }
    // All of them as long as they are few.
    if (referrers.size() < 10) {
      EXPECT_EQ(named, referrers);
    }
    EXPECT_EQ(result.Metadata("referrers"), StrCat(referrers.size()));
  }

  void ReadBack() {
    v1::GetServiceCategoryRequest request;
    request.set_name(CategoryName(id_));
    CallResult result = call_(Method("Get"), request);
    const ModelRecord* there = model_.Find(id_);
    EXPECT_EQ(result.reason(), there == nullptr ? "RESOURCE_NOT_FOUND" : "OK");
    if (there != nullptr) {
      EXPECT_EQ(result.bytes, WireBytes(*there));
    }
    EXPECT_EQ(result.revision, model_.revision());
  }

  Dice dice_;
  CategoryModel model_;
  support::FakeClock* const clock_;
  const Caller call_;
  std::string id_;
  std::vector<Sent> sent_;
  std::set<std::string> uids_;
  std::map<std::string, int> seen_;
};

class WriteMethodsTest : public ServiceFixture {
 protected:
  // A cache of next to nothing: reads take the way over the workers too.
  WriteMethodsTest() : ServiceFixture(size_t{64} << 10U) {}
};

TEST_F(WriteMethodsTest, RandomWritesAgreeWithAModel) {
  RandomWriter writer(
      20'26, revision(), &clock(),
      [this](std::string_view method, const Message& request) { return Call(method, request); });
  for (int step = 0; step < 2500 && !HasFailure(); ++step) {
    SCOPED_TRACE(StrCat("step ", step));
    writer.Step();
  }
  ASSERT_FALSE(HasFailure());
  // A sequence that never met an outcome would prove nothing about it.
  for (const char* outcome : {"Create OK",
                              "Create dry OK",
                              "Create FIELD_INVALID",
                              "Create RESOURCE_EXISTS",
                              "Create RESOURCE_DELETED_EXISTS",
                              "Create REFERENCE_MISSING",
                              "Update OK",
                              "Update dry OK",
                              "Update unchanged",
                              "Update FIELD_INVALID",
                              "Update RESOURCE_NOT_FOUND",
                              "Update ETAG_MISMATCH",
                              "Update REFERENCE_MISSING",
                              "Update TREE_CYCLE",
                              "Delete OK",
                              "Delete RESOURCE_IN_USE",
                              "Delete RESOURCE_NOT_FOUND",
                              "Delete ETAG_MISMATCH",
                              "nothing to delete",
                              "Undelete OK",
                              "Undelete RESOURCE_EXISTS",
                              "Undelete RESOURCE_NOT_FOUND",
                              "repeated",
                              "reused"}) {
    EXPECT_GT(writer.seen().count(outcome), 0U) << outcome << " never happened";
  }
}

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
