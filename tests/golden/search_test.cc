// SPDX-License-Identifier: Apache-2.0

// Runs the judged queries in golden/search over the sample's real regions, its categories and some
// made-up agencies, with the sample's synonyms, prints hit@1, hit@10 and every miss, and holds the
// figures to floors.txt.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "google/protobuf/util/json_util.h"
#include "query/name_list.h"
#include "query/search.h"
#include "support/record_catalog.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/service_category.pb.h"
#include "tandem/v1/synonym_set.pb.h"

namespace tandem::query {
namespace {

using model::RecordType;
using testing::RecordCatalog;

const std::string kGolden = TANDEM_GOLDEN_DIR;
const std::string kSample = TANDEM_SAMPLE_DIR;

std::vector<std::string> Lines(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> Parts(std::string_view line, char separator) {
  std::vector<std::string> parts;
  for (std::string_view part : SplitNames(line, separator)) {
    parts.emplace_back(WithoutBlanks(part));
  }
  return parts;
}

using Records = std::vector<std::shared_ptr<const google::protobuf::Message>>;

// The sample's own files have no quoted commas.
Records Regions() {
  Records records;
  std::map<std::string, std::string> former_names;
  for (const std::string& line : Lines(kGolden + "/former_names.txt")) {
    const auto cells = Parts(line, '|');
    former_names[cells[0]] = cells[1];
  }
  auto lines = Lines(kSample + "/regions_province_prefecture_county.csv");
  for (size_t i = 1; i < lines.size(); ++i) {
    const auto cells = Parts(lines[i], ',');
    auto region = std::make_shared<v1::Region>();
    region->set_name("regions/" + cells[0]);
    region->set_code(cells[0]);
    region->set_level(static_cast<v1::RegionLevel>(std::stoi(cells[1])));
    if (!cells[2].empty()) region->set_parent_region("regions/" + cells[2]);
    region->set_display_name(cells[3]);
    if (cells.size() > 6) region->set_iso_3166_2(cells[6]);
    if (auto it = former_names.find(cells[0]); it != former_names.end()) {
      region->add_former_names(it->second);
    }
    records.push_back(region);
  }
  return records;
}

Records Categories() {
  Records records;
  auto lines = Lines(kSample + "/categories.csv");
  for (size_t i = 1; i < lines.size(); ++i) {
    const auto cells = Parts(lines[i], ',');
    auto category = std::make_shared<v1::ServiceCategory>();
    category->set_name("serviceCategories/" + cells[0]);
    if (!cells[1].empty()) category->set_parent_category("serviceCategories/" + cells[1]);
    category->set_display_name(cells[3]);
    category->add_names()->set_text(cells[4]);
    records.push_back(category);
  }
  return records;
}

Records Agencies() {
  Records records;
  for (const std::string& line : Lines(kGolden + "/agencies.txt")) {
    const auto cells = Parts(line, '|');
    auto agency = std::make_shared<v1::Agency>();
    agency->set_name("agencies/" + cells[0]);
    agency->set_display_name(cells[1]);
    agency->add_names()->set_text(cells[2]);
    if (!cells[3].empty()) agency->add_former_names(cells[3]);
    agency->set_what_we_do(cells[4]);
    agency->mutable_assessment()->set_points(std::stoi(cells[5]));
    records.push_back(agency);
  }
  return records;
}

Records SynonymSets() {
  Records records;
  for (const std::string& line : Lines(kSample + "/synonyms.ndjson")) {
    auto set = std::make_shared<v1::SynonymSet>();
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, set.get()).ok()) << line;
    records.push_back(set);
  }
  return records;
}

struct Judgement {
  std::string set;
  RecordType type;
  std::string queries;
  Records (*records)();
};

class JudgedSearchTest : public ::testing::TestWithParam<Judgement> {};

TEST_P(JudgedSearchTest, HitsStayAboveTheirFloors) {
  const Judgement& judged = GetParam();
  const PageTokens tokens(std::array<uint8_t, PageTokens::kKeyBytes>{1});
  catalog::CatalogOptions options;
  options.background = false;
  RecordCatalog records(options);
  records.Put(judged.type, judged.records());
  records.Put(RecordType::kSynonymSet, SynonymSets());
  while (records.catalog().Maintain()) {
  }
  int queries = 0, first = 0, among_ten = 0;
  for (const std::string& line : Lines(kGolden + "/" + judged.queries)) {
    const size_t bar = line.rfind('|');
    ASSERT_NE(bar, std::string::npos) << line;
    SearchQuery query;
    query.list.type = judged.type;
    query.list.page_size = 10;
    query.text = std::string(WithoutBlanks(line.substr(0, bar)));
    const auto right = Parts(WithoutBlanks(std::string_view(line).substr(bar + 1)), ' ');
    auto page = Search(*records.view(), tokens, query);
    ASSERT_TRUE(page.ok()) << query.text << ": " << page.status();
    const auto hit = std::find_if(page->rows.begin(), page->rows.end(), [&](const auto& row) {
      return std::find(right.begin(), right.end(), row.id) != right.end();
    });
    ++queries;
    first += hit != page->rows.end() && hit == page->rows.begin() ? 1 : 0;
    among_ten += hit != page->rows.end() ? 1 : 0;
    if (hit == page->rows.begin() && hit != page->rows.end()) continue;
    std::cout << "  " << query.text << ": "
              << (hit == page->rows.end() ? "not among ten" : "not the first");
    for (const SearchRow& row : page->rows) std::cout << " " << row.id;
    std::cout << "\n";
  }
  const int hit1 = first * 1000 / queries, hit10 = among_ten * 1000 / queries;
  std::cout << judged.set << ": " << queries << " queries, hit@1 " << hit1 << ", hit@10 " << hit10
            << " per mille\n";
  bool floored = false;
  for (const std::string& line : Lines(kGolden + "/floors.txt")) {
    std::istringstream in(line);
    std::string set, word;
    int floor1 = 0, floor10 = 0;
    in >> set >> word >> floor1 >> word >> floor10;
    if (set != judged.set) continue;
    floored = true;
    EXPECT_GE(hit1, floor1);
    EXPECT_GE(hit10, floor10);
  }
  EXPECT_TRUE(floored) << judged.set << " has no floor";
}

INSTANTIATE_TEST_SUITE_P(
    Sets, JudgedSearchTest,
    ::testing::Values(Judgement{"regions", RecordType::kRegion, "regions.txt", Regions},
                      Judgement{"agencies", RecordType::kAgency, "agency_queries.txt", Agencies},
                      Judgement{"categories", RecordType::kServiceCategory, "category_queries.txt",
                                Categories}),
    [](const auto& set) { return set.param.set; });

}  // namespace
}  // namespace tandem::query
