// SPDX-License-Identifier: Apache-2.0

#include "cli/merge_map.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_join.h"
#include "fmt/format.h"

namespace tandem::cli {
namespace {

using Kind = MergeFinding::Kind;

// Numbers of a long chain that are printed.
constexpr size_t kShownSteps = 8;

// Where following the new numbers ends.
struct End {
  // 0: not followed yet.
  enum State { kUnknown, kOnPath, kKnown } state = kUnknown;
  std::string number;
  // The line is part of a cycle.
  bool cycle = false;
};

class Planner {
 public:
  explicit Planner(const std::vector<MergeRow>& rows) : rows_(rows) {}

  MergePlan Run() {
    TakeRows();
    for (const MergeRow& row : rows_) {
      auto at = row_of_.find(row.from);
      if (at != row_of_.end() && at->second == &row) Follow(row);
    }
    for (const MergeRow& row : rows_) {
      auto at = row_of_.find(row.from);
      if (at != row_of_.end() && at->second == &row) Place(row);
    }
    std::stable_sort(plan_.findings.begin(), plan_.findings.end(),
                     [](const MergeFinding& a, const MergeFinding& b) { return a.line < b.line; });
    return std::move(plan_);
  }

 private:
  void Find(const MergeRow& row, Kind kind, std::string text) {
    plan_.findings.push_back({row.line, kind, std::move(text)});
  }

  // Keeps the first sound line of each old number.
  void TakeRows() {
    for (const MergeRow& row : rows_) {
      if (row.from.empty() || row.to.empty()) {
        Find(row, Kind::kEmpty, "a number is missing");
      } else if (row.from == row.to) {
        Find(row, Kind::kSelf, fmt::format("{} is its own new number", row.from));
      } else if (auto [at, added] = row_of_.try_emplace(row.from, &row); added) {
        continue;
      } else if (at->second->to == row.to) {
        Find(row, Kind::kRepeated, fmt::format("the same as line {}", at->second->line));
      } else {
        Find(row, Kind::kContradiction,
             fmt::format("{} becomes {} here and {} on line {}, which counts", row.from, row.to,
                         at->second->to, at->second->line));
      }
    }
  }

  // Walks from `row` to its end, or to a number whose end is known, and notes it for all it passed.
  void Follow(const MergeRow& first) {
    std::vector<const MergeRow*> path;
    const MergeRow* row = &first;
    std::string end;
    for (;;) {
      End& state = ends_[row->from];
      if (state.state == End::kKnown) {
        // What leads into a cycle ends at its first member.
        end = state.cycle ? row->from : state.number;
        break;
      }
      if (state.state == End::kOnPath) {
        end = MarkCycle(*row, &path);
        break;
      }
      state.state = End::kOnPath;
      path.push_back(row);
      auto next = row_of_.find(row->to);
      if (next == row_of_.end()) {
        end = row->to;
        break;
      }
      row = next->second;
    }
    for (const MergeRow* passed : path) {
      End& state = ends_[passed->from];
      state.state = End::kKnown;
      state.number = end;
    }
  }

  // The path came back to `row`: takes the cycle off its end. Returns what leads into it ends at.
  std::string MarkCycle(const MergeRow& row, std::vector<const MergeRow*>* path) {
    auto begin = std::find(path->begin(), path->end(), &row);
    for (auto at = begin; at != path->end(); ++at) {
      End& state = ends_[(*at)->from];
      state.state = End::kKnown;
      state.cycle = true;
    }
    path->erase(begin, path->end());
    return row.from;
  }

  std::string StepsText(const MergeRow& row) const {
    std::vector<std::string> steps = {row.from};
    const MergeRow* at = &row;
    while (steps.size() <= kShownSteps) {
      steps.push_back(at->to);
      auto next = row_of_.find(at->to);
      if (next == row_of_.end() || at->to == row.from) break;
      at = next->second;
    }
    if (steps.size() > kShownSteps) steps.push_back("…");
    return absl::StrJoin(steps, " -> ");
  }

  void Place(const MergeRow& row) {
    const End& end = ends_.at(row.from);
    if (end.cycle) return Find(row, Kind::kCycle, StepsText(row));
    if (end.number != row.to) Find(row, Kind::kChain, StepsText(row));
    auto [at, added] = groups_.try_emplace(end.number, plan_.groups.size());
    if (added) plan_.groups.push_back({end.number, {}});
    plan_.groups[at->second].merged.push_back(row);
  }

  const std::vector<MergeRow>& rows_;
  MergePlan plan_;
  // By old number.
  absl::flat_hash_map<std::string, const MergeRow*> row_of_;
  absl::flat_hash_map<std::string, End> ends_;
  absl::flat_hash_map<std::string, size_t> groups_;
};

}  // namespace

const char* KindWord(Kind kind) {
  switch (kind) {
    case Kind::kChain:
      return "chain";
    case Kind::kCycle:
      return "cycle";
    case Kind::kSelf:
      return "self";
    case Kind::kRepeated:
      return "repeated";
    case Kind::kContradiction:
      return "contradiction";
    case Kind::kEmpty:
      return "empty";
    case Kind::kUnknown:
      return "unknown";
    case Kind::kRefused:
      return "refused";
  }
  return "";
}

bool IsUndone(Kind kind) {
  return kind != Kind::kChain && kind != Kind::kSelf && kind != Kind::kRepeated;
}

MergePlan PlanMerges(const std::vector<MergeRow>& rows) { return Planner(rows).Run(); }

}  // namespace tandem::cli
