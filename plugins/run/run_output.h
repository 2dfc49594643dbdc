// SPDX-License-Identifier: Apache-2.0

// What tandem-plugin-run prints: one line of JSON, or a table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "plugin/problem.h"
#include "problem_file.h"

namespace tandem::run {

// Which plugin answered.
struct Identity {
  std::string id, version;
};

std::string ScoresText(const Identity& plugin, const ProblemFile& file,
                       absl::Span<const double> scores, bool json);
std::string VerdictsText(const Identity& plugin, const ProblemFile& file,
                         absl::Span<const uint8_t> verdicts, absl::Span<const uint16_t> reasons,
                         const std::vector<std::string>& reason_texts, bool json);
std::string AssignmentText(const Identity& plugin, const ProblemFile& file,
                           const plugin::AssignResult& result, bool json);
// A filter or scorer that had nothing to say.
std::string SkippedText(const Identity& plugin, const char* stage, bool json);

}  // namespace tandem::run
