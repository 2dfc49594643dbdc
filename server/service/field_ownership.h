// SPDX-License-Identifier: Apache-2.0

// Who owns the field groups of one agency: what a source, a person's correction or a decision
// changes in the agency, and the conflicts that keep what lost. The agency then holds only what the
// winning statement says; agency and conflicts go into one commit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/committer.h"
#include "model/field_groups.h"
#include "service/directory.h"
#include "service/field_statements.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/source.pb.h"

namespace tandem::service {

// One write to one agency. Not thread-safe.
class FieldOwnership {
 public:
  // `agency`: the version to be written, at first equal to the stored one; a new one has its name
  // and nothing else. `reader` and `agency` outlive this object.
  FieldOwnership(DirectoryReader* reader, absl::Time now, v1::Agency* agency);

  // The source says what `row` holds of every group it may speak about.
  absl::Status State(const v1::Source& source, const v1::Agency& row);

  // A person wrote the agency, which was `before`: the groups that differ count as corrected.
  absl::Status Correct(const v1::Agency& before);

  // A person decided that the value of `source` holds until `expiry_date` (empty: no end).
  // STATE_WRONG when the source said nothing about the group.
  absl::Status Resolve(const model::FieldGroup& group, std::string_view source,
                       std::string_view expiry_date);

  // Whether something that was said in State() and is new did not win.
  bool lost() const { return lost_; }

  // The conflicts that changed, ready to commit; the writer adds the agency. Call once.
  absl::StatusOr<std::vector<catalog::PreparedRecord>> TakeConflicts();

 private:
  absl::Status StateGroup(const v1::Source& source, const v1::Agency& row,
                          const model::FieldGroup& group);
  absl::Status Apply(const model::FieldGroup& group, const FieldStatements& statements,
                     const FieldStatement& winner);
  void WriteProvenance(const model::FieldGroup& group, const FieldStatements& statements,
                       const FieldStatement& winner);
  void KeepConflict(const model::FieldGroup& group, const FieldStatement& statement, bool lost,
                    const FieldStatement& winner);

  DirectoryReader* const reader_;
  const absl::Time now_;
  const std::string today_;
  v1::Agency* const agency_;
  std::vector<v1::FieldConflict> conflicts_;
  bool lost_ = false;
};

// Puts the entries of sources in `after`, an agency a person wrote, back to what they are in
// `before` (null: a new record, which has none): only syncs write them.
void KeepSourceEntries(const v1::Agency* before, v1::Agency* after);

}  // namespace tandem::service
