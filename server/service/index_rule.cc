// SPDX-License-Identifier: Apache-2.0

#include "service/index_rule.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace tandem::service {
namespace {

// Parents above a region that are looked at; trees are no deeper (region.proto).
constexpr int kMaxDepth = 32;

// Twice the mean rank (1 the smallest) of each value: whole numbers even with ties.
std::vector<int64_t> DoubledRanks(const std::vector<int64_t>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<int64_t> ranks(values.size());
  for (size_t first = 0; first < order.size();) {
    size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
    // Ranks first+1 … last+1 share (first+1 + last+1) / 2.
    for (size_t i = first; i <= last; ++i) {
      ranks[order[i]] = static_cast<int64_t>(first + last + 2);
    }
    first = last + 1;
  }
  return ranks;
}

std::optional<int64_t> IndicatorOf(const v1::Region& region, const v1::IndexRule& rule,
                                   const v1::IndexTerm& term) {
  for (const v1::Indicator& indicator : region.indicators()) {
    if (indicator.year() == rule.year() && indicator.indicator_id() == term.indicator_id()) {
      return indicator.value_milli();
    }
  }
  return std::nullopt;
}

// The region's figure for each term, smaller meaning weaker; nullopt when one is missing.
std::optional<std::vector<int64_t>> FiguresOf(const v1::Region& region, const v1::IndexRule& rule) {
  if (region.level() != rule.level()) return std::nullopt;
  std::vector<int64_t> figures;
  for (const v1::IndexTerm& term : rule.terms()) {
    std::optional<int64_t> value = IndicatorOf(region, rule, term);
    if (!value) return std::nullopt;
    // Negating would overflow for the smallest value; the complement keeps the order reversed.
    figures.push_back(term.lower_is_stronger() ? ~*value : *value);
  }
  return figures;
}

// The ranked regions with their own values.
absl::flat_hash_map<std::string, int32_t> RankOwn(const v1::IndexRule& rule,
                                                  const RegionMap& regions) {
  std::vector<std::string> names;
  std::vector<std::vector<int64_t>> figures(static_cast<size_t>(rule.terms_size()));
  for (const auto& [name, region] : regions) {
    std::optional<std::vector<int64_t>> own = FiguresOf(*region, rule);
    if (!own) continue;
    names.push_back(name);
    for (size_t t = 0; t < figures.size(); ++t) figures[t].push_back((*own)[t]);
  }
  // All indicators rank the same regions, so the weighted mean of percentiles orders like the
  // weighted sum of ranks.
  std::vector<int64_t> sums(names.size(), 0);
  for (size_t t = 0; t < figures.size(); ++t) {
    std::vector<int64_t> ranks = DoubledRanks(figures[t]);
    int64_t weight = rule.terms(static_cast<int>(t)).weight();
    for (size_t i = 0; i < names.size(); ++i) sums[i] += weight * ranks[i];
  }
  std::vector<int32_t> percentiles = PercentileRanks(sums);
  absl::flat_hash_map<std::string, int32_t> own;
  for (size_t i = 0; i < names.size(); ++i) own.emplace(names[i], percentiles[i]);
  return own;
}

}  // namespace

std::vector<int32_t> PercentileRanks(const std::vector<int64_t>& values) {
  std::vector<int32_t> result;
  auto n = static_cast<int64_t>(values.size());
  for (int64_t doubled : DoubledRanks(values)) {
    // 1000 × (doubled / 2 − 1/2) / n, rounded half up.
    result.push_back(static_cast<int32_t>((1000 * (doubled - 1) + n) / (2 * n)));
  }
  return result;
}

IndexResult ApplyIndexRule(const v1::IndexRule& rule, const RegionMap& regions) {
  absl::flat_hash_map<std::string, int32_t> own = RankOwn(rule, regions);
  IndexResult result;
  for (const auto& [name, region] : regions) {
    std::string at = name;
    for (int depth = 0; depth <= kMaxDepth && !at.empty(); ++depth) {
      auto value = own.find(at);
      if (value != own.end()) {
        v1::RegionIndex& index = result.indices[name];
        index.set_value_permille(value->second);
        index.set_rule(rule.rule_id());
        index.set_year(rule.year());
        if (at != name) index.set_inherited_from(at);
        ++(at == name ? result.own_count : result.inherited_count);
        break;
      }
      auto next = regions.find(at);
      at = next == regions.end() ? "" : next->second->parent_region();
    }
    if (!result.indices.contains(name)) ++result.missing_count;
  }
  return result;
}

}  // namespace tandem::service
