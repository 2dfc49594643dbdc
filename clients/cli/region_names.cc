// SPDX-License-Identifier: Apache-2.0

#include "cli/region_names.h"

#include <algorithm>

#include "fmt/format.h"

#include "cli/nearest_word.h"
#include "cli/width_fold.h"

namespace tandem::cli {
namespace {

constexpr size_t kMostDepth = 32;
constexpr size_t kMostNamed = 8;
constexpr size_t kNone = std::string::npos;

// Endings that people leave out, the longest first.
constexpr std::string_view kEndings[] = {
    "维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "地区",
    "省",           "市",         "盟",         "县",         "区",     "旗",
};

// Words between a city and its districts, or a province and its counties, that name no unit.
constexpr std::string_view kFillers[] = {
    "市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县", "直辖县"};

bool IsFiller(std::string_view name) {
  return std::find(std::begin(kFillers), std::end(kFillers), name) != std::end(kFillers);
}

// The name without its ending; the whole name when nothing sensible is left.
std::string_view ShortTitle(std::string_view title) {
  for (std::string_view ending : kEndings) {
    // Two Chinese characters are the shortest short name.
    if (title.ends_with(ending) && title.size() >= ending.size() + 6) {
      return title.substr(0, title.size() - ending.size());
    }
  }
  return title;
}

bool IsNamed(std::string_view title, std::string_view name) {
  return title == name || ShortTitle(title) == name;
}

}  // namespace

bool RegionNames::Add(const v1::Region& region) {
  if (units_.size() >= kMostRegions) return false;
  Unit unit;
  unit.name = region.name();
  unit.title = region.display_name();
  unit.parent_name = region.parent_region();
  unit.ended = !region.valid_to_date().empty();
  by_name_[unit.name] = units_.size();
  units_.push_back(std::move(unit));
  return true;
}

void RegionNames::Finish() {
  for (size_t i = 0; i < units_.size(); ++i) {
    Unit& unit = units_[i];
    auto parent = by_name_.find(unit.parent_name);
    if (parent != by_name_.end()) unit.parent = parent->second;
    by_title_[unit.title].push_back(i);
    const std::string short_title(ShortTitle(unit.title));
    if (short_title != unit.title) by_short_title_[short_title].push_back(i);
  }
  for (size_t i = 0; i < units_.size(); ++i) {
    std::string joined = PathOf(units_[i]);
    joined.erase(std::remove(joined.begin(), joined.end(), '/'), joined.end());
    if (joined != units_[i].title) by_joined_path_[joined].push_back(i);
  }
}

std::string RegionNames::PathOf(const Unit& unit) const {
  std::string path = unit.title;
  size_t depth = 0;
  for (size_t at = unit.parent; at != kNone && ++depth < kMostDepth; at = units_[at].parent) {
    path = units_[at].title + "/" + path;
  }
  return path;
}

std::string RegionNames::PathOf(const std::string& name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? "" : PathOf(units_[found->second]);
}

// Whether the names, all but the last, stand above the unit in their order.
bool RegionNames::Under(const Unit& unit, const std::vector<std::string>& names) const {
  size_t at = unit.parent;
  size_t depth = 0;
  for (size_t i = names.size() - 1; i-- > 0;) {
    if (IsFiller(names[i])) continue;
    while (at != kNone && !IsNamed(units_[at].title, names[i]) && ++depth < kMostDepth) {
      at = units_[at].parent;
    }
    if (at == kNone || depth >= kMostDepth) return false;
    at = units_[at].parent;
  }
  return true;
}

std::vector<size_t> RegionNames::Candidates(const std::vector<std::string>& names) const {
  std::vector<size_t> candidates;
  for (const auto* index : {&by_title_, &by_short_title_}) {
    auto found = index->find(names.back());
    if (found == index->end()) continue;
    for (size_t i : found->second) {
      if (Under(units_[i], names)) candidates.push_back(i);
    }
    // A whole name is meant before a short one.
    if (!candidates.empty()) break;
  }
  return candidates;
}

std::vector<size_t> RegionNames::CandidatesInOneWord(const std::string& word) const {
  auto found = by_joined_path_.find(word);
  return found == by_joined_path_.end() ? std::vector<size_t>() : found->second;
}

std::string RegionNames::Ambiguous(std::string_view path,
                                   const std::vector<size_t>& candidates) const {
  std::string text = fmt::format("\"{}\" names {} regions:", path, candidates.size());
  for (size_t i = 0; i < candidates.size() && i < kMostNamed; ++i) {
    const Unit& unit = units_[candidates[i]];
    text += fmt::format("{} {} ({})", i == 0 ? "" : ",", PathOf(unit), unit.name);
  }
  if (candidates.size() > kMostNamed)
    text += fmt::format(", … {} more", candidates.size() - kMostNamed);
  return text + "; name the units above it too, as in 青海省/黄南藏族自治州/泽库县";
}

RegionNames::Answer RegionNames::Find(std::string_view text) const {
  const std::string path = FoldWidth(text);
  if (by_name_.count(path) > 0) return {path, ""};
  if (by_name_.count("regions/" + path) > 0) return {"regions/" + path, ""};
  std::vector<std::string> names;
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find_first_of("/>|", start), path.size());
    std::string name = FoldWidth(std::string_view(path).substr(start, end - start));
    if (!name.empty()) names.push_back(std::move(name));
    start = end + 1;
  }
  // "北京市/市辖区" means the city.
  while (names.size() > 1 && IsFiller(names.back()) && Candidates(names).empty()) names.pop_back();
  if (names.empty()) return {"", fmt::format("\"{}\" names no region", text)};
  std::vector<size_t> candidates = Candidates(names);
  if (candidates.empty() && names.size() == 1) candidates = CandidatesInOneWord(names.back());
  if (candidates.size() > 1) {
    // A code that has ended is meant only when no other is.
    auto ended = std::stable_partition(candidates.begin(), candidates.end(),
                                       [this](size_t i) { return !units_[i].ended; });
    if (ended != candidates.begin()) candidates.erase(ended, candidates.end());
  }
  if (candidates.size() == 1) return {units_[candidates.front()].name, ""};
  if (candidates.size() > 1) return {"", Ambiguous(path, candidates)};
  if (names.size() > 1) {
    const std::vector<size_t> elsewhere = Candidates({names.back()});
    if (!elsewhere.empty()) {
      return {"", fmt::format("\"{}\" names no region, {} lies in {}", path, names.back(),
                              PathOf(units_[elsewhere.front()]))};
    }
  }
  std::vector<std::string> known;
  for (const auto& [title, units] : by_title_) known.push_back(title);
  std::sort(known.begin(), known.end());
  return {"", fmt::format("no region is called \"{}\"{}", names.back(),
                          DidYouMean(names.back(), known))};
}

}  // namespace tandem::cli
