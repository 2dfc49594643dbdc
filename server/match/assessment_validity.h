// SPDX-License-Identifier: Apache-2.0

// When an assessment grade counts.
#pragma once

#include <string>
#include <string_view>

#include "model/calendar_date.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::match {

// Whether the validity of a grade had ended before `as_of_date`: its last day, or five years after
// the award when no last day is written. A grade with neither date does not expire.
inline bool GradeExpired(const v1::Assessment& assessment, std::string_view as_of_date) {
  std::string last_day = assessment.expiry_date();
  if (last_day.empty() && !assessment.awarded_date().empty()) {
    last_day = model::AddYears(assessment.awarded_date(), 5);
  }
  return !last_day.empty() && last_day < as_of_date;
}

}  // namespace tandem::match
