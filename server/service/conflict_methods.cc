// SPDX-License-Identifier: Apache-2.0

#include "service/conflict_methods.h"

#include <string>
#include <utility>
#include <vector>

#include "model/absl_strings.h"
#include "model/calendar_date.h"
#include "model/canonical.h"
#include "model/error.h"
#include "model/record_rules.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "service/field_ownership.h"
#include "service/write_flow.h"
#include "tandem/v1/field_conflict_service.pb.h"

namespace tandem::service {
namespace {

using model::RecordType;

absl::Status CheckRequest(const v1::ResolveFieldConflictRequest& request, absl::Time now) {
  std::vector<model::FieldViolation> violations;
  if (request.source().empty()) violations.push_back({"source", "is required"});
  const std::string& day = request.expiry_date();
  if (!day.empty() && !model::IsCalendarDate(day)) {
    violations.push_back({"expiry_date", "is no day YYYY-MM-DD"});
  } else if (!day.empty() && day < DayOf(now)) {
    violations.push_back({"expiry_date", StrCat(day, " is over; today is ", DayOf(now))});
  }
  return violations.empty() ? absl::OkStatus() : model::FieldsInvalid(violations);
}

// The conflict first, so that it is what a replay answers, then the agency, then the other
// conflicts of the group.
absl::StatusOr<catalog::PreparedWrite> Prepare(const v1::ResolveFieldConflictRequest& request,
                                               const std::string& id, absl::Time now,
                                               DirectoryReader* reader) {
  ASSIGN_OR_RETURN(const v1::FieldConflict* conflict,
                   reader->ReadAs<v1::FieldConflict>(RecordType::kFieldConflict, id));
  const model::FieldGroup* group =
      model::FindFieldGroup(RecordType::kAgency, conflict->field_group());
  ASSIGN_OR_RETURN(std::string agency_id,
                   model::ParseNameOf(RecordType::kAgency, conflict->agency(), "agency"));
  ASSIGN_OR_RETURN(catalog::RowRef row, reader->Find(RecordType::kAgency, agency_id));
  if (row.deleted() || group == nullptr) return NotFound(RecordType::kAgency, agency_id);
  ASSIGN_OR_RETURN(const v1::Agency* stored,
                   reader->ReadAs<v1::Agency>(RecordType::kAgency, agency_id));
  auto agency = std::make_shared<v1::Agency>(*stored);
  model::ClearTail(agency.get());
  const std::string before = model::SerializeCanonical(*agency);
  FieldOwnership ownership(reader, now, agency.get());
  RETURN_IF_ERROR(ownership.Resolve(*group, request.source(), request.expiry_date()));
  std::vector<model::FieldViolation> violations;
  model::CheckRecord(RecordType::kAgency, agency.get(), "agency.", &violations);
  if (!violations.empty()) return model::FieldsInvalid(violations);

  catalog::PreparedWrite write;
  ASSIGN_OR_RETURN(write.records, ownership.TakeConflicts());
  for (size_t i = 0; i < write.records.size(); ++i) {
    if (write.records[i].id == id) std::swap(write.records[0], write.records[i]);
  }
  catalog::PreparedRecord record;
  record.type = RecordType::kAgency;
  record.id = agency_id;
  record.kind = catalog::WriteKind::kUpdate;
  record.base_revision = row.revision();
  record.body = model::SerializeCanonical(*agency);
  record.message = agency;
  if (record.body != before) {
    // Behind the conflict that is answered.
    write.records.insert(write.records.begin() + (write.records.empty() ? 0 : 1),
                         std::move(record));
  } else {
    write.guards.push_back({RecordType::kAgency, agency_id, row.revision()});
  }
  return write;
}

}  // namespace

void HandleResolveFieldConflict(std::shared_ptr<UnaryCall> call) {
  auto request = std::make_shared<v1::ResolveFieldConflictRequest>();
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({&request->name(), 1}); !allowed.ok()) {
    return call->Fail(allowed);
  }
  absl::StatusOr<std::string> id = model::ParseNameOf(RecordType::kFieldConflict, request->name());
  if (!id.ok()) return call->Fail(id.status());
  absl::Status shape = CheckRequest(*request, call->directory().clock->Now());
  if (!shape.ok()) return call->Fail(shape);
  absl::StatusOr<WriteIdentity> identity = IdentityOf(*request);
  if (!identity.ok()) return call->Fail(identity.status());
  UnaryCall* raw = call.get();
  auto prepare = [raw, request, id = *id](DirectoryReader* reader) {
    return Prepare(*request, id, raw->directory().clock->Now(), reader);
  };
  auto answer = [request](const std::shared_ptr<UnaryCall>& answered,
                          const catalog::CommitResult& result) {
    // Decided so already, or nothing of the named conflict itself changed.
    const bool first = !result.replayed && !result.records.empty();
    if (first) {
      v1::FieldConflict conflict;
      if (conflict.ParseFromString(result.records.front().bytes) &&
          conflict.name() == request->name()) {
        return AnswerRecord(answered, result);
      }
    }
    ReplyWithRecord(answered, request->name());
  };
  RunWrite(std::move(call), *std::move(identity), std::move(prepare), std::move(answer));
}

}  // namespace tandem::service
