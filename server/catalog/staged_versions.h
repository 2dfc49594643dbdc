// SPDX-License-Identifier: Apache-2.0

// The record versions of a group of writes that is being put together, over the newest view: which
// one is current for the next write, who refers to what, who claims what. Versions can be taken
// back from the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/text_hash.h"
#include "catalog/view.h"
#include "store/log.h"

namespace tandem::catalog {

// One record version of a group.
struct StagedVersion {
  RowChange change;
  storage::v1::ChangeKind kind;
  // Revision of the version before; 0 for none.
  store::Revision previous = 0;
  // The stored wire form; empty for a purge.
  std::string bytes;
  // How many of `bytes` are the body.
  uint32_t body_size = 0;

  std::string name() const;
};

// What is current for the next write: a row of the view or a staged version. Borrows both.
struct CurrentVersion {
  RowRef row;
  const StagedVersion* staged = nullptr;

  RowHeader header() const;
  bool deleted() const { return header().delete_time_ns != 0; }
  std::vector<std::string_view> Texts(const IndexedField& field) const;
  // Value `i` of a repeated field of integers.
  int64_t Integer(const IndexedField& field, uint32_t i) const;
  // Single-valued fields; 0 when there is no value.
  int64_t Integer(const IndexedField& field) const;
  // Whether the record has that verified identifier. Agencies only.
  bool HasClaim(std::string_view scheme, std::string_view value) const;
};

// One thread.
class StagedVersions {
 public:
  size_t size() const { return versions_.size(); }
  // References stay valid until the version is taken back.
  const StagedVersion& operator[](size_t index) const { return versions_[index]; }
  StagedVersion& operator[](size_t index) { return versions_[index]; }

  void Push(StagedVersion version);
  // Takes back all but the first `count`.
  void UndoTo(size_t count);

  // The newest version of a record, purged or not; null when there is none.
  const StagedVersion* Find(model::RecordType type, std::string_view id) const;
  // The version that `index` took the place of; null when there was none in the group.
  const StagedVersion* Before(size_t index) const;
  // The newest versions that refer to `name` or were merged into it, each once. Noted when somebody
  // asks: few writes do.
  std::vector<const StagedVersion*> Referring(std::string_view name) const;
  // The newest versions that have a claim: a unit's code or an agency's verified identifier.
  std::vector<const StagedVersion*> Claiming(std::string_view claim) const;

  // What claims are known under.
  static std::string IdentifierClaim(std::string_view scheme, std::string_view value);
  // Of a live unit with a code; nullopt for others.
  static std::optional<std::string> CodeClaim(const StagedVersion& version);

 private:
  using Places = TextMap<std::vector<size_t>>;

  void NoteClaims(size_t index);
  void NoteReferences() const;
  std::vector<const StagedVersion*> NewestAt(const Places& places, std::string_view key) const;

  // The place in versions_ that a name had before, one a version.
  struct Undo {
    std::string name;
    std::optional<size_t> before;
  };

  std::deque<StagedVersion> versions_;
  std::vector<Undo> undo_;
  // By name: the newest version.
  TextMap<size_t> newest_;
  // May hold places that were taken back, or one twice: newest_ decides.
  Places claiming_;
  mutable Places referring_;
  // Up to where referring_ was noted.
  mutable size_t referring_end_ = 0;
};

}  // namespace tandem::catalog
