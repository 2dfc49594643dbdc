// SPDX-License-Identifier: Apache-2.0

// Every reason the server gives for a pair that could not be, or for a need or offer that got
// nothing, in Chinese and English. The order of the hard rules is the order they are tried in: a
// pair is counted under the first that applies, and a subject without candidates under the last
// that dropped somebody, for that is how far its best chances came.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tandem/v1/match_run.pb.h"

namespace tandem::match {

// The hard rules, in the order they are tried.
enum class Rule : uint8_t {
  kAgencyInactive,
  kNoConsent,
  kOfferNoRoom,
  kNeedNoRoom,
  kCorridorMismatch,
  kCategoryMismatch,
  kGradeExpired,
  kGradeBelow,
  kSectorGap,
  kLanguageMissing,
  kAltitude,
  kDatesApart,
  kRegionNotAccepted,
  kRegionRefused,
  kAgencyRefused,
  kSameAgency,
  kForbiddenPair,
};
inline constexpr size_t kRuleCount = static_cast<size_t>(Rule::kForbiddenPair) + 1;

// What came after the rules, for pairs and for subjects.
enum class Cause : uint8_t {
  // The need kept its best candidates only (candidates_per_need).
  kCutToBest,
  // The corridor of every open candidate is at its maximum.
  kCorridorFull,
  // A need: every candidate offer gave its slots to others.
  kOffersTaken,
  // An offer: every candidate need got its slots from others.
  kNeedsFilled,
  // Slots were left on both sides, but this pair was not in the solver's plan.
  kNotChosen,
  // There is nobody on the other side at all.
  kNobodyThere,
};
inline constexpr size_t kCauseCount = static_cast<size_t>(Cause::kNobodyThere) + 1;

// A reason in words; no full stop.
struct ReasonText {
  std::string_view code;
  std::string_view text_zh;
  std::string_view text_en;
};

const ReasonText& TextOf(Rule rule);
const ReasonText& TextOf(Cause cause);

// The reason as an answer carries it.
v1::ReasonCount ReasonCountOf(const ReasonText& text, int64_t count);
// A filter plugin's reason: "plugin-id/REASON". The plugin declares no words for it.
v1::ReasonCount PluginReasonCount(std::string_view plugin_id, std::string_view reason,
                                  int64_t count);

}  // namespace tandem::match
