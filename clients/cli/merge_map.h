// SPDX-License-Identifier: Apache-2.0

// A list of old numbers and the new ones that replaced them, as registries publish them: what it
// comes to when every chain is followed, and what is wrong with it. Pure; knows no server.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tandem::cli {

// One line of the list.
struct MergeRow {
  size_t line = 0;
  std::string from;
  std::string to;
};

// What there is to say about a line.
struct MergeFinding {
  enum class Kind {
    // The new number was replaced too: the line leads on. It is merged into the last one.
    kChain,
    // Following the new numbers leads back: none of these lines can be merged.
    kCycle,
    // Old and new are the same.
    kSelf,
    // The same line again.
    kRepeated,
    // The old number has another new one on an earlier line; that one counts.
    kContradiction,
    // A number is missing.
    kEmpty,
    // No record has a number of the line, or several have it.
    kUnknown,
    // The server refused.
    kRefused,
  };
  size_t line = 0;
  Kind kind = Kind::kChain;
  std::string text;
};

// "chain", "cycle" …
const char* KindWord(MergeFinding::Kind kind);
// Whether the line was left undone.
bool IsUndone(MergeFinding::Kind kind);

// All old numbers that become one new number.
struct MergeGroup {
  std::string survivor;
  std::vector<MergeRow> merged;
};

struct MergePlan {
  // In the order of their first lines; every survivor once.
  std::vector<MergeGroup> groups;
  // By line.
  std::vector<MergeFinding> findings;
};

// Follows every chain to its end. Costs about the number of rows.
MergePlan PlanMerges(const std::vector<MergeRow>& rows);

}  // namespace tandem::cli
