// SPDX-License-Identifier: Apache-2.0

#include "cli/json_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "cli/ndjson_source.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "random_message.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/round.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string Complaint(const std::string& text) {
  v1::Agency agency;
  auto problem = ReadJsonRecord(text, &agency);
  if (!problem) return "";
  return std::to_string(problem->offset) + " " + problem->reason + " " + problem->field + " | " +
         problem->message;
}

TEST(JsonReaderTest, ReadsEveryKindOfValue) {
  v1::Agency agency;
  const auto problem = ReadJsonRecord(
      R"({"name":"agencies/a","display_name":"杭州 \u793e","labels":{"source":"x","e":""},
          "homeRegion":"regions/330100","assessment":{"grade":"ASSESSMENT_GRADE_5A","points":871},
          "categories":[{"category":"serviceCategories/c","level":5,"years":0},{}],
          "contracts":[{"buyer":"b","amountFen":"9007199254740993"}],"formerNames":["a","b"],
          "identifiers":[{"scheme":"uscc","value":"1","verified":true}],"status":1,
          "createTime":"2026-03-01T08:00:00Z","staff":null,"location":{"latitudeE7":-900000000}})",
      &agency);
  ASSERT_FALSE(problem) << problem->message;
  EXPECT_EQ(agency.display_name(), "杭州 社");
  EXPECT_EQ(agency.labels().at("source"), "x");
  EXPECT_EQ(agency.labels().count("e"), 1U);
  EXPECT_EQ(agency.assessment().grade(), v1::ASSESSMENT_GRADE_5A);
  EXPECT_EQ(agency.categories_size(), 2);
  EXPECT_TRUE(agency.categories(0).has_years());
  EXPECT_EQ(agency.contracts(0).amount_fen(), 9007199254740993);
  EXPECT_EQ(agency.former_names(1), "b");
  EXPECT_TRUE(agency.identifiers(0).verified());
  EXPECT_EQ(agency.status(), v1::AGENCY_STATUS_ACTIVE);
  EXPECT_EQ(agency.create_time().seconds(), 1772352000);
  EXPECT_FALSE(agency.has_staff());
  EXPECT_EQ(agency.location().latitude_e7(), -900000000);
}

TEST(JsonReaderTest, TellsPlaceFieldAndReason) {
  EXPECT_EQ(Complaint(R"({"displayNam": "x"})"),
            "1 FIELD_UNKNOWN displayNam | Agency has no such field, did you mean displayName?");
  EXPECT_EQ(Complaint(R"({"name": 5})"), "9 FIELD_INVALID name | must be text in quotes, not 5");
  EXPECT_EQ(Complaint(R"({"categories": [{"level": 1}, {"levle": 2}]})"),
            "31 FIELD_UNKNOWN categories[1].levle | CategoryCapability has no such field, did you "
            "mean level?");
  EXPECT_EQ(Complaint(R"({"categories": [{"level": 1}, {"level": "x"}]})"),
            "40 FIELD_INVALID categories[1].level | must be a whole number from -2147483648 to "
            "2147483647, not \"x\"");
  EXPECT_EQ(Complaint(R"({"formerNames": ["a", 1]})"),
            "22 FIELD_INVALID formerNames[1] | must be text in quotes, not 1");
  EXPECT_EQ(Complaint(R"({"labels": {"a": {}}})"),
            "17 FIELD_INVALID labels.a | must be text in quotes");
  EXPECT_EQ(Complaint(R"({"name": "a", "name": "b"})"), "14 FIELD_INVALID name | given twice");
  EXPECT_EQ(
      Complaint(R"({"status": "AGENCY_STATUS_ACTVE"})"),
      "11 FIELD_INVALID status | \"AGENCY_STATUS_ACTVE\" is no value of AgencyStatus, did you "
      "mean AGENCY_STATUS_ACTIVE?");
  EXPECT_EQ(Complaint(R"({"createTime": "yesterday"})").substr(0, 30),
            "15 FIELD_INVALID createTime | ");
  EXPECT_EQ(Complaint(R"({"assessment": []})").substr(0, 30), "15 FIELD_INVALID assessment | ");
  EXPECT_EQ(Complaint(R"({"formerNames": "a"})"),
            "16 FIELD_INVALID formerNames | must be an array");
  EXPECT_EQ(Complaint(R"({"identifiers":[{"verified":"true"}]})").substr(0, 48),
            "28 FIELD_INVALID identifiers[0].verified | must ");
}

TEST(JsonReaderTest, RefusesWhatIsNoJson) {
  // Protobuf's own reader takes the first three.
  for (const char* text : {"{'name': \"a\"}", "{name: \"a\"}", "{\"name\": \"a\",}", "", "   ", "{",
                           "{\"name\": \"a\"", "{\"name\": \"a\"} x", "[]", "null", "5", "\"x\"",
                           "{\"name\" \"a\"}", "{\"name\": \"a\nb\"}", "{\"name\": \"\xff\"}",
                           "{\"name\": 01}", "{\"name\": \"\\ud800\"}"}) {
    EXPECT_NE(Complaint(text), "") << text;
  }
}

TEST(JsonReaderTest, EveryPrefixIsRefusedWithoutACrash) {
  const std::string text =
      R"({"name":"a","labels":{"k":"v"},"categories":[{"level":1}],"staff":{"total":5}})";
  EXPECT_EQ(Complaint(text), "");
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_NE(Complaint(text.substr(0, size)), "") << size;
  }
}

