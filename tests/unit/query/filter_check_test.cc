// SPDX-License-Identifier: Apache-2.0

// What the golden files can't say: limits in bytes, text that is no UTF-8, and the size of errors.
#include "query/filter_check.h"

#include <gtest/gtest.h>

#include <string>

#include "google/rpc/status.pb.h"
#include "model/error.h"
#include "query/filter_functions.h"
#include "query/filter_parser.h"

namespace tandem::query {
namespace {

using model::ErrorMetadataValue;
using model::RecordType;

TEST(FilterCheckTest, TakesFourKibibytesAndNotOneByteMore) {
  const std::string most = "display_name = \"" + std::string(kMaxFilterBytes - 17, 'x') + "\"";
  ASSERT_EQ(most.size(), kMaxFilterBytes);
  EXPECT_TRUE(CompileFilter(most, RecordType::kAgency).ok());
  auto refused = CompileFilter(most + " ", RecordType::kAgency);
  EXPECT_EQ(ErrorMetadataValue(refused.status(), "expected"), "at most 4096 bytes");
}

TEST(FilterCheckTest, CutsALongFilterBetweenCharacters) {
  std::string filter(kMaxFilterBytes - 1, 'x');
  filter += "老年";
  auto refused = CompileFilter(filter, RecordType::kAgency);
  EXPECT_EQ(ErrorMetadataValue(refused.status(), "text"), "老年");
}

TEST(FilterCheckTest, RefusesTextThatIsNoUtf8) {
  for (const char* wrong :
       {"\xFF", "a\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xBD"}) {
    auto refused = CompileFilter(wrong, RecordType::kAgency);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(ErrorMetadataValue(refused.status(), "expected"), "UTF-8 text");
  }
}

TEST(FilterCheckTest, NamesEveryFieldOfEveryResourceAndStaysSmall) {
  for (RecordType type : model::kAllRecordTypes) {
    if (type == RecordType::kMatchChunk) continue;
    auto refused = CompileFilter("no_such_field = 1", type);
    EXPECT_EQ(ErrorMetadataValue(refused.status(), "allowed"), FilterableFields(type))
        << model::CollectionOf(type);
    // The details must survive the cap on trailing metadata.
    google::rpc::Status status;
    ASSERT_TRUE(status.ParseFromString(model::SerializedRpcStatus(refused.status())));
    EXPECT_EQ(status.details_size(), 1) << model::CollectionOf(type);
    EXPECT_LE(refused.status().message().size(), model::kMaxErrorMessageBytes);
  }
}

TEST(FilterCheckTest, NamesEnumValuesAndFunctions) {
  auto refused = CompileFilter("state = SOON", RecordType::kRound);
  EXPECT_NE(ErrorMetadataValue(refused.status(), "allowed").find("ROUND_STATE_"),
            std::string::npos);
  refused = CompileFilter("near(1)", RecordType::kAgency);
  EXPECT_EQ(ErrorMetadataValue(refused.status(), "allowed"), "within, offers");
}

TEST(FilterCheckTest, EveryFunctionRowNamesATreeField) {
  for (const FilterFunction& row : FilterFunctions()) {
    const Condition condition = WithinCondition(row.type, row.path, "x");
    const Condition& within =
        condition.kind == Condition::Kind::kAny ? condition.children.back() : condition;
    ASSERT_NE(within.field, nullptr) << row.path;
    EXPECT_TRUE(within.field->tree) << row.path;
    EXPECT_EQ(within.field->target, row.target) << row.path;
  }
}

}  // namespace
}  // namespace tandem::query
