// SPDX-License-Identifier: Apache-2.0

#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/hsds/hsds_converter.h"
#include "cli/hsds/hsds_disk_tables.h"
#include "cli/hsds/hsds_fields.h"
#include "cli/hsds/hsds_memory_tables.h"
#include "cli/hsds/hsds_reader.h"
#include "cli/hsds/json_elements.h"
#include "cli/hsds/record_text.h"
#include "cli/id_text.h"

namespace tandem::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// What reading and converting a few texts gave.
struct Outcome {
  std::vector<v1::ServiceCategory> categories;
  std::vector<v1::Agency> agencies;
  std::vector<v1::Contact> contacts;
  LossReport report;
  absl::Status status;
};

Outcome ConvertIn(HsdsTables* tables, const std::vector<std::pair<std::string, std::string>>& files,
                  HsdsColumnMapping mapping, const std::string& prefix) {
  Outcome outcome;
  HsdsReader reader(std::move(mapping), tables, &outcome.report);
  for (const auto& [name, text] : files) outcome.status.Update(reader.ReadText(name, text));
  HsdsConverter converter(prefix, nullptr, tables, &outcome.report);
  for (int64_t place : converter.Terms()) {
    outcome.categories.push_back(converter.Category(tables->At(place)));
    outcome.report.Record("taxonomy_term", "created");
    tables->Release();
  }
  for (int64_t place : converter.Organizations()) {
    outcome.agencies.push_back(converter.Agency(tables->At(place)));
    outcome.report.Record("organization", "created");
    tables->Release();
  }
  for (int64_t place : converter.Contacts()) {
    outcome.contacts.push_back(converter.Contact(tables->At(place)));
    outcome.report.Record("contact", "created");
    tables->Release();
  }
  converter.Finish();
  outcome.status.Update(tables->status());
  return outcome;
}

template <typename Record>
std::vector<std::string> Texts(const std::vector<Record>& records) {
  std::vector<std::string> texts;
  for (const Record& record : records) texts.push_back(record.DebugString());
  return texts;
}

// Tables in memory and on disk must come to the same.
Outcome Convert(const std::vector<std::pair<std::string, std::string>>& files,
                HsdsColumnMapping mapping = {}, const std::string& prefix = "") {
  HsdsMemoryTables in_memory;
  const Outcome expected = ConvertIn(&in_memory, files, mapping, prefix);
  HsdsDiskTables on_disk(/*cache_kib=*/16);
  Outcome outcome = ConvertIn(&on_disk, files, std::move(mapping), prefix);
  EXPECT_EQ(outcome.status, expected.status);
  EXPECT_EQ(Texts(outcome.categories), Texts(expected.categories));
  EXPECT_EQ(Texts(outcome.agencies), Texts(expected.agencies));
  EXPECT_EQ(Texts(outcome.contacts), Texts(expected.contacts));
  EXPECT_EQ(outcome.report.ToJson(), expected.report.ToJson());
  return outcome;
}

std::string Said(const LossReport& report) { return report.ToJson().dump(1); }

