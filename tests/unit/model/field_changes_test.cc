// SPDX-License-Identifier: Apache-2.0

#include "model/field_changes.h"

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/round.pb.h"

namespace tandem::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Message>
std::vector<std::string> Changes(const std::string& before, const std::string& after) {
  Message old_record, new_record;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(before, &old_record)) << before;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(after, &new_record)) << after;
  // The same whichever way one looks.
  EXPECT_EQ(ChangedPaths(old_record, new_record), ChangedPaths(new_record, old_record));
  return ChangedPaths(old_record, new_record);
}

std::vector<std::string> AgencyChanges(const std::string& before, const std::string& after) {
  return Changes<v1::Agency>(before, after);
}

TEST(ChangedPaths, AreNoneForTheSameRecord) {
  EXPECT_THAT(AgencyChanges("", ""), IsEmpty());
  EXPECT_THAT(AgencyChanges("name: 'agencies/a' staff { total: 1 } labels { key: 'k' value: 'v' }",
                            "name: 'agencies/a' staff { total: 1 } labels { key: 'k' value: 'v' }"),
              IsEmpty());
}

TEST(ChangedPaths, LeaveTheServersTailOut) {
  EXPECT_THAT(AgencyChanges("etag: '1' update_time { seconds: 1 } create_time { seconds: 1 }",
                            "etag: '2' update_time { seconds: 2 } delete_time { seconds: 1 }"),
              IsEmpty());
}

TEST(ChangedPaths, GoThroughSingleMessages) {
  EXPECT_THAT(
      AgencyChanges("assessment { points: 1 body: 'b' }", "assessment { points: 2 body: 'b' }"),
      ElementsAre("assessment.points"));
  // Not reported and zero are two things.
  EXPECT_THAT(AgencyChanges("staff { }", "staff { total: 0 }"), ElementsAre("staff.total"));
  // What was not there at all changed as a whole.
  EXPECT_THAT(AgencyChanges("", "assessment { points: 2 }"), ElementsAre("assessment"));
}

TEST(ChangedPaths, NameRepeatedFieldsAsAWhole) {
  EXPECT_THAT(AgencyChanges("languages: 'zh'", "languages: 'zh' languages: 'bo'"),
              ElementsAre("languages"));
  EXPECT_THAT(AgencyChanges("categories { category: 'serviceCategories/a' level: 1 }",
                            "categories { category: 'serviceCategories/a' level: 2 }"),
              ElementsAre("categories"));
}

TEST(ChangedPaths, NameEachEntryOfAMap) {
  EXPECT_THAT(AgencyChanges("labels { key: 'a' value: '1' } labels { key: 'b' value: '1' } "
                            "labels { key: 'c' value: '1' }",
                            "labels { key: 'b' value: '2' } labels { key: 'c' value: '1' } "
                            "labels { key: 'd' value: '1' }"),
              ElementsAre("labels.a", "labels.b", "labels.d"));
}

TEST(ChangedPaths, TakeATimeAsOneValue) {
  EXPECT_THAT(Changes<v1::Round>("apply_window { start_time { seconds: 1 } }",
                                 "apply_window { start_time { seconds: 2 } }"),
              ElementsAre("apply_window.start_time"));
}

TEST(ChangedPaths, AreFew) {
  v1::Agency before, after;
  for (size_t i = 0; i < kMaxChangedPaths; ++i) {
    (*after.mutable_labels())["k" + std::to_string(i)] = "v";
  }
  EXPECT_EQ(ChangedPaths(before, after).size(), kMaxChangedPaths);
  after.set_display_name("one more");
  EXPECT_THAT(ChangedPaths(before, after), ElementsAre("display_name", "labels"));
}

}  // namespace
}  // namespace tandem::model
