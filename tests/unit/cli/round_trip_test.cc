// SPDX-License-Identifier: Apache-2.0

// What is written is read again as it was, or the loss report says what is not: random records
// through CSV, HSDS objects, NDJSON and tables.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/csv_source.h"
#include "cli/hsds/hsds_converter.h"
#include "cli/hsds/hsds_disk_tables.h"
#include "cli/hsds/hsds_export.h"
#include "cli/hsds/hsds_memory_tables.h"
#include "cli/hsds/hsds_reader.h"
#include "cli/hsds/record_text.h"
#include "cli/json_writer.h"
#include "cli/mapping_inverse.h"
#include "google/protobuf/util/message_differencer.h"
#include "random_message.h"
#include "support/temp_dir.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr int kRounds = 150;

// Gives every text the form that the directory keeps texts in.
void Tidy(google::protobuf::Message* message) {
  const auto* reflection = message->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const auto* field : fields) {
    const int size = field->is_repeated() ? reflection->FieldSize(*message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
        Tidy(field->is_repeated() ? reflection->MutableRepeatedMessage(message, field, i)
                                  : reflection->MutableMessage(message, field));
      } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
        std::string text = field->is_repeated() ? reflection->GetRepeatedString(*message, field, i)
                                                : reflection->GetString(*message, field);
        // An apostrophe before a code is a spreadsheet's doing; no code begins with one.
        text.erase(std::remove(text.begin(), text.end(), '\''), text.end());
        text = OneLineText(text);
        if (field->is_repeated()) {
          reflection->SetRepeatedString(message, field, i, text);
        } else {
          reflection->SetString(message, field, text);
        }
      }
    }
  }
}

v1::Agency RandomAgency(std::mt19937_64* random, bool tidy, int number) {
  v1::Agency agency;
  testing::FillRandomly(&agency, random);
  if (tidy) Tidy(&agency);
  // What the server gives every record.
  agency.set_name("agencies/a-" + std::to_string(number));
  ClearServerFields(&agency);
  return agency;
}

// Whether a message is set whose fields are all unset: a table has no cell for that.
bool HoldsNothing(const v1::Agency& agency) {
  return (agency.has_assessment() && agency.assessment().ByteSizeLong() == 0) ||
         (agency.has_staff() && agency.staff().ByteSizeLong() == 0) ||
         (agency.has_capacity() && agency.capacity().ByteSizeLong() == 0) ||
         (agency.has_location() && agency.location().ByteSizeLong() == 0);
}

std::vector<v1::Agency> ReadCsv(const std::string& text) {
  std::istringstream in(text);
  auto source = CsvSource::Open(in, std::nullopt, v1::Agency::descriptor());
  EXPECT_TRUE(source.ok()) << source.status();
  std::vector<v1::Agency> agencies;
  v1::Agency agency;
  SourceText raw;
  Refusal refusal;
  for (;;) {
    const auto step = (*source)->Next(&agency, &raw, &refusal);
    if (step == RecordSource::Step::kEnd) return agencies;
    if (step == RecordSource::Step::kRefused) agency.Clear();
    agencies.push_back(agency);
  }
}

void ExpectSameThroughCsv(bool tidy) {
  std::mt19937_64 random(tidy ? 11 : 12);
  const std::vector<std::string> header = DefaultHeader(v1::Agency::descriptor());
  for (int round = 0; round < kRounds; ++round) {
    const v1::Agency agency = RandomAgency(&random, tidy, round);
    std::ostringstream out;
    LossReport report;
    auto mapping = CsvMapping::FromHeader(header, v1::Agency::descriptor());
    ASSERT_TRUE(mapping.ok()) << mapping.status();
    auto writer =
        MakeRowWriter("agency", MakeCsvWriter(out, ','), *mapping, header, nullptr, &report);
    ASSERT_TRUE(writer->Write(agency).ok());
    ASSERT_TRUE(writer->Finish().ok());
    const std::vector<v1::Agency> read = ReadCsv(out.str());
    ASSERT_EQ(read.size(), 1U) << out.str();
    EXPECT_EQ(MessageDifferencer::Equals(agency, read[0]), report.values_lost() == 0)
        << out.str() << report.ToJson().dump(1);
    if (tidy && !HoldsNothing(agency)) {
      EXPECT_EQ(report.values_lost(), 0) << report.ToJson().dump(1) << out.str();
    }
  }
}

TEST(RoundTripTest, TidyRecordsComeBackFromCsvWhole) { ExpectSameThroughCsv(true); }

TEST(RoundTripTest, WhatAnyRecordLosesInCsvIsSaid) { ExpectSameThroughCsv(false); }

// The agency made of the only organization in `tables`.
v1::Agency OnlyAgency(HsdsTables* tables) {
  LossReport report;
  HsdsConverter converter("", nullptr, tables, &report);
  const auto organizations = converter.Organizations();
  EXPECT_EQ(organizations.size(), 1U);
  return organizations.size() == 1 ? converter.Agency(tables->At(organizations[0])) : v1::Agency();
}

