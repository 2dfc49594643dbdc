// SPDX-License-Identifier: Apache-2.0

#include "service/pairing_lapse.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/round_windows.h"
#include "model/status_macros.h"
#include "service/pairing_step.h"
#include "service/record_preparation.h"

namespace tandem::service {
namespace {

using model::PairingVerb;
using model::RecordType;

// The states that a deadline ends.
std::vector<v1::PairingState> StatesThatLapse() {
  std::vector<v1::PairingState> states = {v1::PAIRING_STATE_UNSPECIFIED};
  for (const model::PairingTransition& step : model::PairingTransitions()) {
    if (step.verb == PairingVerb::kLapse) states.push_back(step.from);
  }
  return states;
}

// Looks for proposals whose time is over, and prepares their end. One use.
class Lapse {
 public:
  Lapse(const Directory& directory, int64_t limit)
      : reader_(directory, /*may_block=*/true),
        now_(directory.clock->Now()),
        limit_(static_cast<size_t>(limit)) {}

  // The commit that ends them; no records when there are none.
  catalog::PreparedWrite Prepare() {
    const catalog::FieldTable& table = catalog::FieldTable::Of(RecordType::kPairing);
    const catalog::FieldId state = table.Find("state")->id, round = table.Find("round")->id;
    static const auto* const kStates = new std::vector<v1::PairingState>(StatesThatLapse());
    for (const catalog::SegmentView& part : reader_.view().segments(RecordType::kPairing)) {
      const catalog::AliveRows alive = part.alive();
      for (v1::PairingState each : *kStates) {
        Roaring rows;
        reader_.view().AddEqual(part, state, each, &rows);
        for (uint32_t row : rows) {
          if (write_.records.size() >= limit_) return std::move(write_);
          if (!alive.Contains(row) || part.segment().deleted(row)) continue;
          const v1::Round* over = RoundThatIsOver(part.segment().Text(round, row).value_or(""));
          if (over != nullptr) Note(Add(catalog::RowRef{&part.segment(), row}, *over));
        }
      }
    }
    return std::move(write_);
  }

  // What could not be read.
  const absl::Status& status() const { return status_; }

 private:
  // The round when its deadline has passed; null otherwise. Each round is read once.
  const v1::Round* RoundThatIsOver(std::string_view name) {
    if (name.empty()) return nullptr;
    auto [it, added] = rounds_.try_emplace(std::string(name), nullptr);
    if (!added) return it->second;
    std::optional<catalog::RecordKey> key = catalog::ParseRecordName(name);
    if (!key) return nullptr;
    absl::StatusOr<catalog::RowRef> row = reader_.Find(RecordType::kRound, key->id);
    if (!row.ok()) return nullptr;
    absl::StatusOr<const v1::Round*> round = reader_.ReadAs<v1::Round>(RecordType::kRound, key->id);
    if (!round.ok()) {
      Note(round.status());
      return nullptr;
    }
    std::optional<absl::Time> deadline = model::AnswerDeadline(**round);
    if (!deadline || now_ < *deadline) return nullptr;
    write_.guards.push_back({RecordType::kRound, std::string(key->id), row->revision()});
    it->second = *round;
    return *round;
  }

  absl::Status Add(catalog::RowRef row, const v1::Round& round) {
    const std::string id(row.id());
    ASSIGN_OR_RETURN(const v1::Pairing* stored,
                     reader_.ReadAs<v1::Pairing>(RecordType::kPairing, id));
    const PairingStep step{PairingVerb::kLapse, v1::PAIRING_ACTOR_SERVER, now_};
    ASSIGN_OR_RETURN(v1::PairingState to, NextState(*stored, step));
    auto pairing = std::make_unique<v1::Pairing>(*stored);
    const std::string reason =
        StrCat("not answered until ", model::TimeText(*model::AnswerDeadline(round)));
    EnterState(to, step, round, reason, "", pairing.get());
    ASSIGN_OR_RETURN(
        Preparation prepared,
        PrepareReplacement({model::FindResource(RecordType::kPairing), "", now_, &reader_}, id,
                           row.revision(), std::move(pairing), ""));
    write_.records.push_back(std::move(prepared.record));
    return absl::OkStatus();
  }

  void Note(const absl::Status& status) {
    if (!status.ok() && status_.ok()) status_ = status;
  }

  DirectoryReader reader_;
  const absl::Time now_;
  const size_t limit_;
  catalog::PreparedWrite write_;
  absl::Status status_;
  absl::flat_hash_map<std::string, const v1::Round*> rounds_;
};

}  // namespace

absl::StatusOr<int64_t> LapseProposals(const Directory& directory, int64_t limit) {
  Lapse lapse(directory, limit);
  catalog::PreparedWrite write = lapse.Prepare();
  if (write.records.empty())
    return lapse.status().ok() ? 0 : absl::StatusOr<int64_t>(lapse.status());
  write.principal = "system";
  write.method = "lapse";
  // Whoever answers at the last moment does not keep the others.
  write.partial = true;
  absl::StatusOr<catalog::CommitResult> result = directory.committer->Commit(std::move(write));
  if (!result.ok()) {
    const bool raced = model::ErrorReason(result.status()) == model::Reason::kWriteConflict;
    return raced ? 0 : absl::StatusOr<int64_t>(result.status());
  }
  RETURN_IF_ERROR(lapse.status());
  int64_t lapsed = 0;
  for (const catalog::RecordResult& record : result->records) lapsed += record.status.ok() ? 1 : 0;
  return lapsed;
}

}  // namespace tandem::service
