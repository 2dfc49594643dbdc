// SPDX-License-Identifier: Apache-2.0

// Where a run reads its records: the directory at one revision, or the very versions an earlier run
// read. The match layer sees records through this and nothing else, so a test can hand it a
// directory of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/view.h"
#include "google/protobuf/message.h"
#include "model/record_type.h"
#include "store/record_reader.h"

namespace tandem::match {

// A record version: enough to read the same bytes again later.
struct RecordVersion {
  model::RecordType type;
  std::string id;
  store::Revision revision = 0;
  // An agency that had been merged: the name that was read in its place.
  std::string survivor = {};

  friend bool operator==(const RecordVersion&, const RecordVersion&) = default;
};

// Immutable; threads: any.
class RecordSource {
 public:
  virtual ~RecordSource() = default;
  // The revision the records are read at.
  virtual store::Revision revision() const = 0;
  // Live records of `type`, sorted by id. With `field` and `value` only those whose single-valued
  // text field is that value; an empty value means the field is not set.
  virtual std::vector<RecordVersion> List(model::RecordType type, std::string_view field = "",
                                          std::string_view value = "") const = 0;
  // The live version of a record; nullopt when there is none.
  virtual std::optional<RecordVersion> Find(model::RecordType type, std::string_view id) const = 0;
  // Parses a version, tail included, into `record`; where it names a merged agency, `record` names
  // the survivor. RECORD_CORRUPT, RESOURCE_NOT_FOUND.
  virtual absl::Status Read(const RecordVersion& version,
                            google::protobuf::Message* record) const = 0;
  // The merged agencies that records read so far named, by id: a run notes them with its versions.
  virtual std::vector<RecordVersion> MergedAgencies() const { return {}; }

  // Find and Read by resource name. RESOURCE_NOT_FOUND when there is no such live record.
  absl::Status ReadByName(model::RecordType type, std::string_view name,
                          google::protobuf::Message* record) const;
};

// The directory at a view's revision. Holds the view.
class DirectorySource final : public RecordSource {
 public:
  DirectorySource(std::shared_ptr<const catalog::View> view, const store::RecordReader* reader)
      : view_(std::move(view)), reader_(reader) {}
  store::Revision revision() const override { return view_->revision(); }
  std::vector<RecordVersion> List(model::RecordType type, std::string_view field,
                                  std::string_view value) const override;
  std::optional<RecordVersion> Find(model::RecordType type, std::string_view id) const override;
  absl::Status Read(const RecordVersion& version, google::protobuf::Message* record) const override;
  std::vector<RecordVersion> MergedAgencies() const override;

 private:
  std::optional<std::string> SurvivorOf(std::string_view agency) const;

  const std::shared_ptr<const catalog::View> view_;
  const store::RecordReader* const reader_;
  // Locked only where a merged agency is named.
  mutable absl::Mutex mu_;
  mutable absl::btree_map<std::string, RecordVersion> merged_ ABSL_GUARDED_BY(mu_);
};

// The versions a run noted: what Verify and WhyNot judge on.
class VersionedSource final : public RecordSource {
 public:
  VersionedSource(store::Revision revision, const std::vector<RecordVersion>& versions,
                  const store::RecordReader* reader);
  store::Revision revision() const override { return revision_; }
  // Every noted version of `type`: a run notes only what it looked at, so there is nothing left to
  // narrow down.
  std::vector<RecordVersion> List(model::RecordType type, std::string_view field,
                                  std::string_view value) const override;
  std::optional<RecordVersion> Find(model::RecordType type, std::string_view id) const override;
  absl::Status Read(const RecordVersion& version, google::protobuf::Message* record) const override;

 private:
  const store::Revision revision_;
  const store::RecordReader* const reader_;
  absl::flat_hash_map<std::string, store::Revision> revisions_;
  // By the name of the merged agency.
  absl::flat_hash_map<std::string, std::string> survivors_;
};

}  // namespace tandem::match
