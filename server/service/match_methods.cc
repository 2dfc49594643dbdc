// SPDX-License-Identifier: Apache-2.0

#include "service/match_methods.h"

#include <string>
#include <utility>
#include <vector>

#include "match/match_runs.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/error.h"
#include "model/excerpt.h"
#include "model/field_rules.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "query/list_query.h"
#include "query/page_token.h"
#include "tandem/v1/match_service.pb.h"

namespace tandem::service {
namespace {

using match::MatchRuns;
using model::RecordType;

constexpr std::string_view kService = "tandem.v1.MatchService/";

absl::Status CheckRunName(std::string_view name, std::string_view field) {
  return model::ParseNameOf(RecordType::kMatchRun, name, field).status();
}

// `matchRuns/{run}/matches/{id}`.
absl::Status CheckMatchName(std::string_view name) {
  constexpr std::string_view kInfix = "/matches/";
  size_t infix = name.find(kInfix);
  if (infix != std::string_view::npos && model::IsNameIn("matchRuns", name.substr(0, infix)) &&
      model::IsResourceId(name.substr(infix + kInfix.size()))) {
    return absl::OkStatus();
  }
  return model::FieldsInvalid(
      {{"name", StrCat("\"", model::Excerpt(name, 100), "\" is not matchRuns/{id}/matches/{id}")}});
}

absl::Status NoMatches() {
  return model::MakeError(model::Reason::kStateWrong, "this server runs no matches");
}

// What a request is about, for authorisation.
std::vector<std::string> NamesOf(const google::protobuf::Message& request) {
  for (const char* name : {"name", "parent"}) {
    const auto* field = request.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) return {request.GetReflection()->GetString(request, field)};
  }
  return {};
}

// Parses, authorises, checks the fields' rules, then answers what `method` gives on a worker.
// `method` is called with the request, the runs and the call, and returns StatusOr<Message>.
template <typename Request, typename Method>
UnaryHandler Handler(Method method) {
  return [method](std::shared_ptr<UnaryCall> call) {
    auto request = std::make_shared<Request>();
    if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
    if (absl::Status allowed = call->Authorise(NamesOf(*request)); !allowed.ok()) {
      return call->Fail(allowed);
    }
    MatchRuns* runs = call->directory().match_runs;
    if (runs == nullptr) return call->Fail(NoMatches());
    RunOnWorker(call, [call, request, runs, method] {
      auto answer = method(*request, runs, *call);
      if (!answer.ok()) return call->Fail(answer.status());
      call->Reply(*answer, call->directory().catalog->revision());
    });
  };
}

absl::StatusOr<v1::MatchRun> Create(const v1::CreateMatchRunRequest& request, MatchRuns* runs,
                                    const UnaryCall& call) {
  std::vector<model::FieldViolation> violations;
  if (!request.parent().empty()) {
    violations.push_back({"parent", "must be empty: match_runs lie at the top"});
  }
  if (!request.match_run_id().empty() && !model::IsResourceId(request.match_run_id())) {
    violations.push_back({"match_run_id", "is no id: 1 to 63 of a-z, 0-9 and inner dashes"});
  }
  if (!request.request_id().empty() && !model::IsUuid(request.request_id())) {
    violations.push_back({"request_id", "is no UUID"});
  }
  v1::CreateMatchRunRequest checked = request;
  // An absent run means: every field at its default, which is a run of the standing offers.
  model::ClearServerFields(checked.mutable_match_run());
  model::CheckFields(&checked, "", &violations);
  if (!violations.empty()) return model::FieldsInvalid(violations);
  return runs->CreateMatchRun(checked, call.principal());
}

absl::StatusOr<v1::MatchRun> Cancel(const v1::CancelMatchRunRequest& request, MatchRuns* runs,
                                    const UnaryCall& call) {
  RETURN_IF_ERROR(CheckRunName(request.name(), "name"));
  return runs->CancelMatchRun(request, call.principal());
}

// A page of results counts from the start of an immutable list: its token is an index.
query::Order IndexOrder() {
  static const catalog::IndexedField kIndex = [] {
    catalog::IndexedField field;
    field.path = "index";
    field.kind = catalog::FieldKind::kInteger;
    return field;
  }();
  query::Order order;
  order.keys.push_back({&kIndex, false});
  return order;
}

// Answers one page of results through `list(request, first, next)`.
template <typename Response, typename Request, typename List>
absl::StatusOr<Response> ListPage(const query::PageTokens* tokens, Request request,
                                  std::string_view collection, std::string_view arguments,
                                  List list) {
  RETURN_IF_ERROR(CheckRunName(request.parent(), "parent"));
  if (request.page_size() < 0) return model::FieldsInvalid({{"page_size", "is negative"}});
  if (request.page_size() == 0) request.set_page_size(query::kDefaultPageSize);
  if (request.page_size() > query::kMaxPageSize) request.set_page_size(query::kMaxPageSize);
  query::ListArguments list_arguments;
  list_arguments.collection = collection;
  list_arguments.parent = request.parent();
  list_arguments.filter = arguments;
  int64_t first = 0;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(query::PagePosition position,
                     tokens->Open(request.page_token(), list_arguments, IndexOrder()));
    first = std::get<int64_t>(position.last.front());
  }
  int64_t next = 0;
  ASSIGN_OR_RETURN(Response response, list(request, first, &next));
  if (next > 0) {
    query::PagePosition position;
    position.last.emplace_back(next);
    position.read_revision = response.revision();
    response.set_next_page_token(tokens->Seal(list_arguments, position));
  }
  return response;
}

}  // namespace

