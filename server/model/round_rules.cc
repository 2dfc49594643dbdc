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

// A window with its field.
struct NamedWindow {
  std::string_view path;
  const v1::TimeWindow& window;
};

// What a round does comes in one order: no window opens or closes before one that comes earlier,
// and nothing is computed while applications or ranks may still change.
void CheckWindowOrder(const v1::Round& round, RuleFindings* findings) {
  const NamedWindow windows[] = {{"apply_window", round.apply_window()},
                                 {"rank_window", round.rank_window()},
                                 {"compute_window", round.compute_window()},
                                 {"public_notice_window", round.public_notice_window()},
                                 {"review_window", round.review_window()},
                                 {"confirm_window", round.confirm_window()},
                                 {"second_pass_window", round.second_pass_window()}};
  const NamedWindow* opened = nullptr;
  const NamedWindow* closed = nullptr;
  for (const NamedWindow& each : windows) {
    if (each.window.has_start_time()) {
      if (opened != nullptr &&
          Instant(each.window.start_time()) < Instant(opened->window.start_time())) {
        findings->Add(StrCat(each.path, ".start_time"),
                      StrCat("lies before the start of ", opened->path));
      }
      opened = &each;
    }
    if (each.window.has_end_time()) {
      if (closed != nullptr &&
          Instant(each.window.end_time()) < Instant(closed->window.end_time())) {
        findings->Add(StrCat(each.path, ".end_time"),
                      StrCat("lies before the end of ", closed->path));
      }
      closed = &each;
    }
  }
  if (!round.compute_window().has_start_time()) return;
  for (const NamedWindow& input : {windows[0], windows[1]}) {
    if (input.window.has_end_time() &&
        Instant(round.compute_window().start_time()) < Instant(input.window.end_time())) {
      findings->Add("compute_window.start_time", StrCat("lies before the end of ", input.path));
    }
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
  CheckWindowOrder(round, findings);
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
