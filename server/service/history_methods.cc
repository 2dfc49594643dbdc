// SPDX-License-Identifier: Apache-2.0

#include "service/history_methods.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "query/list_query.h"
#include "query/order_by.h"
#include "query/page_token.h"
#include "service/byte_buffer.h"
#include "service/record_history.h"
#include "service/wire_fields.h"
#include "tandem/v1/agency_service.pb.h"

namespace tandem::service {
namespace {

// Requests of all resources have the same fields under the same numbers (a test holds that), and so
// have the answers: a revision is {info = 1, record = 2}.
using ListRevisionsRequest = v1::ListAgencyRevisionsRequest;
constexpr int kInfoNumber = 1;
constexpr int kRecordNumber = 2;
constexpr int kCompactedNumber = 4;
// Room in a page for what is no revision.
constexpr size_t kPageOverhead = 4096;
// What the token's arguments say instead of an order.
constexpr std::string_view kOrder = "revisions";

// Where a page of a history starts: the revision below which it goes on.
class HistoryToken {
 public:
  HistoryToken(const model::ResourceTraits& resource, const Directory& directory,
               const std::string& name)
      : tokens_(*directory.tokens), name_(name), type_(resource.type) {}

  std::string Seal(store::Revision last, store::Revision read_revision) const {
    return tokens_.Seal(Arguments(),
                        {{query::SortValue(last), query::SortValue(name_)}, read_revision});
  }
  absl::StatusOr<store::Revision> Open(const std::string& token) const {
    ASSIGN_OR_RETURN(query::Order by_name, query::ParseOrderBy("", type_));
    ASSIGN_OR_RETURN(query::PagePosition position,
                     tokens_.Open(token, Arguments(), /*leading=*/1, by_name));
    return std::get<int64_t>(position.last.front());
  }

 private:
  query::ListArguments Arguments() const {
    return {model::CollectionOf(type_), name_, "", kOrder, false};
  }

  const query::PageTokens& tokens_;
  const std::string& name_;
  const model::RecordType type_;
};

// A page of a history under construction.
struct Page {
  std::string out;
  int count = 0;
  store::Revision last = 0;
};

absl::StatusOr<std::string> PageBytes(const model::ResourceTraits& resource,
                                      const Directory& directory,
                                      const ListRevisionsRequest& request, const std::string& id,
                                      const DirectoryReader& reader) {
  // A purged record has no history.
  RETURN_IF_ERROR(reader.Find(resource.type, id).status());
  const HistoryToken token(resource, directory, request.parent());
  store::Revision from = reader.revision();
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(store::Revision last, token.Open(request.page_token()));
    from = last - 1;
  }
  const int wanted = request.page_size() == 0 ? query::kDefaultPageSize
                                              : std::min(request.page_size(), query::kMaxPageSize);
  Page page;
  ASSIGN_OR_RETURN(
      HistoryEnd end, ReadHistory(resource, directory, id, from, [&](const HistoryStep& step) {
        std::string one;
        AppendField(kInfoNumber, step.info.SerializeAsString(), &one);
        if (request.include_records()) AppendField(kRecordNumber, step.bytes, &one);
        // The one that is too much tells that another page follows.
        if (page.count == wanted ||
            (page.count > 0 && page.out.size() + one.size() + kPageOverhead > kMaxResponseBytes)) {
          return false;
        }
        AppendField(kRecordsNumber, one, &page.out);
        ++page.count;
        page.last = step.info.revision();
        return true;
      }));
  if (end == HistoryEnd::kStopped) {
    AppendField(kTokenNumber, token.Seal(page.last, reader.revision()), &page.out);
  }
  AppendField(kRevisionNumber, reader.revision(), &page.out);
  if (end == HistoryEnd::kCompacted) AppendField(kCompactedNumber, int64_t{1}, &page.out);
  return std::move(page.out);
}

}  // namespace

void HandleListRevisions(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  auto request = std::make_shared<ListRevisionsRequest>();
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({&request->parent(), 1}); !allowed.ok()) {
    return call->Fail(allowed);
  }
  absl::StatusOr<std::string> id = model::ParseNameOf(resource.type, request->parent(), "parent");
  if (!id.ok()) return call->Fail(id.status());
  if (request->page_size() < 0) {
    return call->Fail(model::FieldsInvalid({{"page_size", "is negative"}}));
  }
  // Old versions lie on disk.
  RunOnWorker(call, [&resource, call, request, id = *std::move(id)] {
    DirectoryReader reader(call->directory(), /*may_block=*/true);
    absl::StatusOr<std::string> bytes =
        PageBytes(resource, call->directory(), *request, id, reader);
    if (!bytes.ok()) return call->Fail(bytes.status());
    call->Reply(MoveToBuffer(*std::move(bytes)), reader.revision());
  });
}

}  // namespace tandem::service
