// SPDX-License-Identifier: Apache-2.0

#include "service/duplicate_methods.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/error.h"
#include "model/field_rules.h"
#include "model/record_rules.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "query/duplicate_candidates.h"
#include "query/duplicate_weights.h"
#include "query/executor.h"
#include "query/segment_rows.h"
#include "service/byte_buffer.h"
#include "tandem/v1/agency_identity.pb.h"

namespace tandem::service {
namespace {

using model::RecordType;

constexpr int32_t kDefaultCandidates = 20;
constexpr int32_t kMaxCandidates = 100;
constexpr int32_t kMaxSwept = 200;
// Of one agency of a sweep; a page of them fits into an answer.
constexpr size_t kMaxPairsOfOne = 20;

int32_t ThresholdOf(int32_t asked) { return asked == 0 ? query::kDuplicateThreshold : asked; }

// A candidate that weighs enough.
struct Weighed {
  catalog::RowRef row;
  v1::DuplicateCandidate candidate;
};

// The duplicates of `subject`, the heaviest first, then by name.
absl::StatusOr<std::vector<Weighed>> WeighAll(const v1::Agency& subject, const query::Scope& scope,
                                              int32_t threshold, DirectoryReader* reader) {
  const catalog::View& view = reader->view();
  const query::DuplicateWeigher weigher(subject, view.tree(RecordType::kRegion));
  std::vector<Weighed> found;
  v1::Agency other;
  for (const catalog::RowRef& row : query::FindDuplicateCandidates(view, subject, scope)) {
    ASSIGN_OR_RETURN(store::RecordBytes bytes,
                     reader->ReadBytes(RecordType::kAgency, row.id(), row.revision()));
    RETURN_IF_ERROR(ParseStored(bytes.bytes(), row.id(), &other));
    query::DuplicateWeight weight = weigher.Weigh(other);
    if (weight.total < threshold || weight.reasons.empty()) continue;
    Weighed& weighed = found.emplace_back();
    weighed.row = row;
    weighed.candidate.set_agency(other.name());
    weighed.candidate.set_display_name(other.display_name());
    weighed.candidate.set_weight_permille(weight.total);
    for (v1::DuplicateReason& reason : weight.reasons) {
      *weighed.candidate.add_reasons() = std::move(reason);
    }
  }
  std::sort(found.begin(), found.end(), [](const Weighed& a, const Weighed& b) {
    return a.candidate.weight_permille() != b.candidate.weight_permille()
               ? a.candidate.weight_permille() > b.candidate.weight_permille()
               : a.candidate.agency() < b.candidate.agency();
  });
  return found;
}

// The record whose duplicates are asked for.
absl::StatusOr<v1::Agency> SubjectOf(const v1::FindDuplicatesRequest& request,
                                     DirectoryReader* reader) {
  if (request.has_agency()) {
    v1::Agency draft = request.agency();
    // A draft has no name to be left out by.
    draft.clear_name();
    model::NormaliseAgency(&draft);
    return draft;
  }
  ASSIGN_OR_RETURN(std::string id, model::ParseNameOf(RecordType::kAgency, request.name()));
  ASSIGN_OR_RETURN(catalog::RowRef row, reader->FindResolved(RecordType::kAgency, id));
  if (row.deleted()) return NotFound(RecordType::kAgency, row.id());
  ASSIGN_OR_RETURN(const v1::Agency* agency,
                   reader->ReadAs<v1::Agency>(RecordType::kAgency, row.id()));
  return *agency;
}

absl::StatusOr<v1::FindDuplicatesResponse> Find(const v1::FindDuplicatesRequest& request,
                                                const query::Scope& scope,
                                                DirectoryReader* reader) {
  ASSIGN_OR_RETURN(const v1::Agency subject, SubjectOf(request, reader));
  ASSIGN_OR_RETURN(std::vector<Weighed> found,
                   WeighAll(subject, scope, ThresholdOf(request.min_weight_permille()), reader));
  const int32_t wanted =
      request.page_size() == 0 ? kDefaultCandidates : std::min(request.page_size(), kMaxCandidates);
  found.resize(std::min(found.size(), static_cast<size_t>(wanted)));
  v1::FindDuplicatesResponse response;
  for (Weighed& weighed : found) *response.add_candidates() = std::move(weighed.candidate);
  response.set_revision(reader->revision());
  return response;
}

// Which rows a sweep comes by itself, so that it gives no pair twice.
class SweptRows {
 public:
  SweptRows(const catalog::View& view, query::Condition condition)
      : view_(view), condition_(std::move(condition)), parts_(view.segments(RecordType::kAgency)) {}

