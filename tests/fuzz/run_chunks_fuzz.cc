// SPDX-License-Identifier: Apache-2.0

// The stored parts of a run: `number of problem parts` then parts, each `two bytes of length`
// `wire form`. What fits together is a problem that every reader of it can walk without looking
// right or left.
#include <string_view>
#include <vector>

#include "expect.h"
#include "match/run_chunks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tandem;  // NOLINT(google-build-using-namespace): the entry point's body
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const size_t problem_parts = fuzz::TakeByte(&rest);
  std::vector<storage::v1::MatchChunk> problem;
  std::vector<storage::v1::MatchChunk> candidates;
  while (!rest.empty()) {
    const size_t high = fuzz::TakeByte(&rest);
    const size_t length = high * 256 + fuzz::TakeByte(&rest);
    const std::string_view part = rest.substr(0, length);
    rest.remove_prefix(part.size());
    auto& parts = problem.size() < problem_parts ? problem : candidates;
    if (!parts.emplace_back().ParseFromArray(part.data(), static_cast<int>(part.size()))) return 0;
  }
  const auto stored = match::JoinProblem(problem, candidates);
  if (!stored.ok()) {
    FUZZ_EXPECT(fuzz::IsOurError(stored.status()));
    return 0;
  }
  const match::AssignProblem& p = stored->problem;
  FUZZ_EXPECT(p.row_start.size() == p.n_needs() + 1 && p.row_start.back() == p.n_pairs());
  FUZZ_EXPECT(p.score.size() == p.n_pairs());
  for (size_t need = 0; need < p.n_needs(); ++need) {
    for (uint64_t pair = p.row_start[need]; pair < p.row_start[need + 1]; ++pair) {
      FUZZ_EXPECT(p.offer[pair] < p.n_offers());
      FUZZ_EXPECT(pair == p.row_start[need] || p.offer[pair - 1] < p.offer[pair]);
    }
  }
  FUZZ_EXPECT(p.groups.size() == p.labels.size());
  for (const plugin::Group& group : p.groups) {
    const size_t rows = group.side == plugin::Side::kOffers ? p.n_offers() : p.n_needs();
    for (size_t i = 0; i < group.members.size(); ++i) {
      FUZZ_EXPECT(group.members[i] < rows);
      FUZZ_EXPECT(i == 0 || group.members[i - 1] < group.members[i]);
    }
  }
  for (const plugin::FixedPair& fixed : p.fixed) FUZZ_EXPECT(fixed.pair < p.n_pairs());
  for (const match::PlanPair& pair : p.settled) {
    FUZZ_EXPECT(pair.need < p.n_needs() && pair.offer < p.n_offers());
  }
  return 0;
}
