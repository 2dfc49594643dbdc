// SPDX-License-Identifier: Apache-2.0

// The writes that are about to be appended together. Each write is checked against the newest view
// with the earlier writes of the group laid over it, so a group behaves as if its writes had come
// one after the other. Nothing here is durable or visible; a group whose append fails is thrown
// away.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/catalog.h"
#include "catalog/committer.h"
#include "catalog/staged_versions.h"
#include "catalog/text_hash.h"
#include "store/log.h"
#include "store/record_reader.h"

namespace tandem::catalog {

// Deepest place of a record in its tree, the top being 1.
inline constexpr int kMaxTreeDepth = 32;
// When a writer that somebody outran should prepare again.
inline constexpr absl::Duration kWriteRetryDelay = absl::Milliseconds(20);

// One thread. Everything passed in must outlive the group.
class WriteGroup {
 public:
  WriteGroup(const Catalog& catalog, const store::Log& log, const store::RecordReader& reader,
             int64_t now_ns, absl::Duration purge_after);

  // Checks a write and, when it holds, adds it. The result is what the caller gets once the group
  // is durable. An error means that nothing of the write was added.
  absl::StatusOr<CommitResult> Add(const PreparedWrite& write);
  // Adds the purge of every record whose time has come and of what lies below it; returns how many.
  // Ends once there are `limit`; the children of the last one may make it more.
  int64_t AddPurges(int64_t limit);

  // The revision the group continues, and the one it ends at.
  store::Revision base() const { return base_; }
  store::Revision last() const { return base_ + static_cast<int64_t>(entries_.size()); }
  bool empty() const { return entries_.empty(); }

  // What to append; built once, at the end.
  std::vector<store::Entry> TakeEntries();
  // What to apply after that; call once, after TakeEntries.
  std::vector<RowChange> TakeChanges();

 private:
  struct EntryPlan {
    const PreparedWrite* write = nullptr;
    size_t end = 0;
    std::vector<int64_t> import_counts;
  };
  class ValidityCheck;

  // Stages what holds of a partial write and counts its records.
  void AddPartial(const PreparedWrite& write, CommitResult* result, std::vector<int64_t>* counts);
  std::optional<CommitResult> FindReplay(const PreparedWrite& write, absl::Status* refused) const;
  absl::Status CheckGuards(const PreparedWrite& write) const;
  // Checks existence and revision and stages the version; `result` is filled when it is unchanged
  // or staged.
  absl::Status Stage(const PreparedRecord& record, RecordResult* result);
  // Stages what a delete or undelete does to the children of its record.
  absl::Status StageChildren(const PreparedRecord& record, store::Revision parent_revision);
  absl::Status CheckBase(const PreparedRecord& record,
                         const std::optional<CurrentVersion>& current) const;
  absl::StatusOr<std::string> BodyOf(const PreparedRecord& record,
                                     const CurrentVersion& current) const;
  // Checks what a staged version says about others. Only after all records of an atomic write are
  // staged.
  absl::Status CheckStaged(size_t index) const;
  absl::Status CheckReferences(const StagedVersion& staged) const;
  absl::Status CheckClaims(const StagedVersion& staged) const;
  absl::Status CheckTree(const StagedVersion& staged) const;
  absl::Status CheckMerge(const StagedVersion& staged) const;
  absl::Status CheckStandsForNobody(const StagedVersion& staged) const;
  // Units: the days of those above, below, before and after it, and who else has its code.
  absl::Status CheckValidity(const StagedVersion& staged) const;
  absl::Status CheckCode(const StagedVersion& staged) const;
  absl::Status CheckNotInUse(const StagedVersion& staged) const;
  // That a pairing which takes more slots than before finds them in its offer and its need.
  absl::Status CheckRoom(size_t index) const;
  // Slots that live pairings other than `own_id` take from what `side` (offer or need) names.
  int64_t TakenByOthers(const IndexedField& side, std::string_view target,
                        std::string_view own_id) const;

  std::optional<CurrentVersion> Find(model::RecordType type, std::string_view id) const;
  bool IsStaged(model::RecordType type, std::string_view id) const;
  std::optional<std::string> FindHolder(const StagedVersion& claimant, std::string_view scheme,
                                        std::string_view value) const;
  // Names of the records of `type` whose `field` is or contains `text`, deleted ones included.
  std::vector<std::string> Referring(const IndexedField& field, model::RecordType type,
                                     std::string_view text) const;
  void PushPurge(model::RecordType type, std::string_view id, store::Revision previous);
  // Names that stand for `name`: its own and those of the records merged into it.
  std::vector<std::string> NamesOf(model::RecordType type, const std::string& name) const;
  // Adds staged records that refer to `name` to `referrers` and `total`.
  void AddStagedReferrers(const std::string& name, std::vector<std::string>* referrers,
                          int64_t* total) const;
  void Push(StagedVersion staged);
  void UndoTo(size_t count);
  store::Revision next_revision() const { return last() + 1; }

  const Catalog& catalog_;
  const store::Log& log_;
  const store::RecordReader& reader_;
  const std::shared_ptr<const View> view_;
  const store::Revision base_;
  const int64_t now_ns_;
  const absl::Duration purge_after_;

  StagedVersions staged_;
  std::vector<EntryPlan> entries_;
  // Requests of this group: import number, or -1.
  TextMap<int64_t> requests_;
  // Names seen to exist; a delete takes its name out.
  mutable TextSet known_targets_;
};

}  // namespace tandem::catalog
