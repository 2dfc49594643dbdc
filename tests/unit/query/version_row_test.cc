// SPDX-License-Identifier: Apache-2.0

// A stored version fits exactly what the naive evaluator says of the record; damaged bytes are
// told.

#include "query/version_row.h"

#include <gtest/gtest.h>

#include <string>

#include "model/error.h"
#include "query/filter_check.h"
#include "query/filter_parser.h"
#include "support/record_catalog.h"
#include "unit/query/random_agency.h"

namespace tandem::query {
namespace {

using model::RecordType;

// The wire form as the store has it: the body, then the server's fields.
std::string StoredBytes(const v1::Agency& agency, size_t* body_size) {
  v1::Agency body = agency;
  v1::Agency tail;
  tail.set_etag("\"7\"");
  if (agency.has_create_time()) *tail.mutable_create_time() = agency.create_time();
  if (agency.has_update_time()) *tail.mutable_update_time() = agency.update_time();
  if (agency.has_delete_time()) *tail.mutable_delete_time() = agency.delete_time();
  body.clear_create_time();
  body.clear_update_time();
  body.clear_delete_time();
  body.clear_etag();
  const std::string bytes = body.SerializeAsString();
  *body_size = bytes.size();
  return bytes + tail.SerializeAsString();
}

TEST(VersionRowTest, FitsWhatTheOracleSays) {
  RandomAgencies random(5);
  testing::RecordCatalog records({});
  records.Put(RecordType::kRegion, random.Regions());
  records.Put(RecordType::kServiceCategory, random.Categories());
  const testing::ParentNames parents = records.parents();
  int fitting = 0;
  for (int i = 0; i < 300; ++i) {
    const auto agency = random.Agency(std::to_string(i));
    size_t body_size = 0;
    const std::string bytes = StoredBytes(*agency, &body_size);
    auto row = VersionRow::Read(RecordType::kAgency, std::to_string(i), bytes, body_size);
    ASSERT_TRUE(row.ok()) << row.status();
    for (int j = 0; j < 20; ++j) {
      const std::string filter = random.Filter();
      auto condition = CompileFilter(filter, RecordType::kAgency);
      ASSERT_TRUE(condition.ok()) << condition.status();
      const bool fits = testing::NaiveMatches(*ParseFilter(filter), *agency, parents);
      fitting += fits ? 1 : 0;
      EXPECT_EQ((*row)->Fits(*condition, *records.view()), fits) << filter << "\n"
                                                                 << agency->DebugString();
    }
  }
  EXPECT_GT(fitting, 300);
}

TEST(VersionRowTest, DamagedBytesAreToldWithTheRecordsName) {
  auto row = VersionRow::Read(RecordType::kAgency, "a", "\xFF\xFF", 2);
  EXPECT_EQ(model::ErrorReason(row.status()), model::Reason::kRecordCorrupt);
  EXPECT_NE(row.status().message().find("agencies/a"), std::string::npos);
}

}  // namespace
}  // namespace tandem::query
