// SPDX-License-Identifier: Apache-2.0

#include "query/order_by.h"

#include <gtest/gtest.h>

#include <string>

#include "model/error.h"

namespace tandem::query {
namespace {

using model::RecordType;

// "points- name+" for points descending, name ascending.
std::string Shown(std::string_view order_by, RecordType type = RecordType::kAgency) {
  auto order = ParseOrderBy(order_by, type);
  if (!order.ok()) return std::string(model::ReasonName(*model::ErrorReason(order.status())));
  std::string shown;
  for (const OrderKey& key : order->keys) {
    shown += (shown.empty() ? "" : " ") + key.field->path + (key.descending ? "-" : "+");
  }
  return shown;
}

TEST(OrderByTest, EndsWithTheName) {
  EXPECT_EQ(Shown(""), "name+");
  EXPECT_EQ(Shown("  "), "name+");
  EXPECT_EQ(Shown("display_name"), "display_name+ name+");
  EXPECT_EQ(Shown("assessment.points desc,  update_time  desc"),
            "assessment.points- update_time- name+");
}

TEST(OrderByTest, KeepsANamedNameAndDropsWhatCannotDecide) {
  EXPECT_EQ(Shown("name desc"), "name-");
  EXPECT_EQ(Shown("name, display_name desc"), "name+");
}

TEST(OrderByTest, RefusesWhatIsNotOffered) {
  for (const char* wrong :
       {"status", "display_name asc", "display_name DESC", "display_name desc desc", ",", "name,",
        "name, name", "display_name, display_name desc", "assessment", "desc", "name;drop"}) {
    EXPECT_EQ(Shown(wrong), "ORDER_INVALID") << wrong;
  }
  EXPECT_EQ(Shown("assessment.points", RecordType::kRegion), "ORDER_INVALID");
}

TEST(OrderByTest, NamesWhatIsAllowed) {
  auto order = ParseOrderBy("rating", RecordType::kAgency);
  EXPECT_EQ(model::ErrorMetadataValue(order.status(), "text"), "rating");
  EXPECT_EQ(model::ErrorMetadataValue(order.status(), "allowed"),
            "name, display_name, create_time, update_time, assessment.points");
  EXPECT_EQ(OrderableFields(RecordType::kNeed), "name, display_name, create_time, update_time");
}

}  // namespace
}  // namespace tandem::query
