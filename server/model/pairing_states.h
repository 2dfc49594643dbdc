// SPDX-License-Identifier: Apache-2.0

// The life of a pairing as data: from which state which verb leads where, and who may say it; and
// what a pairing takes from its offer and its need in each state. Everything that moves a pairing,
// counts its slots or tells people what is allowed reads this.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "tandem/v1/pairing.pb.h"

namespace tandem::model {

// What can be done with a pairing.
enum class PairingVerb {
  kAccept,
  kDecline,
  kAgree,
  kActivate,
  kPause,
  kResume,
  kComplete,
  kWithdraw,
  kFail,
  kSupersede,
  // The deadline passed.
  kLapse,
};

// The verb as people write it, for example "accept".
std::string_view PairingVerbName(PairingVerb verb);

// A set of actors.
class PairingActors {
 public:
  constexpr PairingActors() = default;
  constexpr PairingActors(v1::PairingActor actor)  // NOLINT(google-explicit-constructor)
      : bits_(static_cast<uint8_t>(1U << static_cast<unsigned>(actor))) {}
  constexpr bool contains(v1::PairingActor actor) const {
    return (bits_ & PairingActors(actor).bits_) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr PairingActors operator|(PairingActors a, PairingActors b) {
    PairingActors both;
    both.bits_ = static_cast<uint8_t>(a.bits_ | b.bits_);
    return both;
  }
  // For people: "agency or county".
  std::string Text() const;

 private:
  uint8_t bits_ = 0;
};

struct PairingTransition {
  v1::PairingState from;
  PairingVerb verb;
  PairingActors actors;
  v1::PairingState to;
};

// Every allowed step, in the order of a pairing's life. No two rows share state, verb and actor.
absl::Span<const PairingTransition> PairingTransitions();

// Where `verb` of `actor` leads from `from`; nullopt: it is not allowed. An unspecified state
// counts as proposed.
std::optional<v1::PairingState> PairingStateAfter(v1::PairingState from, PairingVerb verb,
                                                  v1::PairingActor actor);
// Who may say `verb` in state `from`; empty: nobody.
PairingActors PairingActorsOf(v1::PairingState from, PairingVerb verb);
// The verbs that somebody may say in state `from`, for people: "accept, decline". Empty: it has
// ended.
std::string PairingVerbsText(v1::PairingState from);

// The state as people write it: "AGENCY_ACCEPTED".
std::string_view PairingStateText(v1::PairingState state);

// Whether a side accepted and the pairing has not ended: it takes its slots from its offer and its
// need, also while the other side's answer is awaited.
bool PairingTakesSlots(v1::PairingState state);
// Slots a pairing takes from its offer and its need.
inline int64_t SlotsTaken(v1::PairingState state, int64_t slots) {
  return PairingTakesSlots(state) ? slots : 0;
}
// What is left of the slots of an offer (its room) or a need when its pairings take `taken`. Slots
// may have been lowered below that: then nothing is left.
inline int64_t SlotsLeft(int64_t slots, int64_t taken) { return slots > taken ? slots - taken : 0; }

// Whether a pairing is looked back at on this day after its start.
inline bool IsFollowUpDay(int day) { return day == 30 || day == 90 || day == 180 || day == 365; }

// Whether nobody answered yet.
inline bool PairingIsProposed(v1::PairingState state) {
  return state == v1::PAIRING_STATE_PROPOSED || state == v1::PAIRING_STATE_UNSPECIFIED;
}
// Whether the work is going on or interrupted.
bool PairingIsAtWork(v1::PairingState state);
// Whether no step leads out of this state.
bool PairingHasEnded(v1::PairingState state);

}  // namespace tandem::model
