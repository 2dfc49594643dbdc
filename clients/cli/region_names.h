// SPDX-License-Identifier: Apache-2.0

// Finds regions by their names, as directories write them: "青海省/黄南藏族自治州/泽库县", a part
// of such a path, or the names in one word. Names of counties are not unique, so an ambiguous one
// is refused with its candidates, never guessed. No I/O.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tandem/v1/region.pb.h"

namespace tandem::cli {

// Immutable once filled; then safe from any thread.
class RegionNames {
 public:
  // Most regions held, about 200 bytes each.
  static constexpr size_t kMostRegions = 500'000;

  // Takes a region in, in any order. False when there are too many.
  bool Add(const v1::Region& region);
  // To be called once after the last Add.
  void Finish();

  // The region's name, or what is wrong with the text.
  struct Answer {
    // "regions/632323".
    std::string name;
    std::string problem;
  };
  // `path` holds the names from the top down with "/" between; units in between may be left out,
  // and a name its ending (青海 for 青海省). Also a code that the directory has, or "regions/…".
  Answer Find(std::string_view path) const;

  // "青海省/黄南藏族自治州/泽库县" for "regions/632323"; empty when there is no such region.
  std::string PathOf(const std::string& name) const;

 private:
  struct Unit {
    std::string name;
    std::string title;
    std::string parent_name;
    // Position of the unit above; npos for a top unit.
    size_t parent = std::string::npos;
    bool ended = false;
  };

  std::vector<size_t> Candidates(const std::vector<std::string>& names) const;
  std::vector<size_t> CandidatesInOneWord(const std::string& word) const;
  bool Under(const Unit& unit, const std::vector<std::string>& names) const;
  std::string PathOf(const Unit& unit) const;
  std::string Ambiguous(std::string_view path, const std::vector<size_t>& candidates) const;

  std::vector<Unit> units_;
  std::unordered_map<std::string, size_t> by_name_;
  // Whole names, and names without their ending; by code point.
  std::unordered_map<std::string, std::vector<size_t>> by_title_;
  std::unordered_map<std::string, std::vector<size_t>> by_short_title_;
  // The names of a path in one word, each from the top.
  std::unordered_map<std::string, std::vector<size_t>> by_joined_path_;
};

}  // namespace tandem::cli
