// SPDX-License-Identifier: Apache-2.0

#include "service/record_reading.h"

#include <optional>
#include <utility>

#include "match/match_runs.h"
#include "model/absl_strings.h"
#include "model/basic_view.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "service/byte_buffer.h"
#include "tandem/v1/match_run.pb.h"

namespace tandem::service {
namespace {

using model::Reason;

// The stored bytes, except that a run at work tells how far it is.
absl::StatusOr<ShownRecord> WithProgress(const Directory& directory, store::RecordBytes stored,
                                         std::string_view name) {
  v1::MatchRun run;
  RETURN_IF_ERROR(ParseStored(stored.bytes(), name, &run));
  if (run.done() || directory.match_runs == nullptr) return ShownRecord(std::move(stored));
  directory.match_runs->AddProgress(&run);
  return ShownRecord(run.SerializeAsString());
}

absl::StatusOr<ShownRecord> Show(const model::ResourceTraits& resource, v1::ResourceView view,
                                 ShownRecord record) {
  if (view != v1::RESOURCE_VIEW_BASIC) return record;
  ASSIGN_OR_RETURN(std::string cut, model::CutToBasic(resource.type, record.bytes()));
  return ShownRecord(std::move(cut));
}

absl::StatusOr<store::RecordBytes> ReadOld(const model::ResourceTraits& resource,
                                           const Directory& directory, std::string_view id,
                                           store::Revision at, const DirectoryReader& reader) {
  std::shared_ptr<std::string> bytes;
  uint32_t body_size = 0;
  RETURN_IF_ERROR(directory.log->Versions(resource.type, id, at,
                                          [&](model::RecordType, std::string_view, store::Revision,
                                              std::string_view found, uint32_t found_body_size) {
                                            bytes = std::make_shared<std::string>(found);
                                            body_size = found_body_size;
                                            return false;
                                          }));
  // What was dropped since would look as if it had never been.
  RETURN_IF_ERROR(CheckReadRevision(*directory.log, reader.revision(), at));
  if (bytes != nullptr) return store::RecordBytes(bytes, *bytes, body_size);
  std::string name = model::FormatName(resource.type, id);
  return model::ResourceError(Reason::kResourceNotFound, model::CollectionOf(resource.type), name,
                              StrCat("there was no ", name, " at revision ", at), {{"name", name}});
}

}  // namespace

absl::Status CheckReadRevision(const store::Log& log, store::Revision newest, store::Revision at) {
  if (at < 0) return model::FieldsInvalid({{"read_revision", "is negative"}});
  if (store::EpochOf(at) != store::EpochOf(newest)) {
    return model::MakeError(
        Reason::kHistoryChanged,
        StrCat("revision ", at, " belongs to epoch ", store::EpochOf(at),
               ", this directory is in epoch ", store::EpochOf(newest), "; read what is there now"),
        {{"revision", StrCat(at)}, {"epoch", StrCat(store::EpochOf(newest))}});
  }
  if (at > newest) {
    return model::FieldsInvalid(
        {{"read_revision", StrCat(at, " lies ahead of the newest revision, ", newest)}});
  }
  // All entries after it must be there: they say which versions were current.
  const store::Revision earliest = log.LogStart() - 1;
  if (at >= earliest) return absl::OkStatus();
  return model::MakeError(Reason::kRevisionCompacted,
                          StrCat("revision ", at, " is no longer kept, the earliest is ", earliest),
                          {{"revision", StrCat(at)}, {"earliest", StrCat(earliest)}});
}

absl::Status RecordReading::Check(const Directory& directory, store::Revision newest) const {
  if (!v1::ResourceView_IsValid(view)) {
    return model::FieldsInvalid({{"view", StrCat(view, " is no view; BASIC is 1, FULL is 2")}});
  }
  if (read_revision == 0) return absl::OkStatus();
  return CheckReadRevision(*directory.log, newest, read_revision);
}

absl::StatusOr<ShownRecord> ReadVersion(const model::ResourceTraits& resource,
                                        const Directory& directory, v1::ResourceView view,
                                        std::string_view id, store::Revision revision,
                                        DirectoryReader* reader) {
  ASSIGN_OR_RETURN(store::RecordBytes stored, reader->ReadBytes(resource.type, id, revision));
  if (resource.type != model::RecordType::kMatchRun) {
    return Show(resource, view, ShownRecord(std::move(stored)));
  }
  ASSIGN_OR_RETURN(ShownRecord run, WithProgress(directory, std::move(stored), id));
  return Show(resource, view, std::move(run));
}

absl::StatusOr<ShownRecord> ReadRecord(const model::ResourceTraits& resource,
                                       const Directory& directory, const RecordReading& reading,
                                       std::string_view id, DirectoryReader* reader) {
  ASSIGN_OR_RETURN(catalog::RowRef row, reading.resolve_merged
                                            ? reader->FindResolved(resource.type, id)
                                            : reader->Find(resource.type, id));
  if (reading.read_revision == 0 || row.revision() <= reading.read_revision) {
    return ReadVersion(resource, directory, reading.view, row.id(), row.revision(), reader);
  }
  RETURN_IF_ERROR(reader->MayBlock());
  ASSIGN_OR_RETURN(store::RecordBytes stored,
                   ReadOld(resource, directory, id, reading.read_revision, *reader));
  return Show(resource, reading.view, ShownRecord(std::move(stored)));
}

}  // namespace tandem::service
