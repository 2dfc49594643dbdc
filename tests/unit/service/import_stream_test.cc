// SPDX-License-Identifier: Apache-2.0

// Imports over the wire: random records, chunks and conflict rules against a model, and what goes
// wrong between two messages: a caller that goes away, another writer, a broken sequence.

#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "category_model.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/resource_name.h"
#include "service_fixture.h"
#include "tandem/v1/service_category_service.grpc.pb.h"

namespace tandem::service {
namespace {

using v1::ImportCounts;
using v1::ImportResponse;
using v1::ServiceCategory;
using Request = v1::ImportServiceCategoriesRequest;

// One import of service categories.
class ImportCall {
 public:
  explicit ImportCall(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::ServiceCategoryService::NewStub(channel)),
        stream_(stub_->ImportServiceCategories(&context_)) {}
  // Ends the call, whatever became of it: a failed assertion must not leave it open.
  ~ImportCall() {
    if (finished_) return;
    context_.TryCancel();
    while (Receive()) continue;
    (void)stream_->Finish();
  }

  void Send(const Request& request) { (void)stream_->Write(request); }
  std::optional<ImportResponse> Receive() {
    ImportResponse response;
    if (!stream_->Read(&response)) return std::nullopt;
    return response;
  }
  // Sends no more and reads what is left into `rest`.
  CallResult Finish(std::vector<ImportResponse>* rest = nullptr) {
    stream_->WritesDone();
    while (auto response = Receive()) {
      if (rest != nullptr) rest->push_back(*response);
    }
    finished_ = true;
    return MakeResult(context_, stream_->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::ServiceCategoryService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<Request, ImportResponse>> stream_;
  bool finished_ = false;
};

ServiceCategory Category(const std::string& id, const std::string& display_name = "term") {
  ServiceCategory category;
  category.set_name(CategoryName(id));
  category.set_display_name(display_name);
  category.set_taxonomy("fields");
  return category;
}

std::vector<ServiceCategory> Categories(int count) {
  std::vector<ServiceCategory> records;
  for (int i = 0; i < count; ++i) records.push_back(Category(StrCat("c", i)));
  return records;
}

// Records number first..last (from 1) of `records` as one message.
Request Chunk(const std::vector<ServiceCategory>& records, size_t first, size_t last) {
  Request request;
  request.set_first_number(static_cast<int64_t>(first));
  for (size_t i = first; i <= last; ++i) *request.add_service_categories() = records[i - 1];
  return request;
}

Request OptionsOnly(v1::ImportConflictRule rule, const std::string& request_id = "",
                    bool validate_only = false) {
  Request request;
  request.mutable_options()->set_on_conflict(rule);
  request.mutable_options()->set_request_id(request_id);
  request.mutable_options()->set_validate_only(validate_only);
  return request;
}

int64_t Sum(const ImportCounts& counts) {
  return counts.created() + counts.updated() + counts.unchanged() + counts.skipped() +
         counts.failed();
}

class ImportStreamTest : public ServiceFixture {
 protected:
  // All records in one chunk; returns the answer to them.
  ImportResponse Import(const std::vector<ServiceCategory>& records, const Request& options) {
    ImportCall call(channel());
    call.Send(options);
    call.Send(Chunk(records, 1, records.size()));
    std::vector<ImportResponse> answers;
    CallResult end = call.Finish(&answers);
    EXPECT_TRUE(end.ok()) << end.status.error_message();
    return answers.empty() ? ImportResponse() : answers.back();
  }

  // Every record there is, deleted ones too, by id.
  std::map<std::string, ServiceCategory> All() {
    v1::ListServiceCategoriesRequest list;
    list.set_page_size(1000);
    list.set_show_deleted(true);
    auto page = CallOk("tandem.v1.ServiceCategoryService/ListServiceCategories", list)
                    .As<v1::ListServiceCategoriesResponse>();
    EXPECT_EQ(page.next_page_token(), "");
    std::map<std::string, ServiceCategory> all;
    for (const ServiceCategory& record : page.service_categories()) {
      all.emplace(record.name().substr(CategoryName("").size()), record);
    }
    return all;
  }

  void Delete(const std::string& id) {
    v1::DeleteServiceCategoryRequest request;
    request.set_name(CategoryName(id));
    CallOk("tandem.v1.ServiceCategoryService/DeleteServiceCategory", request);
  }
};

// What should become of one record, by the words of ImportConflictRule.
class ImportModel {
 public:
  ImportModel(v1::ImportConflictRule rule, CategoryModel* directory)
      : rule_(rule), directory_(directory) {}

  // Counts the record; returns the reason when it is refused, else "OK".
  std::string Take(const ServiceCategory& record, absl::Time now) {
    const std::string prefix = CategoryName("");
    if (record.name().rfind(prefix, 0) != 0) return Fail("FIELD_INVALID");
    const std::string id = record.name().substr(prefix.size());
    const ModelRecord* there = directory_->Find(id);
    if (there == nullptr) {
      Expected created = directory_->Create(id, record, "", now);
      if (created.reason != "OK") return Fail(created.reason);
      counts_.set_created(counts_.created() + 1);
      wrote_ = true;
      return "OK";
    }
    // A record that is wrong in itself is refused under every rule.
    CategoryModel empty(0);
    ServiceCategory alone = record;
    if (empty.Create(id, alone, "", now).reason == "FIELD_INVALID") return Fail("FIELD_INVALID");
    if (rule_ == v1::IMPORT_CONFLICT_RULE_SKIP) {
      counts_.set_skipped(counts_.skipped() + 1);
      return "OK";
    }
    if (there->deleted) return Fail("RESOURCE_DELETED_EXISTS");
    if (rule_ != v1::IMPORT_CONFLICT_RULE_REPLACE) return Fail("RESOURCE_EXISTS");
    google::protobuf::FieldMask all;
    all.add_paths("*");
    Expected updated = directory_->Update(id, record, &all, std::nullopt, now);
    if (updated.reason != "OK") return Fail(updated.reason);
    if (updated.unchanged) {
      counts_.set_unchanged(counts_.unchanged() + 1);
    } else {
      counts_.set_updated(counts_.updated() + 1);
      wrote_ = true;
    }
    return "OK";
  }

  const ImportCounts& counts() const { return counts_; }
  // Whether anything was written since the last question.
  bool TakeWrote() { return std::exchange(wrote_, false); }

 private:
  std::string Fail(std::string reason) {
    counts_.set_failed(counts_.failed() + 1);
    return reason;
  }

  const v1::ImportConflictRule rule_;
  CategoryModel* const directory_;
  ImportCounts counts_;
  bool wrote_ = false;
};

class RandomImportTest
    : public ImportStreamTest,
      public ::testing::WithParamInterface<std::tuple<v1::ImportConflictRule, bool>> {};

// Names come up again in the same chunk, in later ones, and among records that were there before;
// some records are wrong in themselves, some name what is missing or deleted. Each is settled once,
// alone, and in its turn, however the chunks are cut and whatever is sent twice.
TEST_P(RandomImportTest, EveryRecordFaresAsTheModelSays) {
  const auto [rule, with_request_id] = GetParam();
  std::mt19937 engine(static_cast<uint32_t>(rule) + 77);
  auto below = [&](int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine); };
  constexpr int kNames = 120;
  CategoryModel directory(revision());
  for (const ServiceCategory& record : Categories(kNames / 2)) {
    std::string id = record.name().substr(CategoryName("").size());
    ASSERT_EQ(directory.Create(id, record, "", clock().Now()).reason, "OK");
  }
  ASSERT_EQ(Import(Categories(kNames / 2), OptionsOnly(rule)).counts().created(), kNames / 2);
  for (int i = 0; i < kNames / 2; i += 5) {
    Delete(StrCat("c", i));
    ASSERT_EQ(directory.Delete(StrCat("c", i), std::nullopt, clock().Now()).reason, "OK");
  }

  std::vector<ServiceCategory> records;
  for (int i = 0; i < 700; ++i) {
    ServiceCategory record = Category(StrCat("c", below(kNames)), StrCat("term ", below(3)));
    if (below(4) == 0) record.set_parent_category(CategoryName(StrCat("c", below(kNames))));
    if (below(15) == 0) record.clear_display_name();
    if (below(25) == 0) record.set_name("regions/330000");
    if (below(8) == 0) record.add_replaced_by(CategoryName(StrCat("c", below(kNames + 9))));
    records.push_back(record);
  }
  ImportModel model(rule, &directory);
  ImportCall call(channel());
  Request next = OptionsOnly(rule, with_request_id ? model::MakeUuid() : "");
  for (size_t settled = 0; settled < records.size();) {
    size_t last = std::min(records.size(), settled + 1 + static_cast<size_t>(below(80)));
    size_t first = settled + 1 - std::min(settled, static_cast<size_t>(below(3) == 0 ? 5 : 0));
    next.MergeFrom(Chunk(records, first, last));
    SCOPED_TRACE(StrCat("records ", first, " to ", last));
    std::vector<std::pair<int64_t, std::string>> refused;
    for (size_t i = settled; i < last; ++i) {
      std::string reason = model.Take(records[i], clock().Now());
      if (reason != "OK") refused.emplace_back(static_cast<int64_t>(i + 1), reason);
    }
    call.Send(next);
    std::optional<ImportResponse> answer = call.Receive();
    ASSERT_TRUE(answer);
    std::vector<std::pair<int64_t, std::string>> told;
    for (const v1::ImportError& error : answer->errors()) {
      told.emplace_back(error.number(), error.reason());
      EXPECT_FALSE(error.message().empty());
      EXPECT_EQ(error.violations_size() > 0, error.reason() == "FIELD_INVALID");
    }
    EXPECT_EQ(told, refused);
    EXPECT_EQ(answer->durable_number(), static_cast<int64_t>(last));
    EXPECT_EQ(answer->counts().ShortDebugString(), model.counts().ShortDebugString());
    EXPECT_EQ(Sum(answer->counts()), static_cast<int64_t>(last));
    EXPECT_EQ(answer->revision(), model.TakeWrote() ? revision() : 0);
    ASSERT_FALSE(HasFailure());
    settled = last;
    next = Request();
  }
  CallResult end = call.Finish();
  EXPECT_TRUE(end.ok()) << end.status.error_message();

  std::map<std::string, ServiceCategory> all = All();
  EXPECT_EQ(all.size(), directory.records().size());
  for (auto& [id, record] : all) {
    const ModelRecord* expected = directory.Find(id);
    ASSERT_NE(expected, nullptr) << id;
    EXPECT_EQ(record.has_delete_time(), expected->deleted.has_value()) << id;
    model::ClearServerFields(&record);
    EXPECT_EQ(record.SerializeAsString(), expected->body.SerializeAsString()) << id;
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, RandomImportTest,
                         ::testing::Combine(::testing::Values(v1::IMPORT_CONFLICT_RULE_FAIL,
                                                              v1::IMPORT_CONFLICT_RULE_SKIP,
                                                              v1::IMPORT_CONFLICT_RULE_REPLACE),
                                            ::testing::Bool()));

TEST_F(ImportStreamTest, ADryRunForetellsTheRunAndChangesNothing) {
  Import(Categories(40), OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL));
  std::vector<ServiceCategory> records = Categories(80);
  for (size_t i = 0; i < records.size(); i += 3) records[i].set_owner("changed");
  for (size_t i = 0; i < records.size(); i += 7) records[i].clear_taxonomy();
  for (size_t i = 0; i < records.size(); i += 11) {
    records[i].set_parent_category(CategoryName("missing"));
  }
  const store::Revision before = revision();
  const std::map<std::string, ServiceCategory> was = All();
  std::string id = model::MakeUuid();
  ImportResponse dry = Import(records, OptionsOnly(v1::IMPORT_CONFLICT_RULE_REPLACE, id, true));
  EXPECT_EQ(revision(), before);
  EXPECT_EQ(dry.revision(), 0);
  EXPECT_EQ(All().size(), was.size());
  // Nor does it take the request id.
  ImportResponse run = Import(records, OptionsOnly(v1::IMPORT_CONFLICT_RULE_REPLACE, id, false));
  EXPECT_GT(run.revision(), before);
  EXPECT_GT(run.counts().created(), 0);
  EXPECT_GT(run.counts().updated(), 0);
  EXPECT_GT(run.counts().unchanged(), 0);
  EXPECT_GT(run.counts().failed(), 0);
  run.clear_revision();
  EXPECT_EQ(dry.ShortDebugString(), run.ShortDebugString());
}

// Whoever resumes learns what is durable, and in the end every record was taken exactly once.
TEST_F(ImportStreamTest, AnImportThatWasCutOffGoesOn) {
  constexpr size_t kTotal = 600, kChunk = 20;
  const std::vector<ServiceCategory> records = Categories(kTotal);
  const Request options = OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL, model::MakeUuid());
  int64_t answered = 0;
  for (int attempt = 0; attempt < 4; ++attempt) {
    ImportCall call(channel());
    call.Send(options);
    std::optional<ImportResponse> greeting = call.Receive();
    ASSERT_TRUE(greeting);
    EXPECT_GE(greeting->durable_number(), answered);
    EXPECT_EQ(Sum(greeting->counts()), greeting->durable_number());
    // Several messages under way when the caller goes.
    size_t from = static_cast<size_t>(greeting->durable_number());
    for (int i = 0; i < 7; ++i, from += kChunk) call.Send(Chunk(records, from + 1, from + kChunk));
    for (int i = 0; i < attempt; ++i) {
      std::optional<ImportResponse> answer = call.Receive();
      ASSERT_TRUE(answer);
      answered = answer->durable_number();
    }
  }
  ImportCall call(channel());
  call.Send(options);
  std::optional<ImportResponse> greeting = call.Receive();
  ASSERT_TRUE(greeting);
  EXPECT_GE(greeting->durable_number(), answered);
  for (size_t from = static_cast<size_t>(greeting->durable_number()); from < kTotal;
       from += kChunk) {
    call.Send(Chunk(records, from + 1, from + kChunk));
  }
  std::vector<ImportResponse> answers;
  CallResult end = call.Finish(&answers);
  EXPECT_TRUE(end.ok()) << end.status.error_message();
  ASSERT_FALSE(answers.empty());
  EXPECT_EQ(answers.back().durable_number(), static_cast<int64_t>(kTotal));
  EXPECT_EQ(answers.back().counts().created(), static_cast<int64_t>(kTotal));
  EXPECT_EQ(Sum(answers.back().counts()), static_cast<int64_t>(kTotal));
  EXPECT_EQ(All().size(), kTotal);

