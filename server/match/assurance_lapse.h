// SPDX-License-Identifier: Apache-2.0

// What an agency reports on a day: field groups whose assurance had lapsed by then are not
// reported.
#pragma once

#include <string_view>

#include "tandem/v1/agency.pb.h"

namespace tandem::match {

// Clears the field groups (model/field_groups.h) that nobody stood for any more on `as_of_date`:
// those with entries in the provenance, all of which lapsed before it. An entry of the group or of
// a field in it goes before one of the whole record ("*"). The status stays: what has ended does
// not come back because nobody confirms it. Returns how many groups were cleared.
int ClearLapsedGroups(std::string_view as_of_date, v1::Agency* agency);

}  // namespace tandem::match
