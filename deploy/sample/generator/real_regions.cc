// SPDX-License-Identifier: Apache-2.0

#include "real_regions.h"

#include <cmath>
#include <cstdlib>
#include <utility>

#include "plain_csv.h"

namespace tandem::sample {
namespace {

constexpr const char* kYearbook = "National statistical yearbook; see deploy/sample/data/SOURCE.md";
constexpr const char* kTibetXinjiang = "tibet_xinjiang_support";

v1::RegionLevel LevelOf(const std::string& level) {
  if (level == "1") return v1::REGION_LEVEL_PROVINCE;
  if (level == "2") return v1::REGION_LEVEL_PREFECTURE;
  return v1::REGION_LEVEL_COUNTY;
}

int32_t DegreesE7(const std::string& degrees) {
  return static_cast<int32_t>(std::llround(std::strtod(degrees.c_str(), nullptr) * 1e7));
}

void AddIndicator(v1::Region* region, const char* id, double value) {
  v1::Indicator* indicator = region->add_indicators();
  indicator->set_indicator_id(id);
  indicator->set_year(2019);
  indicator->set_value_milli(std::llround(value * 1000));
  indicator->set_source(kYearbook);
}

}  // namespace

RealRegions ReadRealRegions(const std::string& data_dir) {
  RealRegions out;
  std::map<std::string, CsvRow> indicators;
  for (CsvRow& row : ReadPlainCsv(data_dir + "/province_indicators_2019.csv")) {
    std::string code = row["code"];
    indicators[std::move(code)] = std::move(row);
  }
  std::map<std::string, std::vector<CsvRow>> designations;
  for (CsvRow& row : ReadPlainCsv(data_dir + "/designations.csv")) {
    std::string code = row["code"];
    designations[std::move(code)].push_back(std::move(row));
  }
  for (CsvRow& row : ReadPlainCsv(data_dir + "/regions_province_prefecture_county.csv")) {
    const std::string& code = row["code"];
    const std::string province = code.substr(0, 2);
    v1::Region region;
    region.set_name("regions/" + code);
    region.set_display_name(row["name_zh"]);
    region.set_owner("sample");
    region.set_code(code);
    region.set_code_scheme("gbt2260");
    region.set_level(LevelOf(row["level"]));
    if (!row["parent_code"].empty()) region.set_parent_region("regions/" + row["parent_code"]);
    if (!row["lat"].empty()) {
      region.mutable_centroid()->set_latitude_e7(DegreesE7(row["lat"]));
      region.mutable_centroid()->set_longitude_e7(DegreesE7(row["lon"]));
    }
    region.set_iso_3166_2(row["iso_3166_2"]);
    if (auto it = indicators.find(code); it != indicators.end()) {
      CsvRow& figures = it->second;
      auto* name = region.add_names();
      name->set_language("en");
      name->set_text(figures["name_en"]);
      const double gdp = std::strtod(figures["gdp_2019_100m_cny"].c_str(), nullptr);
      AddIndicator(&region, "gdp_100m_cny", gdp);
      AddIndicator(&region, "residents_10k",
                   std::strtod(figures["population_2019_10k"].c_str(), nullptr));
      AddIndicator(&region, "gdp_per_head_cny",
                   std::strtod(figures["gdp_per_head_cny_derived"].c_str(), nullptr));
      out.gdp[province] = std::llround(gdp);
    }
    for (CsvRow& designation : designations[code]) {
      auto* added = region.add_designations();
      added->set_designation_id(designation["designation"]);
      added->set_since_date(designation["since"]);
      added->set_source("pages " + designation["source_no"] + " of deploy/sample/data/SOURCE.md");
    }
    if (row["level"] == "3") {
      if (province == "54" || province == "65") {
        auto* added = region.add_designations();
        added->set_designation_id(kTibetXinjiang);
        added->set_source(
            "by rule: county-level units of 54 and 65; see deploy/sample/data/SOURCE.md");
      }
      out.counties[province].push_back(code);
      if (region.designations_size() > 0) out.designated[province].push_back(code);
    }
    out.names[code] = row["name_zh"];
    out.regions.push_back(std::move(region));
  }
  return out;
}

}  // namespace tandem::sample
