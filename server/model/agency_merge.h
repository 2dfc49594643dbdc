// SPDX-License-Identifier: Apache-2.0

// What becomes of the records of a merge: the survivor takes over registration numbers and names,
// the merged ones shrink to a sign that points to it. Pure functions on messages; who may be merged
// is the service's and the committer's.
#pragma once

#include <string>
#include <vector>

#include "tandem/v1/agency.pb.h"

namespace tandem::model {

// A field that the survivor takes from a merged record: position of that record and a field of
// Agency.
struct TakenField {
  size_t from = 0;
  std::string path;
};

// Whether `path` is a field of Agency that a merge may take from a merged record: none of those
// that the server writes and none that is united anyway.
bool IsTakenByMerge(std::string_view path);

// Writes into `survivor` what it takes over from `merged`, in their order:
//   - the fields of `taken`; a display name that gives way becomes a former one
//   - with `fill_empty`, each field it has not, from the first that has it (not status, owner and
//     provenance, which say something about one record)
//   - all registration numbers, each once; one becomes `former` when the survivor has a number in
//     use of the same scheme, and is verified when it was at either
//   - their display names and former names, each once, as former names
void TakeOver(const std::vector<const v1::Agency*>& merged, const std::vector<TakenField>& taken,
              bool fill_empty, v1::Agency* survivor);

// Turns `agency` into the sign that its name leads to `survivor`. Only name, uid, display name,
// owner, labels and the ids its sources know it by stay: what else refers to other records would
// keep those from being deleted. The history has the rest.
void BecomeMerged(const std::string& survivor, v1::Agency* agency);

}  // namespace tandem::model
