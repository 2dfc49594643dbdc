// SPDX-License-Identifier: Apache-2.0

// Imports over the wire: random records, chunks and conflict rules against a model.

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "category_model.h"
#include "gtest/gtest.h"
#include "import_call.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/resource_name.h"

namespace tandem::service {
namespace {

using v1::ImportCounts;
using v1::ImportResponse;
using v1::ServiceCategory;

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
  ImportRequest next = OptionsOnly(rule, with_request_id ? model::MakeUuid() : "");
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
    next = ImportRequest();
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

}  // namespace
}  // namespace tandem::service
