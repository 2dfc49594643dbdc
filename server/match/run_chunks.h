// SPDX-License-Identifier: Apache-2.0

// A run's result as stored parts (storage.v1.MatchChunk), each at most 512 KiB: cut on the way in,
// put together on the way out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "match/run_state.h"
#include "tandem/storage/v1/match_chunk.pb.h"

namespace tandem::match {

// Largest part, in bytes of its wire form.
inline constexpr size_t kMaxChunkBytes = 512 * 1024;

// Every part of a finished run. `versions` are the record versions the run read.
std::vector<storage::v1::MatchChunk> CutIntoChunks(const RunState& run,
                                                   const std::vector<RecordVersion>& versions);

// The record id of a part: "{run}/{kind}-{number}".
std::string ChunkId(std::string_view run_id, storage::v1::MatchChunkKind kind, int32_t number);

// The problem and the solver's proof put together again. `problem` parts in order, likewise
// `candidates`; units, groups and potentials as they were solved.
struct StoredProblem {
  AssignProblem problem;
  std::optional<plugin::Potentials> potentials;
  std::string as_of_date;
};
// RECORD_CORRUPT when the parts do not fit together.
absl::StatusOr<StoredProblem> JoinProblem(
    const std::vector<storage::v1::MatchChunk>& problem_parts,
    const std::vector<storage::v1::MatchChunk>& candidate_parts);

// One need's candidates: rows of offers with their scores.
void ReadCandidateRow(const storage::v1::CandidateRow& row, std::vector<uint32_t>* offers,
                      std::vector<int64_t>* scores);

}  // namespace tandem::match
