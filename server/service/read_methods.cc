// SPDX-License-Identifier: Apache-2.0

#include "service/read_methods.h"

#include <string>
#include <utility>

#include "catalog/unit_validity.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "query/executor.h"
#include "query/list_query.h"
#include "query/valid_on.h"
#include "service/byte_buffer.h"
#include "service/record_reading.h"
#include "service/wire_fields.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/region_service.pb.h"

namespace tandem::service {
namespace {

// List requests of all resources have the same fields under the same numbers (a test holds that),
// so one class reads them all. Regions have one more, which others refuse.
using ListRequest = v1::ListRegionsRequest;

// What a Get asks for.
struct Getting {
  std::string name;
  RecordReading reading;
  // Only if the record was valid on this day; empty: whenever it is.
  std::string as_of_date;
};

// Room in a page for what is not a record: the token, the revision.
constexpr size_t kPageOverhead = 4096;

// RESOURCE_NOT_FOUND when the record was not valid on the day.
absl::Status CheckValidOn(const model::ResourceTraits& resource, const std::string& id,
                          const std::string& day, const catalog::RowRef& row) {
  const catalog::UnitValidity days =
      catalog::ValidityOf(*catalog::UnitFields::Of(resource.type), *row.segment, row.row);
  if (days.IsValidOn(day)) return absl::OkStatus();
  const std::string name = model::FormatName(resource.type, id);
  return model::ResourceError(
      model::Reason::kResourceNotFound, resource.plural, name,
      StrCat(name, " was not valid on ", day, ": it is from ", days.from.empty() ? "…" : days.from,
             " to ", days.to.empty() ? "…" : days.to, days.superseded ? ", superseded" : ""),
      {{"name", name}, {"validFromDate", days.from}, {"validToDate", days.to}});
}

// Get requests of all resources have the same fields under the same numbers (a test holds that) but
// for what agencies and regions have beside them, which others refuse.
absl::Status ParseGet(const model::ResourceTraits& resource, const UnaryCall& call, Getting* get) {
  if (resource.type == model::RecordType::kAgency) {
    v1::GetAgencyRequest request;
    RETURN_IF_ERROR(call.Parse(&request));
    get->reading = {request.view(), request.read_revision(),
                    !request.unresolved() && request.read_revision() == 0};
    get->name = std::move(*request.mutable_name());
    return absl::OkStatus();
  }
  v1::GetRegionRequest request;
  RETURN_IF_ERROR(call.Parse(&request));
  get->reading = {request.view(), request.read_revision()};
  get->name = std::move(*request.mutable_name());
  get->as_of_date = std::move(*request.mutable_as_of_date());
  return absl::OkStatus();
}

// FIELD_INVALID when the day makes no sense here.
absl::Status CheckGetDay(const model::ResourceTraits& resource, const Getting& get) {
  if (get.as_of_date.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(query::CheckAsOfDate(resource.type, get.as_of_date));
  if (get.reading.read_revision == 0) return absl::OkStatus();
  return model::FieldsInvalid({{"as_of_date", "goes without read_revision"}});
}

void Get(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call,
         const std::string& id, const Getting& get, bool may_block) {
  DirectoryReader reader(call->directory(), may_block);
  const RecordReading& reading = get.reading;
  if (absl::Status readable = reading.Check(call->directory(), reader.revision()); !readable.ok()) {
    return call->Fail(readable);
  }
  if (!get.as_of_date.empty()) {
    absl::StatusOr<catalog::RowRef> row = reader.Find(resource.type, id);
    absl::Status valid = row.ok() ? CheckValidOn(resource, id, get.as_of_date, *row) : row.status();
    if (!valid.ok()) return call->Fail(valid);
  }
  absl::StatusOr<ShownRecord> record =
      ReadRecord(resource, call->directory(), reading, id, &reader);
  if (reader.missed()) {
    return RunOnWorker(call, [&resource, call, id, get] { Get(resource, call, id, get, true); });
  }
  if (!record.ok()) return call->Fail(record.status());
  call->Reply(CopyToBuffer(record->bytes()), reading.RevisionOf(reader.revision()));
}

// What a List asks for.
struct Listing {
  query::ListQuery query;
  RecordReading reading;
};

// Appends a page's records to `out`; returns how many fitted into an answer.
absl::StatusOr<size_t> AppendRecords(const model::ResourceTraits& resource,
                                     const query::ListPage& page, v1::ResourceView view,
                                     const Directory& directory, DirectoryReader* reader,
                                     std::string* out) {
  for (size_t i = 0; i < page.rows.size(); ++i) {
    const query::ListRow& row = page.rows[i];
    ASSIGN_OR_RETURN(ShownRecord record,
                     ReadVersion(resource, directory, view, row.id, row.revision, reader));
    if (out->size() + record.bytes().size() + kPageOverhead > kMaxResponseBytes) return i;
    AppendField(kRecordsNumber, record.bytes(), out);
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
                                      Listing listing, DirectoryReader* reader) {
  const Directory& directory = call.directory();
  query::ListQuery& query = listing.query;
  std::string out;
  ASSIGN_OR_RETURN(query::ListPage page, query::List(reader->view(), *directory.tokens, query));
  ASSIGN_OR_RETURN(size_t fitted,
                   AppendRecords(resource, page, listing.reading.view, directory, reader, &out));
  if (fitted < page.rows.size()) {
    // Large records: a shorter page of the same view, so that its token goes on behind it.
    query.page_size = static_cast<int32_t>(fitted);
    ASSIGN_OR_RETURN(page, query::List(reader->view(), *directory.tokens, query));
  }
  if (!page.next_page_token.empty()) AppendField(kTokenNumber, page.next_page_token, &out);
  AppendField(kRevisionNumber, page.revision, &out);
  return out;
}

void List(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call,
          const Listing& listing, bool may_block) {
  DirectoryReader reader(call->directory(), may_block);
  absl::Status there = CheckParentThere(resource, listing.query.parent, reader);
  if (!there.ok()) return call->Fail(there);
  absl::StatusOr<std::string> bytes = ListBytes(resource, *call, listing, &reader);
  if (reader.missed()) {
    return RunOnWorker(call, [&resource, call, listing] { List(resource, call, listing, true); });
  }
  if (!bytes.ok()) return call->Fail(bytes.status());
  call->Reply(MoveToBuffer(*std::move(bytes)), reader.revision());
}

}  // namespace

void HandleGet(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  Getting get;
  if (absl::Status parsed = ParseGet(resource, *call, &get); !parsed.ok()) {
    return call->Fail(parsed);
  }
  if (absl::Status allowed = call->Authorise({&get.name, 1}); !allowed.ok()) {
    return call->Fail(allowed);
  }
  absl::StatusOr<std::string> id = model::ParseNameOf(resource.type, get.name);
  if (!id.ok()) return call->Fail(id.status());
  if (absl::Status day = CheckGetDay(resource, get); !day.ok()) return call->Fail(day);
  Get(resource, std::move(call), *id, get, /*may_block=*/false);
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
  Listing listing{{}, {request.view(), 0}};
  absl::Status view = listing.reading.Check(call->directory(), 0);
  if (!view.ok()) return call->Fail(view);
  query::ListQuery& query = listing.query;
  query.type = resource.type;
  query.parent = request.parent();
  query.filter = request.filter();
  query.order_by = request.order_by();
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.show_deleted = request.show_deleted();
  query.as_of_date = request.as_of_date();
  query.scope = call->scope();
  query.deadline = call->deadline();
  List(resource, std::move(call), listing, /*may_block=*/false);
}

}  // namespace tandem::service
