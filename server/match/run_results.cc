// SPDX-License-Identifier: Apache-2.0

#include "match/run_results.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::match {
namespace {

using model::RecordType;
using storage::v1::MatchChunk;

absl::Status NotLookedAt(std::string_view name) {
  return model::ResourceError(model::Reason::kResourceNotFound, name.substr(0, name.find('/')),
                              name, StrCat("the run did not look at ", name));
}

int64_t SizeOf(const MatchChunk& part) {
  return part.matches_size() + part.outcomes_size() + part.inputs_size() + part.candidates_size();
}

}  // namespace

int32_t RunResults::CountParts(Kind kind) const {
  auto exists = [&](int32_t number) {
    return view_->Find(RecordType::kMatchChunk, ChunkId(run_id_, kind, number)).has_value();
  };
  // Numbers are dense: double until one is missing, then halve.
  int32_t below = 0, missing = 1;
  while (exists(missing - 1)) {
    below = missing;
    missing *= 2;
  }
  while (missing - below > 1) {
    const int32_t middle = below + (missing - below) / 2;
    (exists(middle - 1) ? below : missing) = middle;
  }
  return below;
}

absl::StatusOr<MatchChunk> RunResults::ReadPart(Kind kind, int32_t number) const {
  const std::string id = ChunkId(run_id_, kind, number);
  std::optional<catalog::RowRef> row = view_->Find(RecordType::kMatchChunk, id);
  MatchChunk part;
  if (row) {
    ASSIGN_OR_RETURN(store::RecordBytes bytes,
                     reader_->Read(RecordType::kMatchChunk, id, row->revision()));
    if (part.ParseFromArray(bytes.body().data(), static_cast<int>(bytes.body().size()))) {
      return part;
    }
  }
  return model::MakeError(model::Reason::kRecordCorrupt,
                          StrCat("the stored part ", id, " of a run can't be read"));
}

absl::StatusOr<std::vector<MatchChunk>> RunResults::ReadParts(Kind kind) const {
  std::vector<MatchChunk> parts;
  const int32_t count = CountParts(kind);
  for (int32_t number = 0; number < count; ++number) {
    ASSIGN_OR_RETURN(MatchChunk part, ReadPart(kind, number));
    parts.push_back(std::move(part));
  }
  return parts;
}

absl::StatusOr<std::optional<MatchChunk>> RunResults::PartWith(Kind kind, int64_t index) const {
  int32_t begin = 0, end = CountParts(kind);
  while (begin < end) {
    const int32_t middle = begin + (end - begin) / 2;
    ASSIGN_OR_RETURN(MatchChunk part, ReadPart(kind, middle));
    if (index < part.first()) {
      end = middle;
    } else if (index >= part.first() + SizeOf(part)) {
      begin = middle + 1;
    } else {
      return std::optional<MatchChunk>(std::move(part));
    }
  }
  return std::optional<MatchChunk>();
}

absl::StatusOr<std::vector<v1::Match>> RunResults::Matches(int64_t first, int64_t limit,
                                                           int64_t* next) const {
  std::vector<v1::Match> page;
  *next = 0;
  ASSIGN_OR_RETURN(std::optional<MatchChunk> part,
                   PartWith(storage::v1::MATCH_CHUNK_KIND_MATCHES, first));
  for (int64_t at = first; part; ++at) {
    if (at == part->first() + SizeOf(*part)) {
      ASSIGN_OR_RETURN(part, PartWith(storage::v1::MATCH_CHUNK_KIND_MATCHES, at));
      if (!part) break;
    }
    if (static_cast<int64_t>(page.size()) == limit) {
      *next = at;
      break;
    }
    page.push_back(part->matches(static_cast<int>(at - part->first())));
  }
  return page;
}

absl::StatusOr<std::vector<v1::MatchOutcome>> RunResults::Outcomes(bool needs, bool short_only,
                                                                   int64_t first, int64_t limit,
                                                                   int64_t* next) const {
  const Kind kind = needs ? storage::v1::MATCH_CHUNK_KIND_NEED_OUTCOMES
                          : storage::v1::MATCH_CHUNK_KIND_OFFER_OUTCOMES;
  std::vector<v1::MatchOutcome> page;
  *next = 0;
  ASSIGN_OR_RETURN(std::optional<MatchChunk> part, PartWith(kind, first));
  for (int64_t at = first; part; ++at) {
    if (at == part->first() + SizeOf(*part)) {
      ASSIGN_OR_RETURN(part, PartWith(kind, at));
      if (!part) break;
    }
    const v1::MatchOutcome& outcome = part->outcomes(static_cast<int>(at - part->first()));
    if (short_only && outcome.matched_slots() >= outcome.slots()) continue;
    if (static_cast<int64_t>(page.size()) == limit) {
      *next = at;
      break;
    }
    page.push_back(outcome);
  }
  return page;
}

