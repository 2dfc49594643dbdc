// SPDX-License-Identifier: Apache-2.0

#include "service/export_chunk.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "query/executor.h"
#include "query/list_query.h"
#include "query/order_by.h"
#include "query/page_token.h"
#include "query/version_row.h"
#include "service/record_reading.h"
#include "service/wire_fields.h"
#include "store/record_codec.h"

namespace tandem::service {
namespace {

// What a token's arguments say instead of an order, so that no list takes it.
constexpr std::string_view kOrder = "export";

query::ListArguments ArgumentsOf(const model::ResourceTraits& resource,
                                 const ExportRequest& request) {
  return {model::CollectionOf(resource.type), request.parent(), request.filter(), kOrder,
          request.show_deleted()};
}

}  // namespace

absl::StatusOr<ExportCursor> ExportCursor::Open(const model::ResourceTraits& resource,
                                                const Directory& directory,
                                                const ExportRequest& request, query::Scope scope) {
  ExportCursor cursor;
  cursor.resource_ = &resource;
  cursor.directory_ = &directory;
  cursor.request_ = request;
  query::ListQuery query;
  query.type = resource.type;
  query.parent = request.parent();
  query.filter = request.filter();
  query.show_deleted = request.show_deleted();
  query.scope = std::move(scope);
  std::shared_ptr<const catalog::View> view = directory.catalog->view();
  ASSIGN_OR_RETURN(query::Condition condition, query::WholeCondition(*view, query));
  cursor.condition_ = std::make_shared<const query::Condition>(std::move(condition));
  cursor.query_ = std::move(query);
  const store::Revision newest = view->revision();
  cursor.revision_ = newest;
  if (!request.filter().empty() || !request.parent().empty()) cursor.view_ = std::move(view);
  if (request.resume_token().empty()) return cursor;
  ASSIGN_OR_RETURN(query::Order by_name, query::ParseOrderBy("", resource.type));
  ASSIGN_OR_RETURN(
      query::PagePosition position,
      directory.tokens->Open(request.resume_token(), ArgumentsOf(resource, request), by_name));
  const std::string& name = std::get<std::string>(position.last.front());
  if (!name.empty()) {
    ASSIGN_OR_RETURN(cursor.last_id_, model::ParseNameOf(resource.type, name, "resume_token"));
  }
  cursor.revision_ = position.read_revision;
  if (cursor.revision_ != newest) cursor.view_ = nullptr;
  RETURN_IF_ERROR(CheckReadRevision(*directory.log, newest, cursor.revision_));
  return cursor;
}

std::string ExportCursor::Token() const {
  std::string name = last_id_.empty() ? "" : model::FormatName(resource_->type, last_id_);
  return directory_->tokens->Seal(ArgumentsOf(*resource_, request_),
                                  {{query::SortValue(std::move(name))}, revision_});
}

std::string ExportCursor::Message(std::string records, bool last) const {
  if (!last) AppendField(kTokenNumber, Token(), &records);
  AppendField(kRevisionNumber, revision_, &records);
  return records;
}

std::string ExportCursor::FirstMessage() const { return Message("", /*last=*/false); }

absl::StatusOr<bool> ExportCursor::Fits(std::string_view id, std::string_view bytes,
                                        uint32_t body_size, const catalog::View& view) const {
  if (condition_->children.empty()) {
    if (request_.show_deleted()) return true;
    ASSIGN_OR_RETURN(store::Tail tail, store::ParseTail(bytes.substr(body_size)));
    return tail.delete_time_ns == 0;
  }
  ASSIGN_OR_RETURN(std::unique_ptr<const query::VersionRow> row,
                   query::VersionRow::Read(resource_->type, id, bytes, body_size));
  if (row->deleted(0) && !request_.show_deleted()) return false;
  return row->Fits(*condition_, view);
}

void ExportCursor::Cut(size_t bytes, std::string* records,
                       std::deque<std::string>* messages) const {
  if (records->empty() || records->size() + bytes <= kExportMessageBytes) return;
  messages->push_back(Message(std::exchange(*records, {}), /*last=*/false));
}

absl::Status ExportCursor::Select() {
  const std::shared_ptr<const catalog::View> view = std::exchange(view_, nullptr);
  const auto share = static_cast<size_t>(view->Count(resource_->type) / kExportSelectedShare);
  const size_t most = std::min(kExportSelectedRecords, std::max<size_t>(share, 1));
  std::vector<query::ListRow> selected;
  RETURN_IF_ERROR(query::ForEachMatch(*view, query_, [&](const catalog::RowRef& row) {
    if (row.id() > last_id_) selected.push_back({std::string(row.id()), row.revision()});
    return selected.size() <= most;
  }));
  if (selected.size() > most) return absl::OkStatus();
  std::sort(selected.begin(), selected.end(),
            [](const query::ListRow& a, const query::ListRow& b) { return a.id < b.id; });
  selected_ = std::move(selected);
  return absl::OkStatus();
}

absl::StatusOr<std::deque<std::string>> ExportCursor::NextSelected() {
  std::deque<std::string> messages;
  std::string records;
  size_t bytes_held = 0;
  for (; next_selected_ < selected_->size() && bytes_held < kExportBufferBytes; ++next_selected_) {
    const query::ListRow& row = (*selected_)[next_selected_];
    const absl::StatusOr<store::RecordBytes> read =
        directory_->reader->Read(resource_->type, row.id, row.revision);
    // Purged meanwhile, or dropped with history, which is looked at below.
    if (absl::IsNotFound(read.status())) continue;
    RETURN_IF_ERROR(read.status());
    Cut(read->bytes().size(), &records, &messages);
    last_id_ = row.id;
    AppendField(kRecordsNumber, read->bytes(), &records);
    bytes_held += read->bytes().size();
  }
  RETURN_IF_ERROR(CheckReadRevision(*directory_->log, directory_->catalog->revision(), revision_));
  done_ = next_selected_ == selected_->size();
  messages.push_back(Message(std::move(records), done_));
  return messages;
}

absl::StatusOr<std::deque<std::string>> ExportCursor::NextMessages() {
  if (view_ != nullptr) RETURN_IF_ERROR(Select());
  if (selected_) return NextSelected();
  std::deque<std::string> messages;
  std::string records;
  size_t bytes_held = 0;
  int looked_at = 0;
  bool ended = true;
  absl::Status failed;
  const std::shared_ptr<const catalog::View> view = directory_->catalog->view();
  RETURN_IF_ERROR(directory_->log->ScanAt(
      resource_->type, revision_, last_id_,
      [&](model::RecordType, std::string_view id, store::Revision, std::string_view bytes,
          uint32_t body_size) {
        if (bytes_held >= kExportBufferBytes || looked_at == kExportStepRecords) {
          ended = false;
          return false;
        }
        ++looked_at;
        absl::StatusOr<bool> fits = Fits(id, bytes, body_size, *view);
        failed = fits.status();
        if (!failed.ok()) return false;
        if (*fits) Cut(bytes.size(), &records, &messages);
        last_id_.assign(id);
        if (*fits) {
          AppendField(kRecordsNumber, bytes, &records);
          bytes_held += bytes.size();
        }
        return true;
      }));
  RETURN_IF_ERROR(failed);
  // What was dropped while it was read would be missing.
  RETURN_IF_ERROR(CheckReadRevision(*directory_->log, view->revision(), revision_));
  done_ = ended;
  messages.push_back(Message(std::move(records), /*last=*/ended));
  return messages;
}

}  // namespace tandem::service
