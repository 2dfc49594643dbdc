// SPDX-License-Identifier: Apache-2.0

#include "service/change_methods.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/field_rules.h"
#include "model/status_macros.h"
#include "query/list_query.h"
#include "query/page_token.h"
#include "service/byte_buffer.h"
#include "service/call.h"
#include "service/change_page.h"
#include "service/change_selection.h"
#include "service/watch_stream.h"

namespace tandem::service {
namespace {

// Room in an answer for the token and the rest.
constexpr size_t kPageOverhead = 4096;
// Revisions one page looks through: some ten milliseconds of a filter that nothing fits.
constexpr size_t kMaxRevisions = 20'000;

// One ListChanges from its check to its answer; may be tried once on gRPC's thread and once on a
// worker.
struct ListCall {
  std::shared_ptr<UnaryCall> call;
  v1::ListChangesRequest request;
  ChangeSelection selection;
  ChangePosition from;
  ChangePageLimits limits;
};

// What a page token of this request belongs to.
struct TokenArguments {
  explicit TokenArguments(const v1::ListChangesRequest& request) {
    for (const std::string& collection : request.collections()) {
      StrAppend(&what, collection, ",");
    }
    StrAppend(&what, request.start_revision(), request.include_previous() ? " previous" : "");
    arguments.collection = "changes";
    arguments.parent = what;
    arguments.filter = request.filter();
  }
  std::string what;
  query::ListArguments arguments;
};

absl::StatusOr<ChangePosition> StartOf(const v1::ListChangesRequest& request,
                                       const Directory& directory) {
  if (request.page_token().empty()) {
    const store::Revision given = request.start_revision();
    return ChangePosition{given == 0 ? directory.log->LogStart() : given, 0};
  }
  const TokenArguments token(request);
  ASSIGN_OR_RETURN(
      query::PagePosition position,
      directory.tokens->Open(request.page_token(), token.arguments, /*leading=*/1, query::Order{}));
  return ChangePosition{position.read_revision,
                        static_cast<size_t>(std::get<int64_t>(position.last.front()))};
}

absl::Status Prepare(ListCall* list) {
  UnaryCall& call = *list->call;
  v1::ListChangesRequest& request = list->request;
  RETURN_IF_ERROR(call.Parse(&request));
  const std::vector<std::string> collections(request.collections().begin(),
                                             request.collections().end());
  RETURN_IF_ERROR(call.Authorise(collections));
  std::vector<model::FieldViolation> violations;
  if (!request.parent().empty()) {
    violations.push_back({"parent", "must be empty: changes lie at the top"});
  }
  if (request.page_size() < 0) violations.push_back({"page_size", "is negative"});
  // A token is as long as it is and says itself when it is none.
  std::string token = std::move(*request.mutable_page_token());
  request.clear_page_token();
  model::CheckFields(&request, "", &violations);
  request.set_page_token(std::move(token));
  if (!violations.empty()) return model::FieldsInvalid(violations);
  ASSIGN_OR_RETURN(list->selection,
                   ChangeSelection::Make(collections, request.filter(), request.include_previous(),
                                         call.scope()));
  ASSIGN_OR_RETURN(list->from, StartOf(request, call.directory()));
  RETURN_IF_ERROR(call.directory().changes->CheckStart(list->from.revision));
  const int32_t size = request.page_size() == 0 ? query::kDefaultPageSize : request.page_size();
  list->limits.events = static_cast<size_t>(std::min(size, query::kMaxPageSize));
  list->limits.bytes = kMaxResponseBytes - kPageOverhead;
  list->limits.revisions = kMaxRevisions;
  return absl::OkStatus();
}

// The wire form of the answer: the changes as they are, then the rest.
std::string AnswerOf(const ListCall& list, const ChangePage& page, const v1::KeptHistory& kept) {
  v1::ListChangesResponse rest;
  if (!page.at_end) {
    query::PagePosition position;
    position.last.emplace_back(static_cast<int64_t>(page.next.offset));
    position.read_revision = page.next.revision;
    const TokenArguments token(list.request);
    rest.set_next_page_token(list.call->directory().tokens->Seal(token.arguments, position));
  }
  rest.set_revision(page.revision());
  rest.set_continued(page.continued());
  *rest.mutable_history() = kept;
  std::string bytes;
  for (const grpc::Slice& event : page.events) {
    bytes.append(reinterpret_cast<const char*>(event.begin()), event.size());
  }
  return bytes + rest.SerializeAsString();
}

void List(const std::shared_ptr<ListCall>& list, bool may_block) {
  const Directory& directory = list->call->directory();
  VersionSource source{directory.reader, directory.log, directory.catalog, may_block};
  absl::StatusOr<ChangePage> page = ReadChangePage(
      *directory.changes, list->selection, *directory.catalog, list->from, list->limits, &source);
  std::optional<v1::KeptHistory> kept;
  if (!source.missed && page.ok()) kept = directory.changes->Kept(may_block);
  if (source.missed || (page.ok() && !kept)) {
    return RunOnWorker(list->call, [list] { List(list, /*may_block=*/true); });
  }
  if (!page.ok()) return list->call->Fail(page.status());
  list->call->Reply(MoveToBuffer(AnswerOf(*list, *page, *kept)), page->revision());
}

void HandleListChanges(std::shared_ptr<UnaryCall> call) {
  auto list = std::make_shared<ListCall>();
  list->call = std::move(call);
  if (absl::Status prepared = Prepare(list.get()); !prepared.ok()) {
    return list->call->Fail(prepared);
  }
  List(list, /*may_block=*/false);
}

}  // namespace

void AddChangeMethods(const Directory* directory, HandlerTable* table) {
  table->unary.emplace("tandem.v1.ChangeService/ListChanges", HandleListChanges);
  table->server_stream.emplace(
      "tandem.v1.ChangeService/Watch",
      [directory](const MethodRule* rule, grpc::CallbackServerContext* context,
                  const grpc::ByteBuffer* request) {
        return StartWatch(directory, rule, context, request);
      });
}

}  // namespace tandem::service
