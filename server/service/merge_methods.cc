// SPDX-License-Identifier: Apache-2.0

#include "service/merge_methods.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "catalog/merged_names.h"
#include "model/absl_strings.h"
#include "model/agency_merge.h"
#include "model/error.h"
#include "model/excerpt.h"
#include "model/field_rules.h"
#include "model/record_rules.h"
#include "model/resource_name.h"
#include "model/resource_traits.h"
#include "model/status_macros.h"
#include "service/record_preparation.h"
#include "service/write_flow.h"
#include "tandem/v1/agency_identity.pb.h"

namespace tandem::service {
namespace {

using model::Reason;
using model::RecordType;

// One commit's records: the survivor, the merged ones, and those that were merged into these.
constexpr size_t kMaxMergedRecords = 1000;

std::string MergedPath(int index) { return StrCat("merged[", index, "]"); }

// Where the taken fields come from: positions in request.merged().
absl::StatusOr<std::vector<model::TakenField>> ReadTakenFields(
    const v1::MergeAgenciesRequest& request) {
  std::vector<model::TakenField> taken;
  std::vector<model::FieldViolation> violations;
  for (int i = 0; i < request.fields_size(); ++i) {
    const v1::MergeField& field = request.fields(i);
    const auto from = std::find(request.merged().begin(), request.merged().end(), field.agency());
    if (from == request.merged().end()) {
      violations.push_back({StrCat("fields[", i, "].agency"), "is none of the merged records"});
    }
    if (!model::IsTakenByMerge(field.field_path())) {
      violations.push_back({StrCat("fields[", i, "].field_path"),
                            StrCat("\"", model::Excerpt(field.field_path(), 80),
                                   "\" is no field that a merge can take")});
    }
    if (violations.empty()) {
      taken.push_back({static_cast<size_t>(from - request.merged().begin()), field.field_path()});
    }
  }
  if (!violations.empty()) return model::FieldsInvalid(violations);
  return taken;
}

absl::Status CheckRequest(v1::MergeAgenciesRequest* request) {
  std::vector<model::FieldViolation> violations;
  model::CheckFields(request, "", &violations);
  for (int i = 0; i < request->merged_size(); ++i) {
    const auto first =
        std::find(request->merged().begin(), request->merged().end(), request->merged(i));
    if (first - request->merged().begin() < i) {
      violations.push_back({MergedPath(i), "stands there twice"});
    }
  }
  return violations.empty() ? absl::OkStatus() : model::FieldsInvalid(violations);
}

// Prepares one merge on what the reader sees.
class MergePreparation {
 public:
  MergePreparation(const v1::MergeAgenciesRequest& request, const Directory& directory,
                   DirectoryReader* reader)
      : request_(request),
        context_{model::FindResource(RecordType::kAgency), "", directory.clock->Now(), reader},
        reader_(reader) {}

  absl::StatusOr<catalog::PreparedWrite> Prepare() {
    ASSIGN_OR_RETURN(std::string id,
                     model::ParseNameOf(RecordType::kAgency, request_.survivor(), "survivor"));
    ASSIGN_OR_RETURN(catalog::RowRef row, reader_->FindResolved(RecordType::kAgency, id));
    if (row.deleted()) return NotFound(RecordType::kAgency, row.id());
    survivor_id_ = std::string(row.id());
    survivor_ = model::FormatName(RecordType::kAgency, survivor_id_);
    std::vector<const v1::Agency*> merged;
    for (int i = 0; i < request_.merged_size(); ++i) {
      ASSIGN_OR_RETURN(const v1::Agency* agency, ReadMerged(i));
      merged.push_back(agency);
    }
    // First: its bytes are the answer.
    RETURN_IF_ERROR(AddSurvivor(row, merged));
    for (const v1::Agency* agency : merged) RETURN_IF_ERROR(AddSign(*agency));
    // Whoever was merged into these before goes on to the survivor, so that no chain ever forms.
    for (const v1::Agency* agency : merged) {
      for (const std::string& name :
           catalog::MergedInto(reader_->view(), RecordType::kAgency, agency->name())) {
        ASSIGN_OR_RETURN(std::string earlier, model::ParseNameOf(RecordType::kAgency, name));
        ASSIGN_OR_RETURN(const v1::Agency* sign,
                         reader_->ReadAs<v1::Agency>(RecordType::kAgency, earlier));
        RETURN_IF_ERROR(AddSign(*sign));
      }
    }
    for (catalog::PreparedRecord& companion : companions_) {
      write_.records.push_back(std::move(companion));
    }
    return std::move(write_);
  }

