// SPDX-License-Identifier: Apache-2.0

#include "model/region_index.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "model/error.h"
#include "model/resource_name.h"

namespace tandem::model {
namespace {

constexpr int kMaxDepth = 32;

// Twice Hazen's plotting position times 1,000 would need halves; ranks are doubled instead: for n
// values, a value with `below` smaller and `equal` equal ones (itself included) has (2 below +
// equal) / 2n of the whole.
std::vector<int64_t> HazenPermille(const std::vector<int64_t>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<int64_t> ranks(values.size());
  const auto n = static_cast<int64_t>(values.size());
  for (size_t from = 0; from < order.size();) {
    size_t to = from;
    while (to < order.size() && values[order[to]] == values[order[from]]) ++to;
    const auto doubled = static_cast<int64_t>(from + to);
    // Rounded to the nearest, halves up.
    const int64_t permille = (1000 * doubled + n) / (2 * n);
    for (size_t i = from; i < to; ++i) ranks[order[i]] = permille;
    from = to;
  }
  return ranks;
}

std::optional<int64_t> FindIndicator(const v1::Region& region, const std::string& id,
                                     int32_t year) {
  for (const v1::Indicator& indicator : region.indicators()) {
    if (indicator.indicator_id() == id && indicator.year() == year) return indicator.value_milli();
  }
  return std::nullopt;
}

}  // namespace

absl::Status CheckIndexRule(const v1::IndexRule& rule) {
  std::vector<FieldViolation> violations;
  auto require = [&](bool holds, const char* field, const char* what) {
    if (!holds) violations.push_back({field, what});
  };
  require(IsResourceId(rule.rule_id()), "rule.rule_id",
          "must be 1 to 63 of a-z, 0-9 and inner dashes");
  require(rule.kind() == v1::INDEX_KIND_ECONOMIC || rule.kind() == v1::INDEX_KIND_SECTOR,
          "rule.kind", "must be INDEX_KIND_ECONOMIC or INDEX_KIND_SECTOR");
  require(rule.level() != v1::REGION_LEVEL_UNSPECIFIED && v1::RegionLevel_IsValid(rule.level()),
          "rule.level", "must name a level");
  require(rule.year() >= 1 && rule.year() <= 9999, "rule.year", "must be 1 to 9999");
  require(rule.terms_size() >= 1 && rule.terms_size() <= 16, "rule.terms",
          "must have 1 to 16 terms");
  std::set<std::string> seen;
  for (int i = 0; i < rule.terms_size(); ++i) {
    const std::string path = "rule.terms[" + std::to_string(i) + "]";
    const v1::IndexTerm& term = rule.terms(i);
    require(!term.indicator_id().empty(), (path + ".indicator_id").c_str(), "is required");
    require(term.weight() >= 1 && term.weight() <= 1'000'000, (path + ".weight").c_str(),
            "must be 1 to 1000000");
    require(seen.insert(term.indicator_id()).second, (path + ".indicator_id").c_str(),
            "is named twice");
  }
  return violations.empty() ? absl::OkStatus() : FieldsInvalid(violations);
}

std::vector<RegionIndexResult> ComputeRegionIndex(const v1::IndexRule& rule,
                                                  const std::vector<const v1::Region*>& regions) {
  // The regions ranked, and their weighted mean of percentile ranks (times the sum of weights).
  std::vector<size_t> ranked;
  for (size_t i = 0; i < regions.size(); ++i) {
    if (regions[i]->level() != rule.level()) continue;
    const bool complete =
        std::all_of(rule.terms().begin(), rule.terms().end(), [&](const v1::IndexTerm& term) {
          return FindIndicator(*regions[i], term.indicator_id(), rule.year()).has_value();
        });
    if (complete) ranked.push_back(i);
  }
  std::vector<int64_t> mix(ranked.size(), 0);
  for (const v1::IndexTerm& term : rule.terms()) {
    std::vector<int64_t> values;
    values.reserve(ranked.size());
    for (size_t i : ranked) {
      const int64_t value = *FindIndicator(*regions[i], term.indicator_id(), rule.year());
      // A complement, not a negation: the smallest value has no negative.
      values.push_back(term.lower_is_stronger() ? ~value : value);
    }
    const std::vector<int64_t> ranks = HazenPermille(values);
    for (size_t r = 0; r < ranked.size(); ++r) mix[r] += term.weight() * ranks[r];
  }
  const std::vector<int64_t> permille = HazenPermille(mix);

  std::vector<RegionIndexResult> results(regions.size());
  absl::flat_hash_map<std::string, size_t> by_name;
  for (size_t i = 0; i < regions.size(); ++i) by_name.emplace(regions[i]->name(), i);
  for (size_t r = 0; r < ranked.size(); ++r) {
    RegionIndexResult& result = results[ranked[r]];
    result.has_value = true;
    result.index.set_value_permille(static_cast<int32_t>(permille[r]));
    result.index.set_rule(rule.rule_id());
    result.index.set_year(rule.year());
  }
  const std::vector<RegionIndexResult> own = results;
  for (size_t i = 0; i < regions.size(); ++i) {
    if (own[i].has_value) continue;
    const std::string* parent = &regions[i]->parent_region();
    for (int depth = 0; depth < kMaxDepth && !parent->empty(); ++depth) {
      auto it = by_name.find(*parent);
      if (it == by_name.end()) break;
      if (own[it->second].has_value) {
        results[i] = own[it->second];
        results[i].index.set_inherited_from(*parent);
        break;
      }
      parent = &regions[it->second]->parent_region();
    }
  }
  return results;
}

}  // namespace tandem::model
