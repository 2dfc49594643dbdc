// SPDX-License-Identifier: Apache-2.0

#include "plugin/output_check.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "host/host_wire.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "sdk/tandem_plugin.h"

namespace tandem::plugin {
namespace {

using model::MakeError;
using model::Reason;
__extension__ typedef __int128 Wide;

absl::Status BadPair(uint64_t pair, std::string_view what) {
  return MakeError(Reason::kPluginBadOutput, StrCat("pair ", pair, ": ", what),
                   {{"pair", StrCat(pair)}});
}

absl::Status Bad(std::string_view what) { return MakeError(Reason::kPluginBadOutput, what); }

// Reads a cell of shared memory once, whatever the other side does meanwhile.
template <typename T>
T Once(const T* cell) {
  return *static_cast<const volatile T*>(cell);
}

absl::Status DescribeScore(uint64_t pair, double score, const Manifest& declared) {
  if (std::isnan(score)) return BadPair(pair, "its score was not written, or is NaN");
  if (std::isinf(score)) return BadPair(pair, "its score is infinite");
  return BadPair(pair, StrCat("its score ", score, " is outside the declared range [",
                              declared.score_low, ", ", declared.score_high, "]"));
}

// The pairs of an assignment by the need each belongs to; pairs ascend.
class NeedOfPair {
 public:
  explicit NeedOfPair(absl::Span<const uint64_t> row_start) : row_start_(row_start) {}
  // `pair` must not be below the one before.
  uint64_t Next(uint64_t pair) {
    while (row_start_[need_ + 1] <= pair) ++need_;
    return need_;
  }

