// SPDX-License-Identifier: Apache-2.0

#include "model/field_groups.h"

#include <map>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "model/resource_name.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/field_rules.pb.h"
#include "tandem/v1/source.pb.h"

namespace tandem::model {
namespace {

// A field that joins the agency must say who may speak about it.
TEST(FieldGroupsTest, EveryWrittenFieldIsInExactlyOneGroup) {
  std::map<std::string, int> seen;
  for (const FieldGroup& group : FieldGroupsOf(RecordType::kAgency)) {
    EXPECT_EQ(FindFieldGroup(RecordType::kAgency, group.id), &group);
    EXPECT_EQ(&FieldGroupsOf(RecordType::kAgency)[group.index], &group);
    for (const auto* field : group.fields) {
      ASSERT_NE(field, nullptr) << group.id << " names a field that is not there";
      ++seen[field->name()];
      EXPECT_EQ(FieldGroupOfPath(RecordType::kAgency, field->name() + ".x"), &group)
          << field->name();
    }
  }
  const std::set<std::string> nobodys = {"name", "etag", "provenance"};
  const auto* agency = v1::Agency::descriptor();
  for (int i = 0; i < agency->field_count(); ++i) {
    const auto* field = agency->field(i);
    const bool written =
        !field->options().GetExtension(v1::output_only) && !nobodys.contains(field->name());
    EXPECT_EQ(seen[field->name()], written ? 1 : 0) << field->name();
  }
  EXPECT_EQ(FieldGroupOfPath(RecordType::kAgency, "*"), nullptr);
  EXPECT_EQ(FieldGroupOfPath(RecordType::kAgency, "name"), nullptr);
  EXPECT_TRUE(FieldGroupsOf(RecordType::kRegion).empty());
}

v1::Agency FullAgency() {
  v1::Agency agency;
  agency.set_name("agencies/a");
  agency.set_display_name("甲");
  agency.add_former_names("乙");
  agency.set_legal_form(v1::LEGAL_FORM_FOUNDATION);
  agency.mutable_staff()->set_total(0);
  agency.set_retention_permille(0);
  agency.add_dimensions(v1::DIMENSION_SERVICE);
  agency.add_categories()->set_category("serviceCategories/x");
  (*agency.mutable_labels())["k"] = "v";
  (*agency.mutable_labels())["a"] = "b";
  return agency;
}

TEST(FieldGroupsTest, ValuesAreTakenComparedAndPutBack) {
  const v1::Agency full = FullAgency();
  for (const FieldGroup& group : FieldGroupsOf(RecordType::kAgency)) {
    SCOPED_TRACE(group.id);
    v1::Agency changed = full;
    SetGroup(v1::Agency::default_instance(), group, &changed);
    EXPECT_FALSE(SpeaksAbout(changed, group));
    EXPECT_EQ(SameInGroup(changed, full, group), !SpeaksAbout(full, group));
    for (const FieldGroup& other : FieldGroupsOf(RecordType::kAgency)) {
      if (&other != &group) {
        EXPECT_TRUE(SameInGroup(changed, full, other));
      }
    }
    SetGroup(*ValueOfGroup(full, group), group, &changed);
    EXPECT_TRUE(SameInGroup(changed, full, group));
  }
  // Zero that was reported is not the same as nothing.
  v1::Agency silent = full;
  silent.clear_retention_permille();
  EXPECT_FALSE(SameInGroup(silent, full, *FindFieldGroup(RecordType::kAgency, "staff")));
  silent = full;
  silent.mutable_categories(0)->set_level(2);
  EXPECT_FALSE(SameInGroup(silent, full, *FindFieldGroup(RecordType::kAgency, "services")));
  silent = full;
  (*silent.mutable_labels())["a"] = "c";
  EXPECT_FALSE(SameInGroup(silent, full, *FindFieldGroup(RecordType::kAgency, "administration")));
}

TEST(FieldGroupsTest, ConflictIdsDifferInEachPart) {
  const std::string id = FieldConflictId("agencies/a", "staff", "sources/s");
  EXPECT_TRUE(IsResourceId(id));
  EXPECT_EQ(id, FieldConflictId("agencies/a", "staff", "sources/s"));
  EXPECT_NE(id, FieldConflictId("agencies/b", "staff", "sources/s"));
  EXPECT_NE(id, FieldConflictId("agencies/a", "status", "sources/s"));
  EXPECT_NE(id, FieldConflictId("agencies/a", "staff", "manual"));
  EXPECT_NE(FieldConflictId("a", "bc", "d"), FieldConflictId("ab", "c", "d"));
}

}  // namespace
}  // namespace tandem::model
