// SPDX-License-Identifier: Apache-2.0

#include <unicode/timezone.h>

#include <utility>

#include "model/absl_strings.h"
#include "model/record_rules.h"
#include "model/unique_items.h"

namespace tandem::model {
namespace {

std::pair<int64_t, int32_t> Instant(const google::protobuf::Timestamp& time) {
  return {time.seconds(), time.nanos()};
}

void CheckWindow(const v1::TimeWindow& window, std::string_view path, RuleFindings* findings) {
  if (!window.has_start_time() || !window.has_end_time()) return;
  if (Instant(window.end_time()) <= Instant(window.start_time())) {
    findings->Add(StrCat(path, ".end_time"), "is not after the start");
  }
}

void CheckTimeZone(const std::string& name, RuleFindings* findings) {
  if (name.empty()) return;
  icu::UnicodeString known;
  UErrorCode error = U_ZERO_ERROR;
  UBool is_system_id = false;
  icu::TimeZone::getCanonicalID(icu::UnicodeString::fromUTF8(name), known, is_system_id, error);
  if (U_FAILURE(error) || !is_system_id) {
    findings->Add("time_zone", StrCat("\"", name, "\" is no IANA time zone"));
  }
}

}  // namespace

void CheckRound(const v1::Round& round, RuleFindings* findings) {
  CheckTimeZone(round.time_zone(), findings);
  CheckWindow(round.apply_window(), "apply_window", findings);
  CheckWindow(round.rank_window(), "rank_window", findings);
  CheckWindow(round.compute_window(), "compute_window", findings);
  CheckWindow(round.public_notice_window(), "public_notice_window", findings);
  CheckWindow(round.review_window(), "review_window", findings);
  CheckWindow(round.confirm_window(), "confirm_window", findings);
  CheckWindow(round.second_pass_window(), "second_pass_window", findings);
  for (int i = 0; i < round.corridors_size(); ++i) {
    const v1::Corridor& corridor = round.corridors(i);
    if (corridor.has_max_slots() && corridor.max_slots() < corridor.min_slots()) {
      findings->AddAt(
          "corridors", i, "max_slots",
          StrCat(corridor.max_slots(), " is less than min_slots, ", corridor.min_slots()));
    }
  }
  CheckUnique(
      round.corridors(), "corridors", "corridor_id",
      [](const v1::Corridor& corridor) { return corridor.corridor_id(); }, findings);
}

}  // namespace tandem::model
