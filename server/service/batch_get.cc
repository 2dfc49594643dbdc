// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <utility>
#include <vector>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "service/batch_methods.h"
#include "service/batch_rules.h"
#include "service/byte_buffer.h"
#include "service/record_reading.h"
#include "service/wire_fields.h"
#include "tandem/v1/agency_service.pb.h"

namespace tandem::service {
namespace {

// BatchGet requests of all resources have the same fields under the same numbers (a test holds
// that).
using BatchGetRequest = v1::BatchGetAgenciesRequest;

constexpr std::string_view kNames = "names";

absl::StatusOr<std::vector<std::string>> IdsOf(const model::ResourceTraits& resource,
                                               const BatchGetRequest& request) {
  RETURN_IF_ERROR(CheckBatchSize(kNames, request.names_size()));
  ASSIGN_OR_RETURN(std::string parent, ParseBatchParent(resource, request.parent()));
  BatchFindings findings(resource, kNames, parent);
  std::vector<model::FieldViolation> shapes;
  std::vector<std::string> ids;
  for (int i = 0; i < request.names_size(); ++i) {
    absl::StatusOr<std::string> id =
        model::ParseNameOf(resource.type, request.names(i), PlaceIn(kNames, i));
    if (id.ok()) {
      findings.AddId(i, "", *id);
      ids.push_back(*std::move(id));
      continue;
    }
    for (model::FieldViolation& wrong : model::FieldViolations(id.status())) {
      shapes.push_back(std::move(wrong));
    }
  }
  if (!shapes.empty()) return model::FieldsInvalid(shapes);
  RETURN_IF_ERROR(findings.status());
  return ids;
}

absl::StatusOr<std::string> ReadAll(const model::ResourceTraits& resource,
                                    const Directory& directory, const RecordReading& reading,
                                    const std::vector<std::string>& ids, DirectoryReader* reader) {
  RETURN_IF_ERROR(reading.Check(directory, reader->revision()));
  std::string out;
  for (size_t i = 0; i < ids.size(); ++i) {
    absl::StatusOr<ShownRecord> record = ReadRecord(resource, directory, reading, ids[i], reader);
    if (!record.ok()) {
      return model::AtPlace(record.status(), PlaceIn(kNames, static_cast<int>(i)));
    }
    AppendField(kRecordsNumber, record->bytes(), &out);
    // Reply says so; there is no use in going on.
    if (out.size() > kMaxResponseBytes) break;
  }
  AppendField(kRevisionNumber, reading.RevisionOf(reader->revision()), &out);
  return out;
}

void BatchGet(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call,
              const std::shared_ptr<const std::vector<std::string>>& ids,
              const RecordReading& reading, bool may_block) {
  DirectoryReader reader(call->directory(), may_block);
  absl::StatusOr<std::string> bytes = ReadAll(resource, call->directory(), reading, *ids, &reader);
  if (reader.missed()) {
    return RunOnWorker(
        call, [&resource, call, ids, reading] { BatchGet(resource, call, ids, reading, true); });
  }
  if (!bytes.ok()) return call->Fail(bytes.status());
  call->Reply(MoveToBuffer(*std::move(bytes)), reading.RevisionOf(reader.revision()));
}

}  // namespace

void HandleBatchGet(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  BatchGetRequest request;
  if (absl::Status parsed = call->Parse(&request); !parsed.ok()) return call->Fail(parsed);
  std::vector<std::string> names(request.names().begin(), request.names().end());
  if (!request.parent().empty()) names.push_back(request.parent());
  if (absl::Status allowed = call->Authorise(names); !allowed.ok()) return call->Fail(allowed);
  absl::StatusOr<std::vector<std::string>> ids = IdsOf(resource, request);
  if (!ids.ok()) return call->Fail(ids.status());
  BatchGet(resource, std::move(call),
           std::make_shared<const std::vector<std::string>>(*std::move(ids)),
           {request.view(), request.read_revision(), request.read_revision() == 0},
           /*may_block=*/false);
}

}  // namespace tandem::service
