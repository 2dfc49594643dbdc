// SPDX-License-Identifier: Apache-2.0

#include "service/record_states.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "google/protobuf/util/message_differencer.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/pairing_states.h"
#include "model/resource_name.h"
#include "model/round_windows.h"
#include "model/status_macros.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/pairing.pb.h"
#include "tandem/v1/round.pb.h"

namespace tandem::service {
namespace {

using google::protobuf::Message;
using model::Reason;
using model::RecordType;

// Defaults of a slot: workers and workdays (round.proto).
constexpr int kDefaultWorkers = 2;
constexpr int kDefaultWorkdays = 40;
// Rounds that refer to one profile and are looked at; more is no real directory.
constexpr size_t kMaxRoundsOfProfile = 1000;

// Frozen and still in play: what the round rests on must stay as it is.
bool IsFrozen(v1::RoundState state) {
  return state == v1::ROUND_STATE_FROZEN || state == v1::ROUND_STATE_PUBLIC_NOTICE ||
         state == v1::ROUND_STATE_CONFIRMED;
}

absl::Status FrozenError(const v1::Round& round, std::string_view what) {
  return model::PreconditionError(
      Reason::kRoundFrozen,
      StrCat(round.name(), " is ", v1::RoundState_Name(round.state()), ": ", what), "ROUND_STATE",
      {round.name()}, {{"round", round.name()}});
}

// One application (offer or need) as the checks see it.
struct Application {
  std::string round;
  const v1::SlotUnit* slot_unit = nullptr;
  std::string corridor;
};

Application ApplicationOf(RecordType type, const Message& record) {
  Application application;
  if (type == RecordType::kOffer) {
    const auto& offer = static_cast<const v1::Offer&>(record);
    application.round = offer.round();
    application.corridor = offer.corridor();
    if (offer.has_slot_unit()) application.slot_unit = &offer.slot_unit();
  } else {
    const auto& need = static_cast<const v1::Need&>(record);
    application.round = need.round();
    if (need.has_slot_unit()) application.slot_unit = &need.slot_unit();
  }
  return application;
}

// A county ranks its needs in a window of its own: order and preferences, nothing else.
bool OnlyRanks(RecordType type, const Message* before, const Message* after) {
  if (type != RecordType::kNeed || before == nullptr || after == nullptr) return false;
  v1::Need old_need = static_cast<const v1::Need&>(*before);
  v1::Need new_need = static_cast<const v1::Need&>(*after);
  for (v1::Need* need : {&old_need, &new_need}) {
    need->clear_county_rank();
    need->clear_preferences();
    need->clear_etag();
    need->clear_create_time();
    need->clear_update_time();
  }
  return google::protobuf::util::MessageDifferencer::Equals(old_need, new_need);
}

absl::Status CheckRoundTakes(const v1::Round& round, bool only_ranks, absl::Time now) {
  if (IsFrozen(round.state())) return FrozenError(round, "its offers and needs are fixed");
  if (round.state() != v1::ROUND_STATE_OPEN) {
    return model::PreconditionError(Reason::kStateWrong,
                                    StrCat(round.name(), " is ", v1::RoundState_Name(round.state()),
                                           "; only an open round takes offers and needs"),
                                    "ROUND_STATE", {round.name()}, {{"round", round.name()}});
  }
  if (model::IsInside(round.apply_window(), now)) return absl::OkStatus();
  if (only_ranks && round.has_rank_window() && model::IsInside(round.rank_window(), now)) {
    return absl::OkStatus();
  }
  const v1::TimeWindow& window =
      only_ranks && round.has_rank_window() ? round.rank_window() : round.apply_window();
  return model::PreconditionError(
      Reason::kWindowClosed,
      StrCat(round.name(), " takes this from ", model::WindowText(window), "; now it is ",
             model::TimeText(now)),
      "ROUND_WINDOW", {round.name()}, {{"round", round.name()}});
}

int Workers(const v1::SlotUnit& unit) {
  return unit.workers() > 0 ? unit.workers() : kDefaultWorkers;
}
int Workdays(const v1::SlotUnit& unit) {
  return unit.workdays() > 0 ? unit.workdays() : kDefaultWorkdays;
}

absl::Status CheckFitsRound(const Application& application, const v1::Round& round,
                            std::string_view prefix) {
  std::vector<model::FieldViolation> violations;
  if (application.slot_unit != nullptr) {
    const v1::SlotUnit& ours = *application.slot_unit;
    const v1::SlotUnit& theirs = round.slot_unit();
    if (Workers(ours) != Workers(theirs) || Workdays(ours) != Workdays(theirs)) {
      violations.push_back({StrCat(prefix, "slot_unit"),
                            StrCat(Workers(ours), " × ", Workdays(ours), " is not the unit of ",
                                   round.name(), ", ", Workers(theirs), " × ", Workdays(theirs))});
    }
  }
  if (!application.corridor.empty()) {
    bool known = false;
    for (const v1::Corridor& corridor : round.corridors()) {
      known = known || corridor.corridor_id() == application.corridor;
    }
    if (!known) {
      violations.push_back(
          {StrCat(prefix, "corridor"),
           StrCat("\"", application.corridor, "\" is no corridor of ", round.name())});
    }
  }
  return violations.empty() ? absl::OkStatus() : model::FieldsInvalid(violations);
}

absl::Status CheckApplication(RecordType type, const Message* before, const Message* after,
                              absl::Time now, std::string_view prefix, DirectoryReader* reader,
                              std::vector<catalog::RecordGuard>* guards) {
  bool only_ranks = OnlyRanks(type, before, after);
  absl::flat_hash_set<std::string> seen;
  for (const Message* side : {before, after}) {
    if (side == nullptr) continue;
    Application application = ApplicationOf(type, *side);
    if (application.round.empty()) continue;
    absl::StatusOr<std::string> id = model::ParseNameOf(RecordType::kRound, application.round);
    if (!id.ok()) return id.status();
    absl::StatusOr<catalog::RowRef> row = reader->Find(RecordType::kRound, *id);
    // The committer refuses missing and deleted references, and says so for all kinds alike.
    if (!row.ok() || row->deleted()) continue;
    ASSIGN_OR_RETURN(const v1::Round* round, reader->ReadAs<v1::Round>(RecordType::kRound, *id));
    if (seen.insert(*id).second) {
      guards->push_back({RecordType::kRound, *id, row->revision()});
      RETURN_IF_ERROR(CheckRoundTakes(*round, only_ranks, now));
    }
    if (side == after) RETURN_IF_ERROR(CheckFitsRound(application, *round, prefix));
  }
  return absl::OkStatus();
}

// What may still be written in a round that is frozen: words, and the windows that lie ahead.
absl::Status CheckRoundChange(const v1::Round* before, const v1::Round* after) {
  if (before == nullptr || !IsFrozen(before->state())) return absl::OkStatus();
  if (after == nullptr) return FrozenError(*before, "it can't be deleted");
  if (after->state() != before->state()) return absl::OkStatus();
  v1::Round old_round = *before;
  v1::Round new_round = *after;
  for (v1::Round* round : {&old_round, &new_round}) {
    round->clear_display_name();
    round->clear_labels();
    round->clear_owner();
    round->clear_etag();
    round->clear_create_time();
    round->clear_update_time();
    round->clear_public_notice_window();
    round->clear_review_window();
    round->clear_confirm_window();
    round->clear_second_pass_window();
  }
  if (google::protobuf::util::MessageDifferencer::Equals(old_round, new_round)) {
    return absl::OkStatus();
  }
  return FrozenError(*before, "only its names, labels and later windows can change");
}

// A profile that a frozen round pinned stays as it is.
absl::Status CheckProfileChange(const v1::MatchProfile* before, DirectoryReader* reader,
                                std::vector<catalog::RecordGuard>* guards) {
  if (before == nullptr) return absl::OkStatus();
  for (const std::string& name : reader->view().Referrers(
           before->name(), kMaxRoundsOfProfile, nullptr,
           [](RecordType type, std::string_view) { return type != RecordType::kRound; })) {
    ASSIGN_OR_RETURN(std::string id, model::ParseNameOf(RecordType::kRound, name));
    ASSIGN_OR_RETURN(catalog::RowRef row, reader->Find(RecordType::kRound, id));
    ASSIGN_OR_RETURN(const v1::Round* round, reader->ReadAs<v1::Round>(RecordType::kRound, id));
    if (IsFrozen(round->state())) return FrozenError(*round, "the profile it pinned is fixed");
    guards->push_back({RecordType::kRound, id, row.revision()});
  }
  return absl::OkStatus();
}

// A merged record is a sign that points to another; only a merge moves it.
absl::Status CheckAgencyChange(const v1::Agency* before) {
  if (before == nullptr || before->merged_into().empty()) return absl::OkStatus();
  return MergedAway(before->name(), before->merged_into());
}

template <typename T>
const T* As(const Message* message) {
  return static_cast<const T*>(message);
}

}  // namespace

absl::Status CheckStates(RecordType type, const Message* before, const Message* after,
                         absl::Time now, std::string_view prefix, DirectoryReader* reader,
                         std::vector<catalog::RecordGuard>* guards) {
  switch (type) {
    case RecordType::kAgency:
      return CheckAgencyChange(As<v1::Agency>(before));
    case RecordType::kOffer:
    case RecordType::kNeed:
      return CheckApplication(type, before, after, now, prefix, reader, guards);
    case RecordType::kRound:
      return CheckRoundChange(As<v1::Round>(before), As<v1::Round>(after));
    case RecordType::kMatchProfile:
      return CheckProfileChange(As<v1::MatchProfile>(before), reader, guards);
    default:
      return absl::OkStatus();
  }
}

absl::Status CheckStillOpen(RecordType type, const Message& before, const Message& after) {
  if (type != RecordType::kPairing) return absl::OkStatus();
  const auto& old_pairing = static_cast<const v1::Pairing&>(before);
  const auto& new_pairing = static_cast<const v1::Pairing&>(after);
  if (model::PairingIsProposed(old_pairing.state())) return absl::OkStatus();
  std::string_view field = old_pairing.slots() != new_pairing.slots()     ? "slots"
                           : old_pairing.offer() != new_pairing.offer()   ? "offer"
                           : old_pairing.need() != new_pairing.need()     ? "need"
                           : old_pairing.round() != new_pairing.round()   ? "round"
                           : old_pairing.agency() != new_pairing.agency() ? "agency"
                                                                          : "";
  if (field.empty()) return absl::OkStatus();
  std::string_view state = model::PairingStateText(old_pairing.state());
  return model::PreconditionError(
      Reason::kStateWrong,
      StrCat(old_pairing.name(), " is ", state, ": ", field, " is fixed once a side accepted"),
      "PAIRING_STATE", {old_pairing.name()}, {{"field", field}, {"state", state}});
}

}  // namespace tandem::service
