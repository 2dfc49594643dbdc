// SPDX-License-Identifier: Apache-2.0

// tandem-sample: writes the sample directory into a folder, ready for `tandem … import`. Regions
// are real; agencies, offers, needs, corridors and pairings are made up from a seed and say so.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "made_up_agencies.h"
#include "made_up_round.h"
#include "plain_csv.h"
#include "real_regions.h"
#include "record_writer.h"
#include "tandem/v1/service_category.pb.h"

namespace tandem::sample {
namespace {

struct Options {
  std::string data_dir;
  std::string out_dir;
  uint64_t seed = 20260105;
  int64_t agencies = 2000;
  bool names_in_words = false;
  RoundSizes sizes;
  Format format = Format::kNdjson;
};

class SampleFiles {
 public:
  explicit SampleFiles(const Options& options) : options_(options) {}

  std::string PathOf(const std::string& collection) const {
    return options_.out_dir + "/" + collection +
           (options_.format == Format::kNdjson ? ".ndjson" : ".chunks");
  }
  template <typename Records>
  void WriteAll(const std::string& collection, const Records& records) const {
    RecordWriter writer(PathOf(collection), options_.format);
    for (const auto& record : records) writer.Write(record);
    std::printf("%-18s %lld\n", collection.c_str(), static_cast<long long>(writer.count()));
  }

 private:
  const Options& options_;
};

std::vector<v1::ServiceCategory> ReadCategories(const std::string& data_dir) {
  std::vector<v1::ServiceCategory> categories;
  for (CsvRow& row : ReadPlainCsv(data_dir + "/categories.csv")) {
    v1::ServiceCategory category;
    category.set_name("serviceCategories/" + row["id"]);
    category.set_display_name(row["name_zh"]);
    category.set_owner("sample");
    category.set_taxonomy("tandem-fields");
    category.set_version("1");
    category.set_code(row["id"]);
    if (!row["parent"].empty()) category.set_parent_category("serviceCategories/" + row["parent"]);
    category.set_facet(row["facet"] == "field"          ? v1::CATEGORY_FACET_FIELD
                       : row["facet"] == "target_group" ? v1::CATEGORY_FACET_TARGET_GROUP
                                                        : v1::CATEGORY_FACET_DIMENSION);
    auto* name = category.add_names();
    name->set_language("en");
    name->set_text(row["name_en"]);
    category.set_state(v1::CATEGORY_STATE_PUBLISHED);
    categories.push_back(std::move(category));
  }
  return categories;
}

void Generate(const Options& options) {
  const SampleFiles files(options);
  std::filesystem::create_directories(options.out_dir);
  const RealRegions regions = ReadRealRegions(options.data_dir);
  files.WriteAll("regions", regions.regions);
  files.WriteAll("categories", ReadCategories(options.data_dir));

  // Local agencies for half of the needs' counties, one strong agency an offer, the rest anywhere.
  AgencyMaker maker(regions, options.seed, options.names_in_words);
  std::map<std::string, AgencySketch> local;
  std::map<std::string, std::vector<AgencySketch>> strong;
  {
    RecordWriter writer(files.PathOf("agencies"), options.format);
    int64_t number = 0;
    Random random(options.seed ^ 0x6c6f6361U);
    for (const std::string& county : NeedCounties(regions, options.sizes.needs, options.seed)) {
      if (local.count(county) != 0 || number >= options.agencies / 3 || !random.Chance(550))
        continue;
      v1::Agency agency = maker.MakeLocal(++number, county);
      local.emplace(county, AgencyMaker::SketchOf(agency));
      writer.Write(agency);
    }
    int64_t weight_sum = 0;
    for (const CorridorPlan& plan : CorridorPlans()) weight_sum += plan.weight;
    const int64_t senders = std::min(options.sizes.offers * 5 / 4 + 20, options.agencies - number);
    for (const CorridorPlan& plan : CorridorPlans()) {
      for (int64_t i = 0; i < std::max<int64_t>(1, senders * plan.weight / weight_sum); ++i) {
        v1::Agency agency = maker.MakeStrong(++number, plan.supporting);
        strong[plan.supporting].push_back(AgencyMaker::SketchOf(agency));
        writer.Write(agency);
      }
    }
    while (number < options.agencies) writer.Write(maker.MakeAnywhere(++number));
    std::printf("%-18s %lld  SYNTHETIC\n", "agencies", static_cast<long long>(writer.count()));
  }
  const MadeUpRound round = MakeRound(regions, strong, local, options.sizes, options.seed);
  files.WriteAll("profiles", std::vector<v1::MatchProfile>{DefaultProfile(options.sizes)});
  files.WriteAll("rounds", std::vector<v1::Round>{round.round});
  files.WriteAll("offers", round.offers);
  files.WriteAll("needs", round.needs);
  files.WriteAll("pairings", round.pairings);
}

}  // namespace
}  // namespace tandem::sample

int main(int argc, char** argv) {
  tandem::sample::Options options;
  CLI::App app("Writes Tandem's sample: real regions, made-up agencies and one made-up round.",
               "tandem-sample");
  app.add_option("--data", options.data_dir,
                 "Folder of the sample's CSV files (deploy/sample/data)")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--out", options.out_dir, "Folder to write to; made when absent")->required();
  app.add_option("--seed", options.seed, "The same seed gives the same records")
      ->capture_default_str();
  app.add_option("--agencies", options.agencies, "Agencies")
      ->check(CLI::Range(100, 10000000))
      ->capture_default_str();
  app.add_option("--offers", options.sizes.offers, "Offers of the round")
      ->check(CLI::Range(18, 1000000))
      ->capture_default_str();
  app.add_option("--needs", options.sizes.needs, "Needs of the round")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_flag("--names-in-words", options.names_in_words,
               "Agencies get names as real ones are built, instead of numbers: for searching");
  const std::map<std::string, tandem::sample::Format> formats = {
      {"ndjson", tandem::sample::Format::kNdjson}, {"chunks", tandem::sample::Format::kChunks}};
  app.add_option("--format", options.format,
                 "ndjson, or chunks: length-prefixed import requests for load tests")
      ->transform(CLI::CheckedTransformer(formats));
  CLI11_PARSE(app, argc, argv);
  tandem::sample::Generate(options);
  return 0;
}