 private:
  absl::StatusOr<const v1::Agency*> ReadMerged(int index) const {
    const std::string& name = request_.merged(index);
    ASSIGN_OR_RETURN(std::string id,
                     model::ParseNameOf(RecordType::kAgency, name, MergedPath(index)));
    if (id == survivor_id_) {
      return model::PreconditionError(
          Reason::kMergeCycle,
          name == request_.survivor() ? StrCat(name, " can't be merged into itself")
                                      : StrCat(name, " can't be merged into ", request_.survivor(),
                                               ", which was merged into it"),
          "MERGE", {name}, {{"name", name}, {"survivor", survivor_}});
    }
    ASSIGN_OR_RETURN(catalog::RowRef row, reader_->Find(RecordType::kAgency, id));
    if (row.deleted()) return NotFound(RecordType::kAgency, id);
    if (auto earlier = catalog::SurvivorOf(row)) return MergedAway(name, *earlier);
    return reader_->ReadAs<v1::Agency>(RecordType::kAgency, id);
  }

  absl::Status AddSurvivor(const catalog::RowRef& row,
                           const std::vector<const v1::Agency*>& merged) {
    ASSIGN_OR_RETURN(const v1::Agency* current,
                     reader_->ReadAs<v1::Agency>(RecordType::kAgency, survivor_id_));
    auto survivor = std::make_unique<v1::Agency>(*current);
    ASSIGN_OR_RETURN(std::vector<model::TakenField> taken, ReadTakenFields(request_));
    model::TakeOver(merged, taken, request_.fill_empty(), survivor.get());
    std::vector<model::FieldViolation> violations;
    v1::Agency checked = *survivor;
    model::CheckRecord(RecordType::kAgency, &checked, "survivor.", &violations);
    if (!violations.empty()) return model::FieldsInvalid(violations);
    // What a source says of the survivor tonight must not take the names and numbers from it again.
    ASSIGN_OR_RETURN(Preparation prepared,
                     PrepareCorrection(context_, survivor_id_, row.revision(), *current,
                                       std::move(survivor), request_.etag()));
    write_.records.push_back(std::move(prepared.record));
    companions_ = std::move(prepared.companions);
    return absl::OkStatus();
  }

  // Writes the record as a sign that leads to the survivor.
  absl::Status AddSign(const v1::Agency& agency) {
    if (write_.records.size() >= kMaxMergedRecords) {
      return model::MakeError(Reason::kLimitExceeded,
                              StrCat("the merge would write more than ", kMaxMergedRecords,
                                     " records, with those merged before; merge fewer at a time"),
                              {{"limit", "merge"}, {"max", StrCat(kMaxMergedRecords)}});
    }
    ASSIGN_OR_RETURN(std::string id, model::ParseNameOf(RecordType::kAgency, agency.name()));
    ASSIGN_OR_RETURN(catalog::RowRef row, reader_->Find(RecordType::kAgency, id));
    auto sign = std::make_unique<v1::Agency>(agency);
    model::BecomeMerged(survivor_, sign.get());
    ASSIGN_OR_RETURN(Preparation prepared,
                     PrepareReplacement(context_, id, row.revision(), std::move(sign), ""));
    write_.records.push_back(std::move(prepared.record));
    return absl::OkStatus();
  }

  const v1::MergeAgenciesRequest& request_;
  const PrepareContext context_;
  DirectoryReader* const reader_;
  std::string survivor_id_;
  std::string survivor_;
  catalog::PreparedWrite write_;
  // What sources said of the survivor and the merge outvoted.
  std::vector<catalog::PreparedRecord> companions_;
};

}  // namespace

void HandleMergeAgencies(std::shared_ptr<UnaryCall> call) {
  auto request = std::make_shared<v1::MergeAgenciesRequest>();
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  std::vector<std::string> names(request->merged().begin(), request->merged().end());
  names.push_back(request->survivor());
  if (absl::Status allowed = call->Authorise(names); !allowed.ok()) return call->Fail(allowed);
  absl::StatusOr<WriteIdentity> identity = IdentityOf(*request);
  if (!identity.ok()) return call->Fail(identity.status());
  if (absl::Status valid = CheckRequest(request.get()); !valid.ok()) return call->Fail(valid);
  UnaryCall* raw = call.get();
  auto prepare = [raw, request](DirectoryReader* reader) {
    return MergePreparation(*request, raw->directory(), reader).Prepare();
  };
  auto answer = [request](const std::shared_ptr<UnaryCall>& answered,
                          const catalog::CommitResult& result) {
    // A survivor that had everything already is not among the names that were written.
    if (result.replayed) return ReplyWithRecord(answered, request->survivor());
    AnswerRecord(answered, result);
  };
  RunWrite(std::move(call), *std::move(identity), std::move(prepare), std::move(answer));
}

}  // namespace tandem::service