 private:
  absl::Span<const uint64_t> row_start_;
  uint64_t need_ = 0;
};

// Each pair at most once, in order, with at least one unit.
absl::StatusOr<std::vector<AssignedPair>> TakeEntries(const uint64_t* pairs, const int64_t* units,
                                                      uint64_t count, uint64_t n_pairs) {
  if (count > n_pairs) return Bad(StrCat(count, " entries for ", n_pairs, " pairs"));
  std::vector<AssignedPair> out(count);
  bool sorted = true;
  for (uint64_t i = 0; i < count; ++i) {
    out[i] = {Once(pairs + i), Once(units + i)};
    if (out[i].pair >= n_pairs) return BadPair(out[i].pair, "there is no such pair");
    if (out[i].units < 1) return BadPair(out[i].pair, StrCat(out[i].units, " units"));
    sorted = sorted && (i == 0 || out[i - 1].pair < out[i].pair);
  }
  if (!sorted) {
    std::sort(out.begin(), out.end(),
              [](const AssignedPair& a, const AssignedPair& b) { return a.pair < b.pair; });
    for (uint64_t i = 1; i < count; ++i) {
      if (out[i - 1].pair == out[i].pair) return BadPair(out[i].pair, "assigned twice");
    }
  }
  return out;
}

absl::Status CheckTotals(std::string_view side, absl::Span<const Wide> totals,
                         absl::Span<const int64_t> limits) {
  for (size_t i = 0; i < totals.size(); ++i) {
    if (totals[i] > limits[i]) {
      return Bad(StrCat(
          side, " ", i, " gets ",
          static_cast<int64_t>(std::min<Wide>(totals[i], std::numeric_limits<int64_t>::max())),
          " units of at most ", limits[i]));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckGroups(absl::Span<const Group> groups, absl::Span<const Wide> needs,
                         absl::Span<const Wide> offers) {
  for (size_t g = 0; g < groups.size(); ++g) {
    Wide total = 0;
    for (uint32_t member : groups[g].members) {
      total += groups[g].side == Side::kNeeds ? needs[member] : offers[member];
    }
    if (total < groups[g].min_units || total > groups[g].max_units) {
      return MakeError(Reason::kPluginBadOutput,
                       StrCat("group ", g, " has ", static_cast<int64_t>(total), " units, not ",
                              groups[g].min_units, " to ", groups[g].max_units),
                       {{"group", StrCat(g)}});
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFixed(absl::Span<const FixedPair> fixed, const std::vector<AssignedPair>& given) {
  auto at = given.begin();
  for (const FixedPair& want : fixed) {
    while (at != given.end() && at->pair < want.pair) ++at;
    int64_t units = at != given.end() && at->pair == want.pair ? at->units : 0;
    if (units < want.units) {
      return BadPair(want.pair, StrCat("keeps ", units, " of its ", want.units, " running units"));
    }
  }
  return absl::OkStatus();
}

std::vector<int64_t> TakeArray(const char* at, uint64_t count) {
  std::vector<int64_t> out(count);
  if (count > 0) std::memcpy(out.data(), at, count * sizeof(int64_t));
  return out;
}

}  // namespace

absl::Status TakeScores(double* cells, const Manifest& declared, absl::Span<double> scores) {
  // Outside a bundle nothing is declared: any finite number.
  const double low =
      declared.id.empty() ? std::numeric_limits<double>::lowest() : declared.score_low;
  const double high =
      declared.id.empty() ? std::numeric_limits<double>::max() : declared.score_high;
  constexpr double kUnwritten = std::numeric_limits<double>::quiet_NaN();
  bool all_fine = true;
  for (size_t i = 0; i < scores.size(); ++i) {
    double score = cells[i];
    cells[i] = kUnwritten;
    scores[i] = score;
    all_fine &=
        (score >= low) & (score <= high);  // false for NaN too; & keeps the loop branch-free
  }
  if (all_fine) return absl::OkStatus();
  // The caller's own copy is judged, never the shared cells again.
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!(scores[i] >= low && scores[i] <= high)) return DescribeScore(i, scores[i], declared);
  }
  return absl::OkStatus();
}

absl::Status TakeVerdicts(const uint8_t* verdict_cells, const uint16_t* reason_cells,
                          const Manifest& declared, absl::Span<uint8_t> verdicts,
                          absl::Span<uint16_t> reasons) {
  for (size_t i = 0; i < verdicts.size(); ++i) {
    verdicts[i] = Once(verdict_cells + i);
    reasons[i] = 0;
    if (verdicts[i] == TANDEM_KEEP) continue;
    if (verdicts[i] != TANDEM_DROP && verdicts[i] != TANDEM_DROP_FOR_GOOD) {
      return BadPair(i, verdicts[i] == TANDEM_UNWRITTEN ? "its verdict was not written"
                                                        : StrCat("its verdict is ", verdicts[i]));
    }
    reasons[i] = Once(reason_cells + i);
    if (!declared.id.empty() && reasons[i] >= declared.reasons.size()) {
      return BadPair(i, StrCat("reason ", reasons[i], " of ", declared.reasons.size()));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<AssignResult> TakeAssignment(const char* output, const Problem& problem,
                                            const AssignTerms& terms) {
  const PairSet& pairs = *problem.pairs;
  wire::AssignLayout at(pairs.n_pairs(), pairs.n_needs(), pairs.n_offers(), terms.groups.size());
  wire::AssignHead head;
  std::memcpy(&head, output, sizeof(head));
  AssignResult result;
  ASSIGN_OR_RETURN(result.assignment,
                   TakeEntries(reinterpret_cast<const uint64_t*>(output + at.pair),
                               reinterpret_cast<const int64_t*>(output + at.units), head.count,
                               pairs.n_pairs()));
  std::vector<Wide> needs(pairs.n_needs()), offers(pairs.n_offers());
  Wide objective = 0;
  NeedOfPair need_of(pairs.row_start());
  for (const AssignedPair& entry : result.assignment) {
    needs[need_of.Next(entry.pair)] += entry.units;
    offers[pairs.offer()[entry.pair]] += entry.units;
    objective += static_cast<Wide>(terms.score[entry.pair]) * entry.units;
  }
  RETURN_IF_ERROR(CheckTotals("need", needs, problem.need_units));
  RETURN_IF_ERROR(CheckTotals("offer", offers, problem.offer_units));
  RETURN_IF_ERROR(CheckGroups(terms.groups, needs, offers));
  RETURN_IF_ERROR(CheckFixed(terms.fixed, result.assignment));
  if (objective > std::numeric_limits<int64_t>::max()) {
    return Bad("the objective does not fit into 64 bits");
  }
  result.objective = static_cast<int64_t>(objective);
  if (result.objective != head.objective) {
    return Bad(StrCat("it says the objective is ", head.objective, ", its assignment gives ",
                      result.objective));
  }
  if (head.has_potentials != 0) {
    result.potentials = Potentials{TakeArray(output + at.need, pairs.n_needs()),
                                   TakeArray(output + at.offer, pairs.n_offers()),
                                   TakeArray(output + at.group, terms.groups.size())};
  }
  return result;
}

absl::StatusOr<AssignResult> TakeInfeasible(const char* output, const AssignTerms& terms,
                                            std::string why) {
  wire::AssignHead head;
  std::memcpy(&head, output, sizeof(head));
  AssignResult result;
  result.feasible = false;
  result.why = std::move(why);
  if (head.violated_group == TANDEM_NO_GROUP) return result;
  if (head.violated_group >= terms.groups.size()) {
    return Bad(StrCat("it calls group ", head.violated_group, " violated; there are ",
                      terms.groups.size()));
  }
  int64_t minimum = terms.groups[head.violated_group].min_units;
  if (head.units_short < 1 || head.units_short > minimum) {
    return Bad(StrCat("it says group ", head.violated_group, " is ", head.units_short,
                      " units short of its minimum ", minimum));
  }
  result.violated_group = head.violated_group;
  result.units_short = head.units_short;
  return result;
}

}  // namespace tandem::plugin
