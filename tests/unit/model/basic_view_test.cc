// SPDX-License-Identifier: Apache-2.0

#include "model/basic_view.h"

#include <random>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/resource_traits.h"
#include "support/reason_matcher.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::model {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using support::HasReason;
using support::IsOkAndHolds;
using testing::ElementsAre;

// Sets one field to something that is not its default.
void SetSomething(Message* message, const FieldDescriptor* field) {
  const Reflection& reflection = *message->GetReflection();
  if (field->is_map()) {
    Message* entry = reflection.AddMessage(message, field);
    entry->GetReflection()->SetString(entry, entry->GetDescriptor()->map_key(), "k");
    return;
  }
  if (field->message_type() != nullptr) {
    if (field->is_repeated()) {
      reflection.AddMessage(message, field);
    } else {
      reflection.MutableMessage(message, field);
    }
    return;
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      field->is_repeated() ? reflection.AddString(message, field, field->name())
                           : reflection.SetString(message, field, field->name());
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      field->is_repeated() ? reflection.AddEnumValue(message, field, 1)
                           : reflection.SetEnumValue(message, field, 1);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection.SetBool(message, field, true);
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      reflection.SetInt32(message, field, 7);
      break;
    default:
      reflection.SetInt64(message, field, 7);
  }
}

// The same as clearing every other field of the parsed record, for any record.
TEST(BasicView, KeepsItsFieldsAndNoOther) {
  std::mt19937 random(5);
  for (const ResourceTraits& resource : AllResources()) {
    const std::vector<std::string_view> names = BasicFields(resource.type);
    const std::set<std::string> basic(names.begin(), names.end());
    EXPECT_GE(basic.size(), 5U) << resource.message_name;
    for (int round = 0; round < 50; ++round) {
      std::unique_ptr<Message> record(resource.prototype->New());
      std::unique_ptr<Message> expected(resource.prototype->New());
      const auto& type = *record->GetDescriptor();
      for (int i = 0; i < type.field_count(); ++i) {
        if (round > 0 && random() % 3 == 0) continue;
        SetSomething(record.get(), type.field(i));
        if (basic.count(type.field(i)->name()) > 0) SetSomething(expected.get(), type.field(i));
      }
      absl::StatusOr<std::string> cut = CutToBasic(resource.type, record->SerializeAsString());
      ASSERT_TRUE(cut.ok()) << cut.status();
      EXPECT_EQ(*cut, expected->SerializeAsString()) << record->ShortDebugString();
    }
  }
}

TEST(BasicView, NamesTheFieldsOfAnAgency) {
  EXPECT_THAT(BasicFields(RecordType::kAgency),
              ElementsAre("name", "display_name", "update_time", "delete_time", "etag", "status",
                          "home_region", "categories", "assessment", "merged_into", "location"));
}

TEST(BasicView, NothingIsNothing) {
  EXPECT_THAT(CutToBasic(RecordType::kAgency, ""), IsOkAndHolds(""));
}

TEST(BasicView, DamagedBytesAreRefused) {
  v1::Agency agency;
  agency.set_name("agencies/a");
  agency.set_what_we_do("much");
  const std::string bytes = agency.SerializeAsString();
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    absl::StatusOr<std::string> part = CutToBasic(RecordType::kAgency, bytes.substr(0, cut));
    // Cut between two fields, it is a record with fewer of them.
    if (!part.ok()) {
      EXPECT_THAT(part, HasReason(Reason::kRecordCorrupt));
    }
  }
  EXPECT_THAT(CutToBasic(RecordType::kAgency, "\x0a\xff\xff\xff\xff\x0f"),
              HasReason(Reason::kRecordCorrupt));
  EXPECT_THAT(CutToBasic(RecordType::kAgency, std::string("\x00\x01", 2)),
              HasReason(Reason::kRecordCorrupt));
}

}  // namespace
}  // namespace tandem::model
