// SPDX-License-Identifier: Apache-2.0

// What can happen to an import between two messages: a caller that goes away, another writer, a
// broken sequence; and a run that only checks.

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "import_call.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/resource_name.h"

namespace tandem::service {
namespace {

using v1::ImportResponse;
using v1::ServiceCategory;

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
  const ImportRequest options = OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL, model::MakeUuid());
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

  ImportRequest other = options;
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
  const ImportRequest options = OptionsOnly(v1::IMPORT_CONFLICT_RULE_REPLACE);
  ImportRequest gap = Chunk(good, 1, 1);
  gap.set_first_number(12);
  ImportRequest no_number = Chunk(good, 1, 1);
  no_number.set_first_number(0);
  ImportRequest no_number_left = Chunk(good, 1, 10);
  no_number_left.set_first_number(std::numeric_limits<int64_t>::max() - 3);
  ImportRequest again = options;
  const std::pair<ImportRequest, const char*> cases[] = {
      {gap, "first_number"},
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