TEST(HsdsTest, ANestedOrganizationBecomesAnAgency) {
  const Outcome outcome = Convert({{"organization_full.json", R"({
    "id": "ORG 1", "name": "Org", "description": "Does\r\nthings", "website": "http://example.com",
    "email": "a@example.com", "tax_id": "12-3 b",
    "organization_identifiers": [{"id": "i", "identifier_scheme": "GB-COH", "identifier": 1234567}],
    "services": [
      {"id": "s1", "name": "Counselling", "description": "For all", "status": "active", "fees": "none",
       "attributes": [{"id": "at", "taxonomy_term": {"id": "t1", "name": "Care", "taxonomy": "ours"}}],
       "languages": [{"id": "l", "code": "ur", "name": "Urdu"}]},
      {"id": "s2", "name": "Closed", "status": "defunct"}],
    "locations": [
      {"id": "p0", "latitude": 100, "longitude": 10},
      {"id": "p1", "latitude": 51.5, "longitude": -0.1,
       "addresses": [{"id": "a", "address_1": "1 Main St", "city": "Town"}],
       "phones": [{"id": "ph", "number": "1"}]}]})"}});
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  ASSERT_EQ(outcome.agencies.size(), 1U);
  const v1::Agency& agency = outcome.agencies[0];
  EXPECT_EQ(agency.name(), "agencies/" + IdFromText("ORG 1"));
  EXPECT_EQ(agency.labels().at("hsds-id"), "ORG 1");
  EXPECT_EQ(agency.labels().at("hsds-website"), "http://example.com");
  EXPECT_EQ(agency.labels().at("hsds-address"), "1 Main St, Town");
  EXPECT_EQ(agency.what_we_do(), "Does\nthings");
  EXPECT_EQ(agency.how_we_do_it(), "Counselling: For all");
  EXPECT_EQ(agency.categories(0).category(), "serviceCategories/t1");
  EXPECT_THAT(agency.languages(), ElementsAre("ur"));
  EXPECT_EQ(agency.location().latitude_e7(), 515000000);
  EXPECT_EQ(agency.identifiers(0).value(), "12-3B");
  EXPECT_EQ(agency.identifiers(1).scheme(), "gb-coh");
  ASSERT_EQ(outcome.categories.size(), 1U);
  EXPECT_EQ(outcome.categories[0].taxonomy(), "ours");
  const std::string said = Said(outcome.report);
  for (const char* lost :
       {"organization.email", "service.fees_description", "phone.number", "location.latitude"}) {
    EXPECT_THAT(said, HasSubstr(std::string("\"") + lost + "\""));
  }
  EXPECT_EQ(outcome.report.Records("service"), 2);
  EXPECT_EQ(outcome.report.Records("location"), 2);
  EXPECT_THAT(said, HasSubstr("skipped: is not active"));
  EXPECT_EQ(said.find("a@example.com"), std::string::npos) << "values are not told";
}

TEST(HsdsTest, TheSameRecordFromSeveralFilesIsOne) {
  const Outcome outcome = Convert({
      {"organization_list.json",
       R"({"contents": [{"id": "o", "name": "Org", "website": "w"}], "size": 1})"},
      {"service_full.json", R"({"id": "s", "name": "S", "status": "active",
                               "organization": {"id": "o", "name": "Org two", "description": "d"}})"},
      {"base.json", R"({"version": "3.0", "profile": "p", "openapi_url": "u"})"},
  });
  ASSERT_EQ(outcome.agencies.size(), 1U);
  EXPECT_EQ(outcome.agencies[0].display_name(), "Org");
  EXPECT_EQ(outcome.agencies[0].what_we_do(), "d");
  EXPECT_EQ(outcome.report.Records("organization"), 2);
  EXPECT_THAT(Said(outcome.report), HasSubstr("contradicts the first record with this id"));
  EXPECT_EQ(outcome.report.Records("base"), 1);
}

TEST(HsdsTest, OlderTablesAreRead) {
  const Outcome outcome = Convert(
      {{"organizations.csv", "id,name,website\n1,Org,http://w\n"},
       {"locations.csv", "id,organization_id,name,latitude,longitude\n5,1,Place,37.5,-122.25\n"},
       {"services.csv",
        "id,location_id,name,status,taxonomy_ids\n7,5,Meals,active,\"101, 101-01\"\n"},
       {"taxonomy.csv",
        "taxonomy_id,name,parent_id,parent_name\n101-01,Cash,101,Emergency\n101,Emergency,,\n"}},
      {}, "ohana-");
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  ASSERT_EQ(outcome.categories.size(), 2U);
  EXPECT_EQ(outcome.categories[0].name(), "serviceCategories/ohana-101") << "broader terms first";
  EXPECT_EQ(outcome.categories[1].parent_category(), "serviceCategories/ohana-101");
  ASSERT_EQ(outcome.agencies.size(), 1U);
  EXPECT_EQ(outcome.agencies[0].name(), "agencies/ohana-1");
  EXPECT_EQ(outcome.agencies[0].categories_size(), 2);
  EXPECT_EQ(outcome.agencies[0].location().longitude_e7(), -1222500000);
}

