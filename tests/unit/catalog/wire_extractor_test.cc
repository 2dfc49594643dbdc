// SPDX-License-Identifier: Apache-2.0

// What the extractor reads from wire bytes, against a slow walk over the parsed message by
// reflection.

#include "catalog/wire_extractor.h"

#include <map>
#include <random>

#include "google/protobuf/dynamic_message.h"
#include "gtest/gtest.h"
#include "support/reason_matcher.h"
#include "tandem/v1/field_rules.pb.h"
#include "test_directory.h"

namespace tandem::catalog {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using model::RecordType;

// Fills a message with random values, some fields left out.
void Fill(std::mt19937* random, Message* message, int depth) {
  const Reflection& reflection = *message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    if ((*random)() % 3 == 0 || (depth == 0 && field->number() >= 4 && field->number() <= 8))
      continue;
    const int count = field->is_repeated() ? static_cast<int>((*random)() % 3) : 1;
    for (int k = 0; k < count; ++k) {
      const std::string text = (*random)() % 4 == 0 ? "" : "t" + std::to_string((*random)() % 50);
      const auto number = static_cast<int64_t>((*random)() % 2001) -
                          (field->type() == FieldDescriptor::TYPE_ENUM ? 0 : 1000);
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE:
          if (field->is_map()) {
            Message* entry = reflection.AddMessage(message, field);
            const Descriptor* type = entry->GetDescriptor();
            entry->GetReflection()->SetString(entry, type->field(0), "k" + std::to_string(k));
            entry->GetReflection()->SetString(entry, type->field(1), text);
          } else if (depth < 4) {
            Fill(random,
                 field->is_repeated() ? reflection.AddMessage(message, field)
                                      : reflection.MutableMessage(message, field),
                 depth + 1);
          }
          break;
        case FieldDescriptor::CPPTYPE_STRING:
          field->is_repeated() ? reflection.AddString(message, field, text)
                               : reflection.SetString(message, field, text);
          break;
        case FieldDescriptor::CPPTYPE_ENUM: {
          const int value = static_cast<int>((*random)() % 3);
          field->is_repeated() ? reflection.AddEnumValue(message, field, value)
                               : reflection.SetEnumValue(message, field, value);
          break;
        }
        case FieldDescriptor::CPPTYPE_BOOL:
          if (!field->is_repeated()) reflection.SetBool(message, field, (*random)() % 2 == 0);
          break;
        case FieldDescriptor::CPPTYPE_INT32:
          if (!field->is_repeated())
            reflection.SetInt32(message, field, static_cast<int32_t>(number));
          break;
        case FieldDescriptor::CPPTYPE_INT64:
          if (!field->is_repeated()) reflection.SetInt64(message, field, number);
          break;
        default:
          break;
      }
    }
  }
}

std::vector<const FieldDescriptor*> PathOf(const Descriptor* message, std::string path) {
  std::vector<const FieldDescriptor*> steps;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    steps.push_back(message->FindFieldByName(path.substr(0, dot)));
    message = steps.back()->message_type();
    path = dot == std::string::npos ? "" : path.substr(dot + 1);
  }
  return steps;
}

// The values of a field as text, by the rules of IndexedField.
void Walk(const Message& message, const std::vector<const FieldDescriptor*>& path, size_t at,
          bool in_element, std::vector<std::string>* out) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* field = path[at];
  if (at + 1 < path.size()) {
    if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        Walk(reflection.GetRepeatedMessage(message, field, i), path, at + 1, true, out);
      }
    } else if (reflection.HasField(message, field)) {
      Walk(reflection.GetMessage(message, field), path, at + 1, in_element, out);
    }
    return;
  }
  if (field->is_map()) {
    std::map<std::string, std::string> entries;
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, field, i);
      const Reflection& of_entry = *entry.GetReflection();
      entries[of_entry.GetString(entry, entry.GetDescriptor()->field(0))] =
          of_entry.GetString(entry, entry.GetDescriptor()->field(1));
    }
    for (const auto& [key, value] : entries) out->push_back(key + std::string(1, '\0') + value);
    return;
  }
  if (field->is_repeated()) {
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      out->push_back(field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM
                         ? std::to_string(reflection.GetRepeatedEnumValue(message, field, i))
                         : reflection.GetRepeatedString(message, field, i));
    }
    return;
  }
  const bool has = reflection.HasField(message, field);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (has || in_element) out->push_back(reflection.GetString(message, field));
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (!has) {
        if (in_element) out->push_back("0");
        return;
      }
      const Message& time = reflection.GetMessage(message, field);
      const Descriptor* type = time.GetDescriptor();
      out->push_back(std::to_string(
          time.GetReflection()->GetInt64(time, type->FindFieldByName("seconds")) * 1'000'000'000 +
          time.GetReflection()->GetInt32(time, type->FindFieldByName("nanos"))));
      return;
    }
    default:
      break;
  }
  if (field->has_presence() && !has && !in_element) return;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      out->push_back(std::to_string(reflection.GetEnumValue(message, field)));
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      out->push_back(std::to_string(static_cast<int>(reflection.GetBool(message, field))));
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      out->push_back(std::to_string(reflection.GetInt32(message, field)));
      return;
    default:
      out->push_back(std::to_string(reflection.GetInt64(message, field)));
      return;
  }
}

