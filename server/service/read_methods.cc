// SPDX-License-Identifier: Apache-2.0

#include "service/read_methods.h"

#include <string>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "match/match_runs.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "query/executor.h"
#include "query/list_query.h"
#include "service/byte_buffer.h"
#include "tandem/v1/agency_service.pb.h"

namespace tandem::service {
namespace {

// Every Get request is {name = 1} and every List request has the same fields under the same
// numbers (a test holds that), so one class reads them all.
using GetRequest = v1::GetAgencyRequest;
using ListRequest = v1::ListAgenciesRequest;

// Wire tags of every List answer: records = 1, next_page_token = 2, revision = 3.
constexpr char kRecordTag = 0x0A;
constexpr char kTokenTag = 0x12;
constexpr char kRevisionTag = 0x18;
// Room in a page for what is not a record: the token, the revision.
constexpr size_t kPageOverhead = 4096;

void AppendVarint(uint64_t value, std::string* out) {
  uint8_t bytes[10];
  uint8_t* end = google::protobuf::io::CodedOutputStream::WriteVarint64ToArray(value, bytes);
  out->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(end - bytes));
}

void AppendField(char tag, std::string_view bytes, std::string* out) {
  out->push_back(tag);
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

// The bytes a client gets for a stored record: the stored ones, except that a run at work tells how
// far it is.
absl::StatusOr<std::string> WithProgress(const Directory& directory, std::string_view bytes,
                                         std::string_view name) {
  v1::MatchRun run;
  RETURN_IF_ERROR(ParseStored(bytes, name, &run));
  if (!run.done() && directory.match_runs != nullptr) directory.match_runs->AddProgress(&run);
  return run.SerializeAsString();
}

void Get(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call,
         const std::string& id, bool may_block) {
  DirectoryReader reader(call->directory(), may_block);
  absl::StatusOr<catalog::RowRef> row = reader.Find(resource.type, id);
  if (!row.ok()) return call->Fail(row.status());
  absl::StatusOr<store::RecordBytes> bytes = reader.ReadBytes(resource.type, id, row->revision());
  if (reader.missed()) {
    return RunOnWorker(call, [&resource, call, id] { Get(resource, call, id, true); });
  }
  if (!bytes.ok()) return call->Fail(bytes.status());
  if (resource.type == model::RecordType::kMatchRun) {
    absl::StatusOr<std::string> run = WithProgress(call->directory(), bytes->bytes(), id);
    if (!run.ok()) return call->Fail(run.status());
    return call->Reply(MoveToBuffer(*std::move(run)), reader.revision());
  }
  call->Reply(CopyToBuffer(bytes->bytes()), reader.revision());
}

// Appends a page's records to `out`; returns how many fitted into an answer.
absl::StatusOr<size_t> AppendRecords(const model::ResourceTraits& resource,
                                     const query::ListPage& page, const Directory& directory,
                                     DirectoryReader* reader, std::string* out) {
  for (size_t i = 0; i < page.rows.size(); ++i) {
    const query::ListRow& row = page.rows[i];
    ASSIGN_OR_RETURN(store::RecordBytes bytes,
                     reader->ReadBytes(resource.type, row.id, row.revision));
    if (out->size() + bytes.bytes().size() + kPageOverhead > kMaxResponseBytes) return i;
    if (resource.type == model::RecordType::kMatchRun) {
      ASSIGN_OR_RETURN(std::string run, WithProgress(directory, bytes.bytes(), row.id));
      AppendField(kRecordTag, run, out);
    } else {
      AppendField(kRecordTag, bytes.bytes(), out);
    }
  }
  return page.rows.size();
}

// RESOURCE_NOT_FOUND when what is listed lies below a record that does not exist; a deleted one may
// be looked into.
absl::Status CheckParentThere(const model::ResourceTraits& resource, const std::string& parent,
                              const DirectoryReader& reader) {
  ASSIGN_OR_RETURN(std::string id, model::ParseListParent(resource.type, parent));
  if (id.empty()) return absl::OkStatus();
  return reader.Find(*resource.parent(), id).status();
}

absl::StatusOr<std::string> ListBytes(const model::ResourceTraits& resource, const UnaryCall& call,
                                      query::ListQuery query, DirectoryReader* reader) {
  const Directory& directory = call.directory();
  std::string out;
  ASSIGN_OR_RETURN(query::ListPage page, query::List(reader->view(), *directory.tokens, query));
  ASSIGN_OR_RETURN(size_t fitted, AppendRecords(resource, page, directory, reader, &out));
  if (fitted < page.rows.size()) {
    // Large records: a shorter page of the same view, so that its token goes on behind it.
    query.page_size = static_cast<int32_t>(fitted);
    ASSIGN_OR_RETURN(page, query::List(reader->view(), *directory.tokens, query));
  }
  if (!page.next_page_token.empty()) AppendField(kTokenTag, page.next_page_token, &out);
  out.push_back(kRevisionTag);
  AppendVarint(static_cast<uint64_t>(page.revision), &out);
  return out;
}

void List(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call,
          const query::ListQuery& query, bool may_block) {
  DirectoryReader reader(call->directory(), may_block);
  if (absl::Status parent = CheckParentThere(resource, query.parent, reader); !parent.ok()) {
    return call->Fail(parent);
  }
  absl::StatusOr<std::string> bytes = ListBytes(resource, *call, query, &reader);
  if (reader.missed()) {
    return RunOnWorker(call, [&resource, call, query] { List(resource, call, query, true); });
  }
  if (!bytes.ok()) return call->Fail(bytes.status());
  call->Reply(MoveToBuffer(*std::move(bytes)), reader.revision());
}

}  // namespace

void HandleGet(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  GetRequest request;
  if (absl::Status parsed = call->Parse(&request); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({&request.name(), 1}); !allowed.ok()) {
    return call->Fail(allowed);
  }
  absl::StatusOr<std::string> id = model::ParseNameOf(resource.type, request.name());
  if (!id.ok()) return call->Fail(id.status());
  Get(resource, std::move(call), *id, /*may_block=*/false);
}

void HandleList(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  ListRequest request;
  if (absl::Status parsed = call->Parse(&request); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({&request.parent(), 1}); !allowed.ok()) {
    return call->Fail(allowed);
  }
  absl::StatusOr<std::string> parent = model::ParseListParent(resource.type, request.parent());
  if (!parent.ok()) return call->Fail(parent.status());
  if (request.page_size() < 0) {
    return call->Fail(model::FieldsInvalid({{"page_size", "is negative"}}));
  }
  query::ListQuery query;
  query.type = resource.type;
  query.parent = request.parent();
  query.filter = request.filter();
  query.order_by = request.order_by();
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.show_deleted = request.show_deleted();
  query.scope = call->scope();
  query.deadline = call->deadline();
  List(resource, std::move(call), query, /*may_block=*/false);
}

}  // namespace tandem::service