TEST(HsdsTest, TheUkProfileIsRead) {
  const Outcome outcome = Convert({{"services.json", R"({"totalPages": 1, "content": [
    {"id": "s", "name": "Lunch club", "status": "active",
     "organization": {"id": "o", "name": "Org"},
     "service_taxonomys": [{"id": "st", "taxonomy": {"id": "t", "name": "Meals", "vocabulary": "esd"}}],
     "service_at_locations": [{"id": "sl", "location": {"id": "l", "latitude": 50.5, "longitude": 1,
        "physical_addresses": [{"id": "pa", "address_1": "2 High St"}]}}]}]})"}});
  ASSERT_EQ(outcome.agencies.size(), 1U);
  EXPECT_EQ(outcome.agencies[0].categories(0).category(), "serviceCategories/t");
  EXPECT_TRUE(outcome.agencies[0].has_location());
  EXPECT_EQ(outcome.agencies[0].labels().at("hsds-address"), "2 High St");
  EXPECT_EQ(outcome.categories[0].taxonomy(), "esd");
}

TEST(HsdsTest, CirclesOfTermsEnd) {
  const Outcome outcome =
      Convert({{"taxonomy_terms.csv", "id,name,taxonomy,parent_id\na,A,x,b\nb,B,x,a\nc,C,x,c\n"}});
  EXPECT_EQ(outcome.categories.size(), 3U);
}

TEST(HsdsTest, ManyRandomRecordsAreTheSameOnDisk) {
  std::mt19937 random(7);
  auto number = [&random](int below) {
    return std::to_string(std::uniform_int_distribution<int>(0, below - 1)(random));
  };
  // Ids that come again, parents that are missing, and more rows than are held at a time.
  std::string organizations = "id,name,description,parent_organization_id\n";
  std::string services = "id,organization_id,name,status\n";
  std::string terms = "id,name,taxonomy,parent_id\n";
  std::string attributes = "id,link_id,link_entity,taxonomy_term_id\n";
  std::string contacts = "id,organization_id,service_id,name,title\n";
  for (int i = 0; i < 1200; ++i) {
    organizations +=
        number(1000) + ",Org " + number(5) + ",Does " + number(3) + "," + number(2000) + "\n";
    services += number(900) + "," + number(1200) + ",S " + number(50) + "," +
                (number(3) == "0" ? "inactive" : "active") + "\n";
    terms += "t" + number(300) + ",Term,x,t" + number(400) + "\n";
    attributes += std::to_string(i) + "," + number(900) + ",service,t" + number(400) + "\n";
    contacts += std::to_string(i) + "," + number(2000) + "," + number(900) + ",Person,Lead\n";
  }
  const Outcome outcome = Convert({{"organizations.csv", organizations},
                                   {"services.csv", services},
                                   {"taxonomy_terms.csv", terms},
                                   {"attributes.csv", attributes},
                                   {"contacts.csv", contacts}});
  EXPECT_GT(outcome.agencies.size(), 500U);
  EXPECT_GT(outcome.categories.size(), 200U);
  EXPECT_GT(outcome.contacts.size(), 500U);
}

TEST(HsdsTest, FullDisksAreTold) {
  HsdsDiskTables tables(/*cache_kib=*/16);
  ASSERT_TRUE(tables.Add("organization", {{"id", "1"}, {"name", "Org"}}).ok());
  tables.LimitPages(10);
  absl::Status status;
  for (int i = 2; i < 10'000 && status.ok(); ++i) {
    status = tables.Add("organization", {{"id", std::to_string(i)}, {"name", "Org"}});
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("TMPDIR"));
  // The first fault stays; nothing is taken for found or missing after it.
  EXPECT_EQ(tables.Add("organization", {{"id", "x"}}), status);
  EXPECT_EQ(tables.Find("organization", "1"), nullptr);
}

