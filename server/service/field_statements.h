// SPDX-License-Identifier: Apache-2.0

// What everybody last said about one field group of an agency, read from the agency's provenance
// and from its conflicts, and which of it holds. The order, in full:
//
//   1. a value that a person decided on (ResolveFieldConflict), until the decision's last day;
//   2. a person's correction (an update of the record), until its lapse date;
//   3. the sources by kind: registry, assessment body, association, self;
//   4. corrections that lapsed and what nobody vouches for.
//
// Of equal strength the value that was said later holds; what a sync brings again unchanged is not
// said anew, so two sources never take turns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/field_groups.h"
#include "service/directory.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/field_conflict.pb.h"

namespace tandem::service {

// One source's last word about the group.
struct FieldStatement {
  std::string source;
  // An agency with the fields of the group alone.
  v1::Agency value;
  // When it was said and who stands for it; resolved and resolved_until_date only while a decision
  // for this source holds.
  v1::Provenance provenance;
  int strength = 0;
  // Whether the agency holds this value now.
  bool holds = false;
  // Its conflict record as it is stored; null when there is none.
  const v1::FieldConflict* conflict = nullptr;
};

// The statements about one group. Not thread-safe; a short-lived piece of one write.
class FieldStatements {
 public:
  // Reads them. `agency` is the version to judge by; `speaker` is looked for although the agency
  // may not know it yet ("" for none).
  static absl::StatusOr<FieldStatements> Read(DirectoryReader* reader, absl::Time now,
                                              const v1::Agency& agency,
                                              const model::FieldGroup& group,
                                              std::string_view speaker);

  // The statement of `source`; null when it said nothing.
  FieldStatement* Find(std::string_view source);
  // The statement of `source`, an empty one when it is new.
  FieldStatement* FindOrAdd(std::string_view source);

  // What holds: the strongest, then the latest. Null when nobody says anything.
  const FieldStatement* Winner() const;
  const std::vector<FieldStatement>& all() const { return statements_; }
  std::vector<FieldStatement>& all() { return statements_; }

 private:
  std::vector<FieldStatement> statements_;
};

// The strength of a source's word today; 0 for one that is gone.
absl::StatusOr<int> StrengthOf(DirectoryReader* reader, const v1::Provenance& provenance,
                               std::string_view today);

// Whether a decision or correction about the group is over, so that its statements must be weighed
// again.
bool HasLapsedDecision(const v1::Agency& agency, const model::FieldGroup& group,
                       std::string_view today);

// The calendar day of `now`, UTC.
std::string DayOf(absl::Time now);

}  // namespace tandem::service
