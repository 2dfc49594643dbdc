// SPDX-License-Identifier: Apache-2.0

#include "service/identity_methods.h"

#include <string>
#include <utility>
#include <vector>

#include "model/error.h"
#include "model/field_rules.h"
#include "model/identifier.h"
#include "model/status_macros.h"
#include "query/identifier_lookup.h"
#include "service/byte_buffer.h"
#include "tandem/v1/agency_identity.pb.h"

namespace tandem::service {
namespace {

using model::RecordType;

constexpr size_t kMaxCandidates = 100;

absl::StatusOr<std::string> LookupBytes(const v1::LookupAgencyRequest& request,
                                        const query::Scope& scope, DirectoryReader* reader) {
  std::string out;
  for (const query::IdentifierHolder& holder : query::FindIdentifier(
           reader->view(), request.scheme(), request.value(), scope, kMaxCandidates + 1)) {
    ASSIGN_OR_RETURN(
        store::RecordBytes bytes,
        reader->ReadBytes(RecordType::kAgency, holder.row.id(), holder.row.revision()));
    AppendBytesField(holder.verified ? v1::LookupAgencyResponse::kAgencyFieldNumber
                                     : v1::LookupAgencyResponse::kCandidatesFieldNumber,
                     bytes.bytes(), &out);
  }
  AppendVarintField(v1::LookupAgencyResponse::kRevisionFieldNumber,
                    static_cast<uint64_t>(reader->revision()), &out);
  return out;
}

void Lookup(std::shared_ptr<UnaryCall> call, const v1::LookupAgencyRequest& request,
            bool may_block) {
  DirectoryReader reader(call->directory(), may_block);
  absl::StatusOr<std::string> bytes = LookupBytes(request, call->scope(), &reader);
  if (reader.missed()) {
    return RunOnWorker(call, [call, request] { Lookup(call, request, true); });
  }
  if (!bytes.ok()) return call->Fail(bytes.status());
  call->Reply(MoveToBuffer(*std::move(bytes)), reader.revision());
}

}  // namespace

void HandleLookupAgency(std::shared_ptr<UnaryCall> call) {
  v1::LookupAgencyRequest request;
  if (absl::Status parsed = call->Parse(&request); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({}); !allowed.ok()) return call->Fail(allowed);
  model::NormaliseIdentifier(request.mutable_value());
  std::vector<model::FieldViolation> violations;
  model::CheckFields(&request, "", &violations);
  if (!violations.empty()) return call->Fail(model::FieldsInvalid(violations));
  Lookup(std::move(call), request, /*may_block=*/false);
}

}  // namespace tandem::service