class WireExtractorTest : public testing::TestWithParam<RecordType> {};

TEST_P(WireExtractorTest, ReadsWhatReflectionReads) {
  const FieldTable& table = FieldTable::Of(GetParam());
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(table.message_type());
  std::mt19937 random(11);
  size_t values_seen = 0;
  for (int round = 0; round < 200; ++round) {
    std::unique_ptr<Message> message(prototype->New());
    Fill(&random, message.get(), 0);
    const std::string body = SerializeDeterministically(*message);
    RowItems items;
    ASSERT_TRUE(WireExtractor::Of(GetParam()).Extract(body, &items).ok());
    const RowBlob blob(table, items);
    for (const IndexedField& field : table.fields()) {
      if (field.id < kFirstBodyField) continue;
      std::vector<std::string> expected;
      if (&field == table.child_of()) {
        const FieldDescriptor* name = table.message_type()->FindFieldByNumber(1);
        const std::string text = message->GetReflection()->GetString(*message, name);
        if (!model::ParentNameOf(text).empty()) expected.emplace_back(model::ParentNameOf(text));
      } else {
        Walk(*message, PathOf(table.message_type(), field.path), 0, false, &expected);
      }
      std::vector<std::string> found;
      for (uint32_t i = 0; i < blob.Size(field); ++i) {
        found.push_back(field.is_text() ? std::string(blob.Text(field, i))
                                        : std::to_string(blob.Integer(field, i)));
      }
      ASSERT_EQ(found, expected) << field.path << " of " << message->ShortDebugString();
      if (!field.repeated) {
        ASSERT_LE(found.size(), 1u);
      }
      if (!field.optional && !field.repeated && !field.is_text()) {
        ASSERT_EQ(found.size(), 1u);
      }
      values_seen += found.size();
    }
    // Cut anywhere, the bytes are refused or read as something shorter, never past their end.
    for (size_t cut = 0; cut < body.size(); cut += 7) {
      std::string shorter = body.substr(0, cut);
      static_cast<void>(WireExtractor::Of(GetParam()).Extract(shorter, &items));
    }
  }
  EXPECT_GT(values_seen, 300u);
}

std::vector<RecordType> ResourceTypes() {
  std::vector<RecordType> types;
  for (RecordType type : model::kAllRecordTypes) {
    if (FieldTable::Of(type).message_type() != nullptr) types.push_back(type);
  }
  return types;
}

INSTANTIATE_TEST_SUITE_P(Types, WireExtractorTest, testing::ValuesIn(ResourceTypes()),
                         [](const auto& type) {
                           return std::string(model::CollectionOf(type.param));
                         });

TEST(WireExtractorTest, RefusesBytesThatAreNoWireForm) {
  RowItems items;
  EXPECT_THAT(WireExtractor::Of(RecordType::kAgency).Extract("\x0a\xff\xff\xff\xff\x0fxx", &items),
              support::HasReason(model::Reason::kRecordCorrupt));
}

TEST(FieldTableTest, EveryReferenceHasAColumnAndATarget) {
  for (RecordType type : model::kAllRecordTypes) {
    for (const IndexedField& field : FieldTable::Of(type).fields()) {
      if (field.kind != FieldKind::kReference) continue;
      EXPECT_TRUE(field.target.has_value()) << field.path;
      EXPECT_EQ(field.tree, *field.target == RecordType::kRegion ||
                                *field.target == RecordType::kServiceCategory);
    }
  }
  EXPECT_NE(FieldTable::Of(RecordType::kRound).Find("corridors.supporting_region"), nullptr);
  EXPECT_NE(FieldTable::Of(RecordType::kRegion).Find("successors.region"), nullptr);
  EXPECT_NE(FieldTable::Of(RecordType::kMatchProfile).Find("hard_rules.forbidden_pairs.agency"),
            nullptr);
}

TEST(FieldTableTest, PathsAreUnique) {
  for (RecordType type : model::kAllRecordTypes) {
    const FieldTable& table = FieldTable::Of(type);
    for (const IndexedField& field : table.fields())
      EXPECT_EQ(table.Find(field.path), &field) << field.path;
  }
}

}  // namespace
}  // namespace tandem::catalog