TEST(JsonElementsTest, PiecesComeOneByOne) {
  std::vector<std::string> said;
  JsonElementHandlers handlers;
  handlers.is_list = [](const std::string& key) { return key == "contents"; };
  handlers.element = [&said](const std::string& key, const nlohmann::json& element) {
    said.push_back(key + "+" + element.dump());
    return absl::OkStatus();
  };
  handlers.whole = [&said](const nlohmann::json& value, bool had_elements) {
    said.push_back((had_elements ? "rest " : "whole ") + value.dump());
    return absl::OkStatus();
  };
  auto read = [&](const std::string& text) {
    said.clear();
    std::istringstream in(text);
    return ReadJsonElements("x.json", in, handlers);
  };
  EXPECT_TRUE(read(R"([{"a": [1, {"b": null}]}, 2, []])").ok());
  EXPECT_THAT(said, ElementsAre(R"(+{"a":[1,{"b":null}]})", "+2", "+[]"));
  EXPECT_TRUE(
      read(R"({"size": 2, "contents": [{"contents": [1]}, {}], "more": {"contents": [3]}})").ok());
  EXPECT_THAT(said, ElementsAre(R"(contents+{"contents":[1]})", "contents+{}",
                                R"(rest {"more":{"contents":[3]},"size":2})"));
  EXPECT_TRUE(read(R"({"contents": []})").ok());
  EXPECT_THAT(said, ElementsAre("rest {}"));
  EXPECT_TRUE(read("{\"a\": 1}\n\n{\"a\": \"\\u7532\"} [1]\n").ok());
  EXPECT_THAT(said, ElementsAre(R"(whole {"a":1})", R"(whole {"a":"甲"})", "+1"));
  EXPECT_TRUE(read(" \n ").ok());
  EXPECT_TRUE(said.empty());
  EXPECT_THAT(std::string(read("{\"a\": 1}\n{\"a\"; 1}\n").message()), HasSubstr("x.json:2:5"));
  EXPECT_THAT(std::string(read("[1,\n 2").message()), HasSubstr("x.json:1:1: is no JSON, or"));
  EXPECT_THAT(std::string(read("[\"\xff\"]").message()), HasSubstr("no text"));
  EXPECT_FALSE(read("[1e999999]").ok());
  // A handler's error ends it.
  handlers.element = [](const std::string&, const nlohmann::json&) {
    return absl::AbortedError("enough");
  };
  EXPECT_EQ(read("[1, 2]").message(), "enough");
}

TEST(HsdsTest, BrokenFilesAreRefusedByPlace) {
  EXPECT_THAT(std::string(Convert({{"a.ndjson", "{}\n{\"a\":\n"}}).status.message()),
              HasSubstr("a.ndjson:2"));
  EXPECT_THAT(std::string(Convert({{"services.csv", "id,name\n1,\"x\n"}}).status.message()),
              HasSubstr("services.csv:2"));
  EXPECT_THAT(std::string(Convert({{"a.json", "\"text\""}}).status.message()), HasSubstr("a.json"));
  EXPECT_THAT(std::string(Convert({{"a.json", "\xff"}}).status.message()), HasSubstr("a.json:1:1"));
}

TEST(IdTextTest, TheSameKeyGivesTheSameIdAndAnotherAnother) {
  EXPECT_EQ(IdFromText("d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610"),
            "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610");
  EXPECT_EQ(IdFromText("Ａ１"), "a1");
  EXPECT_EQ(IdFromText("A 1"), IdFromText("A 1"));
  EXPECT_NE(IdFromText("A 1"), IdFromText("A_1"));
  EXPECT_NE(IdFromText("-a"), "a");
  for (const char* key : {"", "--", "泽库县", "a b", "a-", "-a", "A/B"}) {
    const std::string id = IdFromText(key);
    EXPECT_FALSE(id.empty()) << key;
    EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos)
        << id;
    EXPECT_NE(id.front(), '-') << id;
    EXPECT_NE(id.back(), '-') << id;
  }
  EXPECT_EQ(IdFromText(std::string(63, 'x')), std::string(63, 'x'));
  EXPECT_LE(IdFromText(std::string(64, 'x')).size(), 63U);
}

TEST(RecordTextTest, MakesTextFit) {
  EXPECT_EQ(OneLineText(" a\r\n\tb\x01\u200b c "), "a b c");
  EXPECT_EQ(LinesText("\r\na\r\nb\x02\tc \n"), "a\nb\tc");
  bool cut = false;
  EXPECT_EQ(FirstCodePoints("泽库县", 2, &cut), "泽库");
  EXPECT_TRUE(cut);
  EXPECT_EQ(FirstCodePoints("泽库县", 3, &cut), "泽库县");
  EXPECT_FALSE(cut);
}

}  // namespace
}  // namespace tandem::cli
