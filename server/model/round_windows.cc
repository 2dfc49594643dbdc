// SPDX-License-Identifier: Apache-2.0

#include "model/round_windows.h"

#include "absl/time/civil_time.h"
#include "model/absl_strings.h"

namespace tandem::model {

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

google::protobuf::Timestamp TimestampOf(absl::Time time) {
  const int64_t nanos = absl::ToUnixNanos(time);
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(nanos / 1'000'000'000);
  stamp.set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
  return stamp;
}

bool IsInside(const v1::TimeWindow& window, absl::Time time) {
  if (window.has_start_time() && time < TimeOf(window.start_time())) return false;
  return !window.has_end_time() || time < TimeOf(window.end_time());
}

std::optional<absl::Time> AnswerDeadline(const v1::Round& round) {
  if (round.confirm_window().has_end_time()) return TimeOf(round.confirm_window().end_time());
  if (round.review_window().has_end_time()) return TimeOf(round.review_window().end_time());
  return std::nullopt;
}

std::string DayInRound(const v1::Round& round, absl::Time time) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!round.time_zone().empty() && !absl::LoadTimeZone(round.time_zone(), &zone)) {
    zone = absl::UTCTimeZone();
  }
  return absl::FormatCivilTime(absl::ToCivilDay(time, zone));
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
}

std::string WindowText(const v1::TimeWindow& window) {
  auto text = [](bool given, const google::protobuf::Timestamp& time) {
    return given ? TimeText(TimeOf(time)) : std::string("…");
  };
  return StrCat(text(window.has_start_time(), window.start_time()), " to ",
                text(window.has_end_time(), window.end_time()));
}

}  // namespace tandem::model
