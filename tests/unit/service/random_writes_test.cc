// SPDX-License-Identifier: Apache-2.0

// Create, update, delete and undelete over the wire: a long random sequence against a model that
// foresees every answer's bytes and revision.

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "category_model.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "model/resource_name.h"
#include "service_fixture.h"
#include "store/record_codec.h"
#include "tandem/v1/purge.pb.h"
#include "tandem/v1/service_category_service.pb.h"

namespace tandem::service {
namespace {

using google::protobuf::Message;
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
  std::mt19937& engine() { return engine_; }

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
    switch (dice_.Below(15)) {
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
      case 10:
        return Purge();
      case 11:
      case 12:
        return Batch();
      default:
        return Repeat();
    }
  }

  const CategoryModel& model() const { return model_; }
  // How often each outcome was seen.
  const std::map<std::string, int>& seen() const { return seen_; }

 private:
  static constexpr int kNames = 200;
  static constexpr size_t kMostSent = 2000;

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

  void Purge() {
    v1::PurgeServiceCategoryRequest request;
    request.set_name(CategoryName(id_));
    std::optional<int64_t> etag = RandomEtag();
    if (etag) request.set_etag(store::EtagOf(*etag));
    CallResult result = call_(Method("Purge"), request);
    Expected expected = model_.Purge(id_, etag);
    EXPECT_EQ(result.reason(), expected.reason) << result.status.error_message();
    EXPECT_EQ(result.revision, model_.revision());
    ++seen_[StrCat("Purge ", expected.reason)];
    if (expected.reason == "OK") {
      EXPECT_EQ(result.As<v1::PurgeResponse>().purged_count(), 1);
      // Its request ids answer what is there, which is nothing now.
      sent_.erase(std::remove_if(sent_.begin(), sent_.end(),
                                 [this](const Sent& sent) { return sent.id == id_; }),
                  sent_.end());
    }
    ReadBack();
  }

  void Batch() {
    std::set<std::string> ids;
    for (int i = 1 + dice_.Below(4); i > 0; --i) ids.insert(StrCat("c", dice_.Below(kNames)));
    std::vector<CategoryModel::Item> items;
    for (const std::string& id : ids) items.emplace_back().id = id;
    std::shuffle(items.begin(), items.end(), dice_.engine());
    switch (dice_.Below(3)) {
      case 0:
        return BatchCreate(std::move(items));
      case 1:
        return BatchUpdate(std::move(items));
      default:
        return BatchDelete(std::move(items));
    }
  }

  void BatchCreate(std::vector<CategoryModel::Item> items) {
    v1::BatchCreateServiceCategoriesRequest batch;
    for (CategoryModel::Item& item : items) {
      item.fields = RandomFields(!dice_.OneIn(40));
      v1::CreateServiceCategoryRequest* create = batch.add_requests();
      create->set_service_category_id(item.id);
      *create->mutable_service_category() = item.fields;
    }
    CallResult result =
        call_("tandem.v1.ServiceCategoryService/BatchCreateServiceCategories", batch);
    if (result.ok()) {
      auto response = result.As<v1::BatchCreateServiceCategoriesResponse>();
      for (size_t i = 0; i < items.size(); ++i) {
        items[i].uid = response.service_categories(static_cast<int>(i)).uid();
        EXPECT_TRUE(uids_.insert(items[i].uid).second);
      }
    }
    CheckBatch("BatchCreate", result, CategoryModel::Verb::kCreate, items);
  }

  void BatchUpdate(std::vector<CategoryModel::Item> items) {
    v1::BatchUpdateServiceCategoriesRequest batch;
    for (CategoryModel::Item& item : items) {
      item.fields = RandomFields(false);
      item.fields.set_name(CategoryName(item.id));
      v1::UpdateServiceCategoryRequest* update = batch.add_requests();
      *update->mutable_service_category() = item.fields;
      if (dice_.OneIn(4)) {
        item.etag_revision = std::max<int64_t>(1, model_.revision() - dice_.Below(3));
      }
      if (item.etag_revision) {
        update->mutable_service_category()->set_etag(store::EtagOf(*item.etag_revision));
      }
    }
    CallResult result =
        call_("tandem.v1.ServiceCategoryService/BatchUpdateServiceCategories", batch);
    CheckBatch("BatchUpdate", result, CategoryModel::Verb::kUpdate, items);
  }