absl::StatusOr<v1::Match> RunResults::FindMatch(std::string_view name) const {
  // Matches are numbered from 1 in the order they are stored in.
  int64_t number = 0;
  const std::string_view id = name.substr(name.rfind('/') + 1);
  if (absl::SimpleAtoi(ToAbsl(id), &number) && number > 0) {
    ASSIGN_OR_RETURN(std::optional<MatchChunk> part,
                     PartWith(storage::v1::MATCH_CHUNK_KIND_MATCHES, number - 1));
    if (part) {
      const v1::Match& match = part->matches(static_cast<int>(number - 1 - part->first()));
      if (match.name() == name) return match;
    }
  }
  return model::ResourceError(model::Reason::kResourceNotFound, "matches", name,
                              StrCat(name, " does not exist"));
}

absl::StatusOr<std::optional<v1::Match>> RunResults::FindMatch(std::string_view need,
                                                               std::string_view offer) const {
  ASSIGN_OR_RETURN(std::vector<MatchChunk> parts, ReadParts(storage::v1::MATCH_CHUNK_KIND_MATCHES));
  for (const MatchChunk& part : parts) {
    for (const v1::Match& match : part.matches()) {
      if (match.need() == need && match.offer() == offer) return std::optional<v1::Match>(match);
    }
  }
  return std::optional<v1::Match>();
}

absl::StatusOr<RunResults::FoundOutcome> RunResults::FindOutcome(bool needs,
                                                                 std::string_view subject) const {
  const Kind kind = needs ? storage::v1::MATCH_CHUNK_KIND_NEED_OUTCOMES
                          : storage::v1::MATCH_CHUNK_KIND_OFFER_OUTCOMES;
  // Outcomes stand in the order of their names.
  int32_t begin = 0, end = CountParts(kind);
  while (begin < end) {
    const int32_t middle = begin + (end - begin) / 2;
    ASSIGN_OR_RETURN(MatchChunk part, ReadPart(kind, middle));
    const auto& outcomes = part.outcomes();
    if (outcomes.empty() || subject < outcomes.begin()->subject()) {
      end = middle;
      continue;
    }
    auto at = std::lower_bound(
        outcomes.begin(), outcomes.end(), subject,
        [](const v1::MatchOutcome& outcome, std::string_view s) { return outcome.subject() < s; });
    if (at == outcomes.end()) {
      begin = middle + 1;
      continue;
    }
    if (at->subject() != subject) break;
    return FoundOutcome{*at, part.first() + (at - outcomes.begin())};
  }
  return NotLookedAt(subject);
}

absl::StatusOr<std::optional<int64_t>> RunResults::FindCandidate(int64_t need_row,
                                                                 int64_t offer_row) const {
  ASSIGN_OR_RETURN(std::optional<MatchChunk> part,
                   PartWith(storage::v1::MATCH_CHUNK_KIND_CANDIDATES, need_row));
  if (!part) return std::optional<int64_t>();
  std::vector<uint32_t> offers;
  std::vector<int64_t> scores;
  ReadCandidateRow(part->candidates(static_cast<int>(need_row - part->first())), &offers, &scores);
  auto at = std::lower_bound(offers.begin(), offers.end(), offer_row);
  if (at == offers.end() || *at != offer_row) return std::optional<int64_t>();
  return std::optional<int64_t>(scores[static_cast<size_t>(at - offers.begin())]);
}

absl::StatusOr<StoredProblem> RunResults::Problem() const {
  ASSIGN_OR_RETURN(std::vector<MatchChunk> problem,
                   ReadParts(storage::v1::MATCH_CHUNK_KIND_PROBLEM));
  ASSIGN_OR_RETURN(std::vector<MatchChunk> candidates,
                   ReadParts(storage::v1::MATCH_CHUNK_KIND_CANDIDATES));
  return JoinProblem(problem, candidates);
}

absl::StatusOr<std::vector<RecordVersion>> RunResults::Inputs() const {
  std::vector<RecordVersion> versions;
  ASSIGN_OR_RETURN(std::vector<MatchChunk> parts, ReadParts(storage::v1::MATCH_CHUNK_KIND_INPUTS));
  for (const MatchChunk& part : parts) {
    for (const storage::v1::InputVersion& input : part.inputs()) {
      versions.push_back(
          {static_cast<RecordType>(input.type()), input.id(), input.revision(), input.survivor()});
    }
  }
  return versions;
}

}  // namespace tandem::match