void AddMatchMethods(HandlerTable* table) {
  auto add = [&](std::string_view method, UnaryHandler handler) {
    table->unary.emplace(StrCat(kService, method), std::move(handler));
  };
  add("CreateMatchRun", Handler<v1::CreateMatchRunRequest>(Create));
  add("CancelMatchRun", Handler<v1::CancelMatchRunRequest>(Cancel));
  add("ListMatches", Handler<v1::ListMatchesRequest>(
                         [](const auto& request, MatchRuns* runs, const UnaryCall& call) {
                           return ListPage<v1::ListMatchesResponse>(
                               call.directory().tokens, request, "matches", "",
                               [runs](const auto& page, int64_t first, int64_t* next) {
                                 return runs->ListMatches(page, first, next);
                               });
                         }));
  add("ListMatchOutcomes",
      Handler<v1::ListMatchOutcomesRequest>(
          [](const auto& request, MatchRuns* runs, const UnaryCall& call) {
            return ListPage<v1::ListMatchOutcomesResponse>(
                call.directory().tokens, request, "outcomes",
                StrCat(static_cast<int>(request.side()), request.unmatched_only() ? "u" : ""),
                [runs](const auto& page, int64_t first, int64_t* next) {
                  return runs->ListMatchOutcomes(page, first, next);
                });
          }));
  add("ExplainMatch", Handler<v1::ExplainMatchRequest>(
                          [](const auto& request, MatchRuns* runs,
                             const UnaryCall&) -> absl::StatusOr<v1::ExplainMatchResponse> {
                            RETURN_IF_ERROR(CheckMatchName(request.name()));
                            return runs->ExplainMatch(request);
                          }));
  add("WhyNotMatch",
      Handler<v1::WhyNotMatchRequest>([](const auto& request, MatchRuns* runs, const UnaryCall&)
                                          -> absl::StatusOr<v1::WhyNotMatchResponse> {
        RETURN_IF_ERROR(CheckRunName(request.name(), "name"));
        std::vector<model::FieldViolation> violations;
        if (request.need().empty() && request.offer().empty()) {
          violations.push_back({"need", "name a need, an offer or both"});
        }
        if (!request.need().empty() && !model::IsNameIn("needs", request.need())) {
          violations.push_back({"need", "is not needs/{id}"});
        }
        if (!request.offer().empty() && !model::IsNameIn("offers", request.offer())) {
          violations.push_back({"offer", "is not offers/{id}"});
        }
        if (!violations.empty()) return model::FieldsInvalid(violations);
        return runs->WhyNotMatch(request);
      }));
  add("VerifyMatchRun",
      Handler<v1::VerifyMatchRunRequest>([](const auto& request, MatchRuns* runs,
                                            const UnaryCall&) -> absl::StatusOr<v1::VerifyReport> {
        RETURN_IF_ERROR(CheckRunName(request.name(), "name"));
        return runs->VerifyMatchRun(request);
      }));
}

}  // namespace tandem::service
