// SPDX-License-Identifier: Apache-2.0

// The JSON problem of tandem-plugin-run (format: plugins/README.md), read into what a stage is
// called with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "plugin/problem.h"

namespace tandem::run {

// A problem and the storage its spans point into. Not copyable, not movable: the spans would
// dangle.
struct ProblemFile {
  plugin::Problem problem;
  plugin::AssignTerms terms;
  bool has_scores = false;  // every pair has a score: a solver can run
  // (need, offer) of each pair by the plugin's index, and the position it has in the file.
  std::vector<std::pair<uint32_t, uint32_t>> pair_ends;
  std::vector<std::string> group_names;  // empty where the file gives none

  std::vector<int64_t> need_units, offer_units, score;
  std::vector<plugin::Group> groups;
  std::vector<plugin::FixedPair> fixed;

  ProblemFile() = default;
  ProblemFile(const ProblemFile&) = delete;
  ProblemFile& operator=(const ProblemFile&) = delete;
};

// FIELD_INVALID naming the place ("pairs[3].offer: there is no offer 7").
absl::Status ReadProblem(std::string_view json, ProblemFile* out);

}  // namespace tandem::run