  bool Has(const catalog::RowRef& row) {
    auto& rows = rows_[row.segment];
    if (rows == nullptr) {
      for (const catalog::SegmentView& part : parts_) {
        if (&part.segment() == row.segment) {
          rows = std::make_unique<query::SegmentRows>(condition_, view_, part, false);
        }
      }
    }
    return rows != nullptr && rows->Gives(row.row);
  }

 private:
  const catalog::View& view_;
  const query::Condition condition_;
  const std::vector<catalog::SegmentView> parts_;
  std::map<const catalog::Segment*, std::unique_ptr<query::SegmentRows>> rows_;
};

absl::StatusOr<v1::ListDuplicatesResponse> Sweep(const UnaryCall& call,
                                                 const v1::ListDuplicatesRequest& request,
                                                 DirectoryReader* reader) {
  query::ListQuery list;
  list.type = RecordType::kAgency;
  list.parent = request.parent();
  list.filter = request.filter();
  list.page_size = std::min(request.page_size(), kMaxSwept);
  list.page_token = request.page_token();
  list.scope = call.scope();
  list.deadline = call.deadline();
  const catalog::View& view = reader->view();
  ASSIGN_OR_RETURN(query::ListPage page, query::List(view, *call.directory().tokens, list));
  ASSIGN_OR_RETURN(query::Condition condition, query::WholeCondition(view, list));
  SweptRows swept(view, std::move(condition));
  v1::ListDuplicatesResponse response;
  for (const query::ListRow& row : page.rows) {
    RETURN_IF_ERROR(call.CheckStillWanted());
    ASSIGN_OR_RETURN(const v1::Agency* agency,
                     reader->ReadAs<v1::Agency>(RecordType::kAgency, row.id));
    ASSIGN_OR_RETURN(
        std::vector<Weighed> found,
        WeighAll(*agency, call.scope(), ThresholdOf(request.min_weight_permille()), reader));
    size_t pairs = 0;
    for (Weighed& weighed : found) {
      // The other one's turn comes, or came: the pair belongs to the first of the two.
      if (weighed.candidate.agency() < agency->name() && swept.Has(weighed.row)) continue;
      if (++pairs > kMaxPairsOfOne) break;
      v1::DuplicatePair* pair = response.add_pairs();
      pair->set_agency(agency->name());
      pair->set_display_name(agency->display_name());
      *pair->mutable_candidate() = std::move(weighed.candidate);
    }
  }
  response.set_next_page_token(std::move(page.next_page_token));
  response.set_revision(page.revision);
  return response;
}

// Checks what a request's own fields must keep to, then answers on a worker: records are read.
template <typename Request, typename Answer>
void Handle(std::shared_ptr<UnaryCall> call, std::shared_ptr<Request> request, Answer answer) {
  if (request->page_size() < 0) {
    return call->Fail(model::FieldsInvalid({{"page_size", "is negative"}}));
  }
  if (request->min_weight_permille() < 0 || request->min_weight_permille() > 1000) {
    return call->Fail(
        model::FieldsInvalid({{"min_weight_permille", "must be between 0 and 1000"}}));
  }
  RunOnWorker(call, [call, request, answer] {
    DirectoryReader reader(call->directory(), /*may_block=*/true);
    auto response = answer(*request, &reader);
    if (!response.ok()) return call->Fail(response.status());
    call->Reply(*response, reader.revision());
  });
}

}  // namespace

void HandleFindDuplicates(std::shared_ptr<UnaryCall> call) {
  auto request = std::make_shared<v1::FindDuplicatesRequest>();
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({&request->name(), 1}); !allowed.ok()) {
    return call->Fail(allowed);
  }
  if (request->subject_case() == v1::FindDuplicatesRequest::SUBJECT_NOT_SET) {
    return call->Fail(model::FieldsInvalid({{"name", "or agency is required"}}));
  }
  UnaryCall* raw = call.get();
  Handle(std::move(call), std::move(request),
         [raw](const v1::FindDuplicatesRequest& asked, DirectoryReader* reader) {
           return Find(asked, raw->scope(), reader);
         });
}

void HandleListDuplicates(std::shared_ptr<UnaryCall> call) {
  auto request = std::make_shared<v1::ListDuplicatesRequest>();
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({}); !allowed.ok()) return call->Fail(allowed);
  UnaryCall* raw = call.get();
  Handle(std::move(call), std::move(request),
         [raw](const v1::ListDuplicatesRequest& asked, DirectoryReader* reader) {
           return Sweep(*raw, asked, reader);
         });
}

}  // namespace tandem::service
