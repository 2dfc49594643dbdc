// SPDX-License-Identifier: Apache-2.0

#include "service/region_methods.h"

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/util/message_differencer.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/region_index.h"
#include "model/status_macros.h"
#include "service/record_preparation.h"
#include "service/write_flow.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/region_service.pb.h"

namespace tandem::service {
namespace {

using model::RecordType;

// A live region with the version it was read at.
struct ReadRegion {
  std::string id;
  store::Revision revision = 0;
  const v1::Region* region = nullptr;
};

absl::StatusOr<std::vector<ReadRegion>> ReadRegions(DirectoryReader* reader) {
  std::vector<ReadRegion> regions;
  reader->view().ForEach(RecordType::kRegion, [&](catalog::RowRef row) {
    if (!row.deleted()) regions.push_back({std::string(row.id()), row.revision(), nullptr});
  });
  for (ReadRegion& read : regions) {
    ASSIGN_OR_RETURN(read.region, reader->ReadAs<v1::Region>(RecordType::kRegion, read.id));
  }
  return regions;
}

v1::RegionIndex* IndexOf(v1::IndexKind kind, v1::Region* region) {
  return kind == v1::INDEX_KIND_ECONOMIC ? region->mutable_economic_index()
                                         : region->mutable_sector_index();
}

// The region with its new index; null when that changes nothing.
std::unique_ptr<v1::Region> WithIndex(const v1::Region& region, v1::IndexKind kind,
                                      const model::RegionIndexResult& result) {
  auto changed = std::make_unique<v1::Region>(region);
  if (result.has_value) {
    *IndexOf(kind, changed.get()) = result.index;
  } else if (kind == v1::INDEX_KIND_ECONOMIC) {
    changed->clear_economic_index();
  } else {
    changed->clear_sector_index();
  }
  if (google::protobuf::util::MessageDifferencer::Equals(*changed, region)) return nullptr;
  return changed;
}

struct IndexWrite {
  v1::IndexRegionsResponse response;
  catalog::PreparedWrite write;
};

absl::StatusOr<IndexWrite> Prepare(const v1::IndexRegionsRequest& request,
                                   const Directory& directory, DirectoryReader* reader) {
  ASSIGN_OR_RETURN(std::vector<ReadRegion> regions, ReadRegions(reader));
  std::vector<const v1::Region*> messages;
  for (const ReadRegion& read : regions) messages.push_back(read.region);
  std::vector<model::RegionIndexResult> results =
      model::ComputeRegionIndex(request.rule(), messages);
  IndexWrite out;
  const model::ResourceTraits* resource = model::FindResource(RecordType::kRegion);
  PrepareContext context{resource, "", directory.clock->Now(), reader};
  for (size_t i = 0; i < regions.size(); ++i) {
    const ReadRegion& read = regions[i];
    if (!results[i].has_value) {
      out.response.set_missing_count(out.response.missing_count() + 1);
    } else if (results[i].index.inherited_from().empty()) {
      out.response.set_own_count(out.response.own_count() + 1);
    } else {
      out.response.set_inherited_count(out.response.inherited_count() + 1);
    }
    std::unique_ptr<v1::Region> changed =
        WithIndex(*read.region, request.rule().kind(), results[i]);
    if (changed == nullptr) continue;
    ASSIGN_OR_RETURN(Preparation prepared,
                     PrepareReplacement(context, read.id, read.revision, std::move(changed), ""));
    out.write.records.push_back(std::move(prepared.record));
  }
  out.response.set_revision(reader->revision());
  out.response.set_changed_count(static_cast<int64_t>(out.write.records.size()));
  return out;
}

}  // namespace

void HandleIndexRegions(std::shared_ptr<UnaryCall> call) {
  auto request = std::make_shared<v1::IndexRegionsRequest>();
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({}); !allowed.ok()) return call->Fail(allowed);
  if (absl::Status rule = model::CheckIndexRule(request->rule()); !rule.ok())
    return call->Fail(rule);
  absl::StatusOr<WriteIdentity> identity = IdentityOf(*request);
  if (!identity.ok()) return call->Fail(identity.status());
  // Filled by the preparation that is committed in the end.
  auto response = std::make_shared<v1::IndexRegionsResponse>();
  auto prepare = [raw = call.get(), request,
                  response](DirectoryReader* reader) -> absl::StatusOr<catalog::PreparedWrite> {
    ASSIGN_OR_RETURN(IndexWrite prepared, Prepare(*request, raw->directory(), reader));
    *response = prepared.response;
    return std::move(prepared.write);
  };
  auto answer = [response](const std::shared_ptr<UnaryCall>& answered,
                           const catalog::CommitResult& result) {
    // A repeated request finds the work done: its counts tell the state it left behind.
    if (result.replayed) {
      response->set_changed_count(static_cast<int64_t>(result.replayed_names.size()));
    }
    if (response->changed_count() > 0) response->set_revision(result.revision);
    answered->Reply(*response, result.revision);
  };
  // Reading and ranking every region takes too long for gRPC's threads.
  RunOnWorker(call, [call, identity = *std::move(identity), prepare, answer] {
    RunWrite(call, identity, prepare, answer);
  });
}

}  // namespace tandem::service