// Whatever protobuf writes is read back as the same message, and protobuf's reader agrees.
TEST(JsonReaderTest, RoundTripsRandomRecords) {
  std::mt19937_64 random(20261123);
  const v1::Agency agency;
  const v1::Region region;
  const v1::Round round;
  const v1::MatchProfile profile;
  const google::protobuf::Message* prototypes[] = {&agency, &region, &round, &profile};
  for (int i = 0; i < 400; ++i) {
    std::unique_ptr<google::protobuf::Message> record(prototypes[i % 4]->New());
    testing::FillRandomly(record.get(), &random);
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = i % 3 == 0;
    options.preserve_proto_field_names = i % 5 == 0;
    std::string text;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*record, &text, options).ok());
    std::unique_ptr<google::protobuf::Message> read(record->New());
    const auto problem = ReadJsonRecord(text, read.get());
    ASSERT_FALSE(problem) << problem->field << ": " << problem->message << "\n" << text;
    EXPECT_TRUE(MessageDifferencer::Equals(*record, *read)) << text;
  }
}

// One changed byte: never a crash, and what is accepted is what protobuf's reader makes of it.
TEST(JsonReaderTest, AgreesWithProtobufOnDamagedText) {
  std::mt19937_64 random(7);
  int accepted = 0;
  for (int i = 0; i < 3000; ++i) {
    v1::Region record;
    testing::FillRandomly(&record, &random);
    std::string text;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(record, &text).ok());
    text[random() % text.size()] = static_cast<char>(random());
    v1::Region ours;
    if (ReadJsonRecord(text, &ours)) continue;
    ++accepted;
    v1::Region theirs;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(text, &theirs).ok()) << text;
    EXPECT_TRUE(MessageDifferencer::Equals(ours, theirs)) << text;
  }
  EXPECT_GT(accepted, 100) << "most changes inside a text leave a sound record";
}

TEST(JsonReaderTest, FindsTheFieldOfAComplaint) {
  const std::string text = R"({"a":{"points":1}, "assessment": {"points": 5}, "formerNames": ["x"],
"categories": [{"level": 1}, {"category": "c", "level": 9}]})";
  EXPECT_EQ(FindJsonField(text, "assessment.points"), text.find("\"points\": 5"));
  EXPECT_EQ(FindJsonField(text, "agency.assessment.points"), text.find("\"points\": 5"));
  EXPECT_EQ(FindJsonField(text, "agencies[3].categories[1].level"), text.find("\"level\": 9"));
  EXPECT_EQ(FindJsonField(text, "former_names[0]"), text.find("\"formerNames"));
  EXPECT_EQ(FindJsonField(text, "nothing"), std::nullopt);
  EXPECT_EQ(FindJsonField("{broken", "a"), std::nullopt);
}

TEST(JsonReaderTest, PositionsCountCharacters) {
  const TextPosition position = PositionAt("一二\n三\"x", 11);
  EXPECT_EQ(position.line, 2U);
  EXPECT_EQ(position.column, 3U);
}

TEST(NdjsonSourceTest, RefusesBrokenLinesOneByOne) {
  const std::string good = R"({"name":"regions/1","displayName":"一","code":"1"})";
  std::istringstream in("\xEF\xBB\xBF" + good + "\r\n\n{\"name\":\"x\n" + good +
                        "\n{\"displayName\":\"\xff\"}\n[1]\n  \n" + good + "\n{\"nope\":1}\n" +
                        good.substr(0, 20));
  NdjsonSource source(in);
  v1::Region region;
  SourceText text;
  Refusal refusal;
  std::string seen;
  for (;;) {
    const auto step = source.Next(&region, &text, &refusal);
    if (step == RecordSource::Step::kEnd) break;
    seen += step == RecordSource::Step::kRecord
                ? "ok " + std::to_string(text.line) + ";"
                : refusal.reason + " " + std::to_string(refusal.line) + ":" +
                      std::to_string(refusal.column) + ";";
  }
  EXPECT_EQ(seen,
            "ok 1;TEXT_INVALID 3:10;ok 4;TEXT_INVALID 5:17;TEXT_INVALID 6:1;ok 8;FIELD_UNKNOWN 9:2;"
            "TEXT_INVALID 10:21;");
}

TEST(NdjsonSourceTest, SkipsALineThatIsTooLong) {
  const std::string good = R"({"name":"regions/1"})";
  std::istringstream in(good + "\n{\"name\":\"" + std::string(3 << 20, 'x') + "\"}\n" + good);
  NdjsonSource source(in);
  v1::Region region;
  SourceText text;
  Refusal refusal;
  EXPECT_EQ(source.Next(&region, &text, &refusal), RecordSource::Step::kRecord);
  EXPECT_EQ(source.Next(&region, &text, &refusal), RecordSource::Step::kRefused);
  EXPECT_EQ(refusal.reason, "LIMIT_EXCEEDED");
  EXPECT_LE(text.raw.size(), 256U);
  EXPECT_EQ(source.Next(&region, &text, &refusal), RecordSource::Step::kRecord);
  EXPECT_EQ(text.line, 3U);
  EXPECT_EQ(source.Next(&region, &text, &refusal), RecordSource::Step::kEnd);
}

}  // namespace
}  // namespace tandem::cli