v1::Agency RandomNamedAgency(std::mt19937_64* random, int number) {
  v1::Agency agency = RandomAgency(random, number % 2 == 0, number);
  // A record without a name is none to HSDS either.
  if (OneLineText(agency.display_name()).empty()) agency.set_display_name("名");
  return agency;
}

TEST(RoundTripTest, AnyAgencyComesBackFromHsdsAsItWas) {
  std::mt19937_64 random(13);
  const auto categories = std::make_shared<CategoryMap>();
  for (int round = 0; round < kRounds; ++round) {
    const v1::Agency agency = RandomNamedAgency(&random, round);
    std::ostringstream json;
    LossReport report;
    auto writer = MakeHsdsJsonWriter(json, round % 3 == 0, categories, &report);
    ASSERT_TRUE(writer->Write(agency).ok());
    ASSERT_TRUE(writer->Finish().ok());
    EXPECT_EQ(report.values_lost(), 0) << report.ToJson().dump(1);
    HsdsMemoryTables tables;
    LossReport read_report;
    HsdsReader reader({}, &tables, &read_report);
    ASSERT_TRUE(reader.ReadText(round % 3 == 0 ? "x.ndjson" : "x.json", json.str()).ok());
    const v1::Agency read = OnlyAgency(&tables);
    EXPECT_TRUE(MessageDifferencer::Equals(agency, read)) << agency.DebugString() << "\nread\n"
                                                          << read.DebugString() << json.str();
  }
}

TEST(RoundTripTest, AnyAgencyComesBackFromHsdsTablesAsItWas) {
  std::mt19937_64 random(14);
  const auto categories = std::make_shared<CategoryMap>();
  for (int round = 0; round < kRounds / 3; ++round) {
    const v1::Agency agency = RandomNamedAgency(&random, round);
    const support::TempDir folder;
    LossReport report;
    auto writer = MakeHsdsTabularWriter(folder.path(), categories, &report);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->Write(agency).ok());
    ASSERT_TRUE((*writer)->Finish().ok());
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(folder.path()) / "datapackage.json"));
    HsdsDiskTables tables;
    LossReport read_report;
    HsdsReader reader({}, &tables, &read_report);
    ASSERT_TRUE(reader.Read(folder.path()).ok());
    const v1::Agency read = OnlyAgency(&tables);
    EXPECT_TRUE(MessageDifferencer::Equals(agency, read)) << agency.DebugString() << "\nread\n"
                                                          << read.DebugString();
  }
}

TEST(RoundTripTest, AMappingFileIsInverted) {
  auto mapping = CsvMapping::Parse(
      "fields:\n"
      "  name: {column: 编号, prefix: agencies/}\n"
      "  display_name: 名称\n"
      "  labels.source: {constant: list}\n"
      "  status: {column: 状态, values: {在业: AGENCY_STATUS_ACTIVE}}\n"
      "  assessment.awarded_date: {column: 日期, date: \"%d.%m.%Y\"}\n"
      "  location.latitude_e7: {column: 纬度, scale: 10000000}\n"
      "  former_names: {column: 曾用名, separator: 、}\n",
      "m.yaml", v1::Agency::descriptor());
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  const std::vector<std::string> header = HeaderOf(*mapping);
  ASSERT_TRUE(mapping->Bind(header).ok());
  std::ostringstream out;
  LossReport report;
  auto writer =
      MakeRowWriter("agency", MakeCsvWriter(out, ','), *mapping, header, nullptr, &report);
  v1::Agency agency;
  agency.set_name("agencies/a1");
  agency.set_display_name("甲, 站");
  (*agency.mutable_labels())["source"] = "list";
  agency.set_status(v1::AGENCY_STATUS_ACTIVE);
  agency.mutable_assessment()->set_awarded_date("2026-03-01");
  agency.mutable_location()->set_latitude_e7(-301234500);
  agency.add_former_names("旧一");
  agency.add_former_names("旧二");
  ASSERT_TRUE(writer->Write(agency).ok());
  EXPECT_EQ(report.values_lost(), 0) << report.ToJson().dump(1);
  agency.set_status(v1::AGENCY_STATUS_ENDED);
  agency.set_owner("x");
  (*agency.mutable_labels())["source"] = "another";
  ASSERT_TRUE(writer->Write(agency).ok());
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_EQ(out.str(),
            "编号,名称,状态,日期,纬度,曾用名\n"
            "a1,\"甲, 站\",在业,01.03.2026,-30.12345,旧一、旧二\n"
            "a1,\"甲, 站\",,01.03.2026,-30.12345,旧一、旧二\n");
  EXPECT_EQ(report.values_lost(), 3) << "status, owner and the label: " << report.ToJson().dump(1);
}

}  // namespace
}  // namespace tandem::cli
