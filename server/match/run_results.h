// SPDX-License-Identifier: Apache-2.0

// Reads what a finished run stored: pages of matches and outcomes, single ones by name, and the
// problem behind them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/view.h"
#include "match/record_source.h"
#include "match/run_chunks.h"
#include "store/record_reader.h"
#include "tandem/v1/match_run.pb.h"

namespace tandem::match {

// One run's results at one view. Not thread-safe.
class RunResults {
 public:
  RunResults(std::shared_ptr<const catalog::View> view, const store::RecordReader* reader,
             std::string run_id)
      : view_(std::move(view)), reader_(reader), run_id_(std::move(run_id)) {}

  // Up to `limit` pairs from index `first` on; `*next` is the index after the last, 0 at the end.
  absl::StatusOr<std::vector<v1::Match>> Matches(int64_t first, int64_t limit, int64_t* next) const;
  // Likewise outcomes; with `short_only` those below their slots, the others skipped.
  absl::StatusOr<std::vector<v1::MatchOutcome>> Outcomes(bool needs, bool short_only, int64_t first,
                                                         int64_t limit, int64_t* next) const;
  // The pair of that name; RESOURCE_NOT_FOUND.
  absl::StatusOr<v1::Match> FindMatch(std::string_view name) const;
  // A pair of the plan by its sides; nullopt when it is not in it.
  absl::StatusOr<std::optional<v1::Match>> FindMatch(std::string_view need,
                                                     std::string_view offer) const;

  // An outcome and its row.
  struct FoundOutcome {
    v1::MatchOutcome outcome;
    int64_t row = 0;
  };
  // RESOURCE_NOT_FOUND when the run did not look at `subject`.
  absl::StatusOr<FoundOutcome> FindOutcome(bool needs, std::string_view subject) const;
  // The score of a candidate pair by rows; nullopt when it is none.
  absl::StatusOr<std::optional<int64_t>> FindCandidate(int64_t need_row, int64_t offer_row) const;

  absl::StatusOr<StoredProblem> Problem() const;
  // The record versions the run read: needs by row, offers by row, then the rest.
  absl::StatusOr<std::vector<RecordVersion>> Inputs() const;

 private:
  using Kind = storage::v1::MatchChunkKind;
  // Parts of a kind there are.
  int32_t CountParts(Kind kind) const;
  absl::StatusOr<storage::v1::MatchChunk> ReadPart(Kind kind, int32_t number) const;
  absl::StatusOr<std::vector<storage::v1::MatchChunk>> ReadParts(Kind kind) const;
  // The part that holds element `index`; nullopt past the end.
  absl::StatusOr<std::optional<storage::v1::MatchChunk>> PartWith(Kind kind, int64_t index) const;

  const std::shared_ptr<const catalog::View> view_;
  const store::RecordReader* const reader_;
  const std::string run_id_;
};

}  // namespace tandem::match
