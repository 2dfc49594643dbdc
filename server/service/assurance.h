// SPDX-License-Identifier: Apache-2.0

// Until when a source's word counts as checked: the dates a row gives itself, else the source's
// number of days from the day it says so. Pure functions.
#pragma once

#include <string_view>

#include "model/field_groups.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/source.pb.h"

namespace tandem::service {

// Whether `entry`, which says who stands for the group, must be written anew although the source
// says the same as before: the row gives other dates, the source is of another kind now, or half of
// its days are over. Not earlier, so that a nightly sync of the same makes no version.
bool IsAssuranceDue(const v1::Source& source, const v1::Agency& row, const model::FieldGroup& group,
                    std::string_view today, const v1::Provenance& entry);

// Writes who stands for the group from today on into `entry`; when it was said stays as it is.
void SetAssurance(const v1::Source& source, const v1::Agency& row, const model::FieldGroup& group,
                  std::string_view today, v1::Provenance* entry);

}  // namespace tandem::service
