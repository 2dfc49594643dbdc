// SPDX-License-Identifier: Apache-2.0

// What a round's windows say about a moment. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "tandem/v1/round.pb.h"

namespace tandem::model {

absl::Time TimeOf(const google::protobuf::Timestamp& time);
google::protobuf::Timestamp TimestampOf(absl::Time time);

// Whether `time` lies in the window: start inclusive, end exclusive, an absent end is open.
bool IsInside(const v1::TimeWindow& window, absl::Time time);

// Until when the round's proposals can be accepted: the end of its confirm window, or without one
// of its review window. From that moment on they have lapsed. nullopt: no limit.
std::optional<absl::Time> AnswerDeadline(const v1::Round& round);

// The calendar day of `time` in the round's time zone, YYYY-MM-DD; in UTC when it names none.
std::string DayInRound(const v1::Round& round, absl::Time time);

// RFC 3339 in UTC, whole seconds.
std::string TimeText(absl::Time time);
// "2026-01-01T00:00:00+00:00 to …"
std::string WindowText(const v1::TimeWindow& window);

}  // namespace tandem::model
