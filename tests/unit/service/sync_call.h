// SPDX-License-Identifier: Apache-2.0

// Syncs of agencies as a client makes them, and short ways to sources, conflicts and what the
// directory holds, for the sync tests of this folder.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grpcpp/client_context.h"
#include "model/absl_strings.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.grpc.pb.h"
#include "tandem/v1/field_conflict_service.pb.h"
#include "tandem/v1/source_service.pb.h"

namespace tandem::service {

// One import of agencies.
class SyncCall {
 public:
  explicit SyncCall(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::AgencyService::NewStub(channel)), stream_(stub_->ImportAgencies(&context_)) {}
  // Ends the call, whatever became of it.
  ~SyncCall() {
    if (finished_) return;
    context_.TryCancel();
    while (Receive()) continue;
    (void)stream_->Finish();
  }

  void Send(const v1::ImportAgenciesRequest& request) { (void)stream_->Write(request); }
  std::optional<v1::ImportResponse> Receive() {
    v1::ImportResponse response;
    if (!stream_->Read(&response)) return std::nullopt;
    return response;
  }
  CallResult Finish(std::vector<v1::ImportResponse>* rest = nullptr) {
    stream_->WritesDone();
    while (auto response = Receive()) {
      if (rest != nullptr) rest->push_back(*response);
    }
    finished_ = true;
    return MakeResult(context_, stream_->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::AgencyService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ImportAgenciesRequest, v1::ImportResponse>> stream_;
  bool finished_ = false;
};

struct SyncSettings {
  bool full = false;
  bool force = false;
  bool validate_only = false;
  std::string request_id = {};
  int64_t unread_count = 0;
  size_t chunk = 1000;
};

// Records of one source, for example Row("a1").
inline v1::Agency Row(const std::string& id, const std::string& title = "机构") {
  v1::Agency row;
  row.set_name(StrCat("agencies/", id));
  row.set_display_name(title);
  return row;
}

inline std::vector<v1::Agency> Rows(int count) {
  std::vector<v1::Agency> rows;
  for (int i = 0; i < count; ++i) rows.push_back(Row(StrCat("a", i), StrCat("机构", i)));
  return rows;
}

// All outcomes of received records.
inline int64_t SumOf(const v1::ImportCounts& counts) {
  return counts.created() + counts.updated() + counts.unchanged() + counts.skipped() +
         counts.failed() + counts.conflicted();
}

class SyncFixture : public ServiceFixture {
 protected:
  void MakeSource(const std::string& id, v1::SourceKind kind, int assurance_days = 0,
                  std::optional<int> protection = std::nullopt,
                  const std::vector<std::string>& groups = {}) {
    v1::CreateSourceRequest request;
    request.set_source_id(id);
    request.mutable_source()->set_display_name(id);
    request.mutable_source()->set_kind(kind);
    request.mutable_source()->set_assurance_days(assurance_days);
    if (protection) request.mutable_source()->set_protection_permille(*protection);
    for (const std::string& group : groups) request.mutable_source()->add_field_groups(group);
    CallOk("tandem.v1.SourceService/CreateSource", request);
  }

  static v1::ImportAgenciesRequest Options(const std::string& source, const SyncSettings& how) {
    v1::ImportAgenciesRequest request;
    v1::ImportOptions* options = request.mutable_options();
    options->set_request_id(how.request_id);
    options->set_validate_only(how.validate_only);
    options->mutable_sync()->set_source(StrCat("sources/", source));
    options->mutable_sync()->set_full(how.full);
    options->mutable_sync()->set_force(how.force);
    return request;
  }

  static v1::ImportAgenciesRequest End(int64_t records, int64_t unread = 0) {
    v1::ImportAgenciesRequest request;
    request.mutable_sync_end()->set_record_count(records);
    request.mutable_sync_end()->set_unread_count(unread);
    return request;
  }

  static v1::ImportAgenciesRequest ChunkOf(const std::vector<v1::Agency>& rows, size_t first,
                                           size_t last) {
    v1::ImportAgenciesRequest request;
    request.set_first_number(static_cast<int64_t>(first));
    for (size_t i = first; i <= last; ++i) *request.add_agencies() = rows[i - 1];
    return request;
  }

  // The whole sync; the last answer, with the errors of all.
  v1::ImportResponse Sync(const std::string& source, const std::vector<v1::Agency>& rows,
                          const SyncSettings& how = {}) {
    SyncCall call(channel());
    call.Send(Options(source, how));
    for (size_t first = 1; first <= rows.size(); first += how.chunk) {
      call.Send(ChunkOf(rows, first, std::min(rows.size(), first + how.chunk - 1)));
    }
    if (how.full) call.Send(End(static_cast<int64_t>(rows.size()), how.unread_count));
    std::vector<v1::ImportResponse> answers;
    CallResult end = call.Finish(&answers);
    EXPECT_TRUE(end.ok()) << end.status.error_message();
    if (answers.empty()) return {};
    v1::ImportResponse last = answers.back();
    last.clear_errors();
    for (const v1::ImportResponse& answer : answers)
      last.mutable_errors()->MergeFrom(answer.errors());
    EXPECT_EQ(SumOf(last.counts()), static_cast<int64_t>(rows.size())) << last.ShortDebugString();
    return last;
  }

  v1::Agency Get(const std::string& id) {
    v1::GetAgencyRequest request;
    request.set_name(StrCat("agencies/", id));
    return CallOk("tandem.v1.AgencyService/GetAgency", request).As<v1::Agency>();
  }

  // An update by a person of the fields in `paths`.
  v1::Agency Update(const v1::Agency& patch, const std::vector<std::string>& paths) {
    v1::UpdateAgencyRequest request;
    *request.mutable_agency() = patch;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return CallOk("tandem.v1.AgencyService/UpdateAgency", request).As<v1::Agency>();
  }

  std::vector<v1::Agency> AllAgencies(const std::string& filter = "") {
    v1::ListAgenciesRequest request;
    request.set_page_size(1000);
    request.set_filter(filter);
    std::vector<v1::Agency> all;
    do {
      auto page =
          CallOk("tandem.v1.AgencyService/ListAgencies", request).As<v1::ListAgenciesResponse>();
      for (v1::Agency& agency : *page.mutable_agencies()) all.push_back(std::move(agency));
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }

  std::vector<v1::FieldConflict> Conflicts(const std::string& filter = "") {
    v1::ListFieldConflictsRequest request;
    request.set_page_size(1000);
    request.set_filter(filter);
    auto page = CallOk("tandem.v1.FieldConflictService/ListFieldConflicts", request)
                    .As<v1::ListFieldConflictsResponse>();
    EXPECT_EQ(page.next_page_token(), "");
    return {page.field_conflicts().begin(), page.field_conflicts().end()};
  }

  CallResult Resolve(const std::string& conflict, const std::string& source,
                     const std::string& expiry = "") {
    v1::ResolveFieldConflictRequest request;
    request.set_name(conflict);
    request.set_source(source);
    request.set_expiry_date(expiry);
    return Call("tandem.v1.FieldConflictService/ResolveFieldConflict", request);
  }
};

}  // namespace tandem::service
