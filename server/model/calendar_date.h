// SPDX-License-Identifier: Apache-2.0

// Calendar days as records keep them, `YYYY-MM-DD`: text order is date order. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace tandem::model {

// Whether `text` is a day that exists, written YYYY-MM-DD with a year from 1000 to 9999.
bool IsCalendarDate(std::string_view text);

// `text`, a valid day, `years` later; 29 February becomes 1 March where there is none.
std::string AddYears(std::string_view text, int years);

// The day it is in UTC at `time`: what "today" means where no round's time zone says otherwise.
std::string UtcDay(absl::Time time);

}  // namespace tandem::model