  Request other = options;
  other.mutable_options()->set_on_conflict(v1::IMPORT_CONFLICT_RULE_SKIP);
  ImportCall reused(channel());
  reused.Send(other);
  EXPECT_EQ(reused.Finish().reason(), "REQUEST_ID_REUSED");
}

class ImportRaceTest : public ImportStreamTest, public ::testing::WithParamInterface<bool> {
 protected:
  std::string RequestId() { return GetParam() ? model::MakeUuid() : ""; }

  // Another client writes record `position` of the next chunk between its preparation and its
  // commit.
  void WriteMeanwhile(size_t position) {
    committer().BeforeNextWrite([this, position](const catalog::PreparedWrite& write) {
      catalog::PreparedWrite other;
      other.principal = write.principal;
      other.method = "another client";
      other.records.push_back(write.records[position]);
      catalog::PreparedRecord& record = other.records.front();
      auto changed =
          std::make_shared<ServiceCategory>(static_cast<const ServiceCategory&>(*record.message));
      changed->set_owner("the faster one");
      record.body = model::SerializeCanonical(*changed);
      record.message = changed;
      absl::StatusOr<catalog::CommitResult> result = other_committer().Commit(std::move(other));
      EXPECT_TRUE(result.ok()) << result.status();
    });
  }
};

TEST_P(ImportRaceTest, AReplacementThatWasOvertakenIsDoneAgain) {
  Import(Categories(30), OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL));
  std::vector<ServiceCategory> records = Categories(30);
  for (ServiceCategory& record : records) record.set_definition("by the import");
  WriteMeanwhile(7);
  ImportResponse answer =
      Import(records, OptionsOnly(v1::IMPORT_CONFLICT_RULE_REPLACE, RequestId()));
  EXPECT_EQ(answer.counts().updated(), 30) << answer.ShortDebugString();
  EXPECT_EQ(answer.errors_size(), 0);
  EXPECT_EQ(Sum(answer.counts()), 30);
  // The import's record stands, whole.
  ServiceCategory stored = All().at("c7");
  EXPECT_EQ(stored.definition(), "by the import");
  EXPECT_EQ(stored.owner(), "");
}

TEST_P(ImportRaceTest, ARecordThatAppearedMeanwhileIsSkipped) {
  WriteMeanwhile(7);
  ImportResponse answer =
      Import(Categories(30), OptionsOnly(v1::IMPORT_CONFLICT_RULE_SKIP, RequestId()));
  EXPECT_EQ(answer.counts().created(), 29) << answer.ShortDebugString();
  EXPECT_EQ(answer.counts().skipped(), 1);
  EXPECT_EQ(answer.errors_size(), 0);
  EXPECT_EQ(All().at("c7").owner(), "the faster one");
}

INSTANTIATE_TEST_SUITE_P(RequestIds, ImportRaceTest, ::testing::Bool(),
                         [](const auto& each) { return each.param ? "With" : "Without"; });

// A sequence that can't be taken ends the import; what came before it is durable and answered.
TEST_F(ImportStreamTest, ABrokenSequenceEndsTheImportAfterWhatCameBefore) {
  const std::vector<ServiceCategory> good = Categories(10);
  std::vector<ServiceCategory> many = Categories(1001);
  const Request options = OptionsOnly(v1::IMPORT_CONFLICT_RULE_REPLACE);
  Request gap = Chunk(good, 1, 1);
  gap.set_first_number(12);
  Request no_number = Chunk(good, 1, 1);
  no_number.set_first_number(0);
  Request no_number_left = Chunk(good, 1, 10);
  no_number_left.set_first_number(std::numeric_limits<int64_t>::max() - 3);
  Request again = options;
  const std::pair<Request, const char*> cases[] = {{gap, "first_number"},
                                                   {no_number, "first_number"},
                                                   {no_number_left, "first_number"},
                                                   {again, "options"},
                                                   {Chunk(many, 1, 1001), "service_categories"}};
  for (const auto& [bad, field] : cases) {
    SCOPED_TRACE(field);
    ImportCall call(channel());
    call.Send(options);
    call.Send(Chunk(good, 1, 10));
    call.Send(bad);
    std::vector<ImportResponse> answers;
    CallResult end = call.Finish(&answers);
    EXPECT_EQ(end.reason(), "FIELD_INVALID");
    auto bad_request = end.FindDetail<google::rpc::BadRequest>();
    ASSERT_TRUE(bad_request);
    EXPECT_EQ(bad_request->field_violations(0).field(), field);
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers.back().durable_number(), 10);
  }
  ImportCall call(channel());
  call.Send(Chunk(good, 1, 10));
  EXPECT_EQ(call.Finish().reason(), "FIELD_INVALID");
  ImportCall wrong_id(channel());
  wrong_id.Send(OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL, "17"));
  EXPECT_EQ(wrong_id.Finish().reason(), "FIELD_INVALID");
}

}  // namespace
}  // namespace tandem::service
