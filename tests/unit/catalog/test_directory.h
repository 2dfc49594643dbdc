// SPDX-License-Identifier: Apache-2.0

// A catalog with its committer over a log, and short ways to write records, for the tests of this
// folder.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/committer_thread.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "store/record_codec.h"
#include "support/fake_clock.h"
#include "support/memory_log.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/service_category.pb.h"

namespace tandem::catalog {

inline std::string SerializeDeterministically(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

// A record to write. `base` for everything but a create.
inline PreparedRecord Prepare(model::RecordType type, std::string id, WriteKind kind,
                              const google::protobuf::Message& message, store::Revision base = 0) {
  PreparedRecord record;
  record.type = type;
  record.id = std::move(id);
  record.kind = kind;
  record.base_revision = base;
  record.body = SerializeDeterministically(message);
  return record;
}

inline v1::Agency MakeAgency(const std::string& id, const std::string& region = "") {
  v1::Agency agency;
  agency.set_name("agencies/" + id);
  agency.set_uid("uid-" + id);
  agency.set_display_name("Agency " + id);
  agency.set_home_region(region);
  return agency;
}

inline v1::Region MakeRegion(const std::string& id, const std::string& parent = "") {
  v1::Region region;
  region.set_name("regions/" + id);
  region.set_display_name("Region " + id);
  region.set_code(id);
  region.set_parent_region(parent.empty() ? "" : "regions/" + parent);
  return region;
}

// Small segments, so that a few dozen rows go through sealing, merging and rewriting.
inline CatalogOptions SmallSegments(bool background = false) {
  CatalogOptions options;
  options.segment_rows = 64;
  options.open_rows = 4;
  options.merge_fan_in = 3;
  options.background = background;
  return options;
}

// Everything needed to write and read. The log outlives Restart.
class TestDirectory {
 public:
  explicit TestDirectory(CatalogOptions options = SmallSegments(), CommitterOptions committer = {})
      : options_(options), committer_options_(std::move(committer)) {
    Start();
  }

  // Over a log of the caller's, which must outlive this.
  TestDirectory(store::Log* log, store::RecordReader* reader,
                CatalogOptions options = SmallSegments(), CommitterOptions committer = {})
      : options_(options),
        committer_options_(std::move(committer)),
        used_log_(log),
        used_reader_(reader) {
    Start();
  }

  // Stops the committer and builds everything anew from the log.
  void Restart() {
    committer_.reset();
    catalog_.reset();
    Start();
  }

  Catalog& catalog() { return *catalog_; }
  CommitterThread& committer() { return *committer_; }
  support::MemoryLog& log() { return log_; }
  support::FakeClock& clock() { return clock_; }
  std::shared_ptr<const View> view() const { return catalog_->view(); }

  absl::StatusOr<CommitResult> Write(std::vector<PreparedRecord> records) {
    PreparedWrite write;
    write.principal = "local";
    write.method = "test";
    write.records = std::move(records);
    return committer_->Commit(std::move(write));
  }
  absl::StatusOr<CommitResult> Write(PreparedRecord record) {
    std::vector<PreparedRecord> records;
    records.push_back(std::move(record));
    return Write(std::move(records));
  }

  absl::StatusOr<CommitResult> Create(const v1::Agency& agency) {
    return Write(
        Prepare(model::RecordType::kAgency, agency.name().substr(9), WriteKind::kCreate, agency));
  }
  absl::StatusOr<CommitResult> Create(const v1::Region& region) {
    return Write(
        Prepare(model::RecordType::kRegion, region.name().substr(8), WriteKind::kCreate, region));
  }
  // Updates and deletes of what is current now.
  absl::StatusOr<CommitResult> Update(const v1::Agency& agency) {
    return Change(model::RecordType::kAgency, agency.name().substr(9), WriteKind::kUpdate, agency);
  }
  absl::StatusOr<CommitResult> Update(const v1::Region& region) {
    return Change(model::RecordType::kRegion, region.name().substr(8), WriteKind::kUpdate, region);
  }
  absl::StatusOr<CommitResult> Delete(model::RecordType type, const std::string& id) {
    return Change(type, id, WriteKind::kDelete, v1::Agency());
  }
  absl::StatusOr<CommitResult> Undelete(model::RecordType type, const std::string& id) {
    return Change(type, id, WriteKind::kUndelete, v1::Agency());
  }

 private:
  void Start() {
    catalog_ = std::make_unique<Catalog>(options_);
    absl::Status loaded = catalog_->Load(*used_log_);
    if (!loaded.ok()) std::abort();
    committer_ = std::make_unique<CommitterThread>(catalog_.get(), used_log_, used_reader_, &clock_,
                                                   committer_options_);
  }
  absl::StatusOr<CommitResult> Change(model::RecordType type, const std::string& id, WriteKind kind,
                                      const google::protobuf::Message& message) {
    std::optional<RowRef> row = view()->Find(type, id);
    return Write(Prepare(type, id, kind, message, row ? row->revision() : 1));
  }

  const CatalogOptions options_;
  const CommitterOptions committer_options_;
  support::FakeClock clock_;
  support::MemoryLog log_;
  store::Log* const used_log_ = &log_;
  store::RecordReader* const used_reader_ = &log_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<CommitterThread> committer_;
};

}  // namespace tandem::catalog