  void BatchDelete(const std::vector<CategoryModel::Item>& items) {
    v1::BatchDeleteServiceCategoriesRequest batch;
    for (const CategoryModel::Item& item : items) {
      batch.add_requests()->set_name(CategoryName(item.id));
    }
    CallResult result =
        call_("tandem.v1.ServiceCategoryService/BatchDeleteServiceCategories", batch);
    CheckBatch("BatchDelete", result, CategoryModel::Verb::kDelete, items);
  }

  void CheckBatch(const std::string& what, const CallResult& result, CategoryModel::Verb verb,
                  const std::vector<CategoryModel::Item>& items) {
    SCOPED_TRACE(what);
    CategoryModel::ExpectedBatch expected = model_.Batch(verb, items, clock_->Now());
    EXPECT_EQ(result.reason(), expected.reason) << result.status.error_message();
    EXPECT_EQ(result.revision, model_.revision());
    ++seen_[StrCat(what, " ", expected.reason)];
    if (result.ok() && expected.reason == "OK") {
      // The three answers have the same fields.
      auto response = result.As<v1::BatchUpdateServiceCategoriesResponse>();
      ASSERT_EQ(response.service_categories_size(), static_cast<int>(items.size()));
      for (size_t i = 0; i < items.size(); ++i) {
        v1::ServiceCategory wanted;
        ASSERT_TRUE(wanted.ParseFromString(WireBytes(expected.items[i].record)));
        EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
            response.service_categories(static_cast<int>(i)), wanted))
            << wanted.ShortDebugString();
      }
      EXPECT_EQ(response.revision(), model_.revision());
    }
    for (const CategoryModel::Item& item : items) {
      id_ = item.id;
      ReadBack();
    }
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
      // Long sequences outlive the time that ids are kept.
      if (sent_.size() > kMostSent) sent_.erase(sent_.begin());
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

class RandomWritesTest : public ServiceFixture {
 protected:
  // A cache of next to nothing: reads take the way over the workers too.
  RandomWritesTest() : ServiceFixture(size_t{64} << 10U) {}
};

TEST_F(RandomWritesTest, AgreeWithAModel) {
  RandomWriter writer(
      20'26, revision(), &clock(),
      [this](std::string_view method, const Message& request) { return Call(method, request); });
  for (int step = 0; step < 3000 && !HasFailure(); ++step) {
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
                              "Purge OK",
                              "Purge STATE_WRONG",
                              "Purge RESOURCE_NOT_FOUND",
                              "BatchCreate OK",
                              "BatchCreate FIELD_INVALID",
                              "BatchCreate RESOURCE_EXISTS",
                              "BatchCreate REFERENCE_MISSING",
                              "BatchUpdate OK",
                              "BatchUpdate ETAG_MISMATCH",
                              "BatchUpdate RESOURCE_NOT_FOUND",
                              "BatchDelete OK",
                              "BatchDelete RESOURCE_IN_USE",
                              "BatchDelete RESOURCE_NOT_FOUND",
                              "repeated",
                              "reused"}) {
    EXPECT_GT(writer.seen().count(outcome), 0U) << outcome << " never happened";
  }
}

TEST_F(RandomWritesTest, DISABLED_LongAgreesWithAModel) {
  RandomWriter writer(
      11'26, revision(), &clock(),
      [this](std::string_view method, const Message& request) { return Call(method, request); });
  for (int step = 0; step < 1'000'000 && !HasFailure(); ++step) {
    SCOPED_TRACE(StrCat("step ", step));
    writer.Step();
  }
}

}  // namespace
}  // namespace tandem::service
