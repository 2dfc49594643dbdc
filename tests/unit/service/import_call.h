// SPDX-License-Identifier: Apache-2.0

// An import of service categories as a client makes it, and short ways to its messages, for the
// import tests of this folder.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "category_model.h"
#include "model/absl_strings.h"
#include "service_fixture.h"
#include "tandem/v1/service_category_service.grpc.pb.h"

namespace tandem::service {

using ImportRequest = v1::ImportServiceCategoriesRequest;

// One import of service categories.
class ImportCall {
 public:
  explicit ImportCall(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::ServiceCategoryService::NewStub(channel)),
        stream_(stub_->ImportServiceCategories(&context_)) {}
  // Ends the call, whatever became of it: a failed assertion must not leave it open.
  ~ImportCall() {
    if (finished_) return;
    context_.TryCancel();
    while (Receive()) continue;
    (void)stream_->Finish();
  }

  void Send(const ImportRequest& request) { (void)stream_->Write(request); }
  std::optional<v1::ImportResponse> Receive() {
    v1::ImportResponse response;
    if (!stream_->Read(&response)) return std::nullopt;
    return response;
  }
  // Sends no more and reads what is left into `rest`.
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
  std::unique_ptr<v1::ServiceCategoryService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<ImportRequest, v1::ImportResponse>> stream_;
  bool finished_ = false;
};

inline v1::ServiceCategory Category(const std::string& id,
                                    const std::string& display_name = "term") {
  v1::ServiceCategory category;
  category.set_name(CategoryName(id));
  category.set_display_name(display_name);
  category.set_taxonomy("fields");
  return category;
}

inline std::vector<v1::ServiceCategory> Categories(int count) {
  std::vector<v1::ServiceCategory> records;
  for (int i = 0; i < count; ++i) records.push_back(Category(StrCat("c", i)));
  return records;
}

// Records number first..last (from 1) of `records` as one message.
inline ImportRequest Chunk(const std::vector<v1::ServiceCategory>& records, size_t first,
                           size_t last) {
  ImportRequest request;
  request.set_first_number(static_cast<int64_t>(first));
  for (size_t i = first; i <= last; ++i) *request.add_service_categories() = records[i - 1];
  return request;
}

inline ImportRequest OptionsOnly(v1::ImportConflictRule rule, const std::string& request_id = "",
                                 bool validate_only = false) {
  ImportRequest request;
  request.mutable_options()->set_on_conflict(rule);
  request.mutable_options()->set_request_id(request_id);
  request.mutable_options()->set_validate_only(validate_only);
  return request;
}

inline int64_t Sum(const v1::ImportCounts& counts) {
  return counts.created() + counts.updated() + counts.unchanged() + counts.skipped() +
         counts.failed();
}

class ImportStreamTest : public ServiceFixture {
 protected:
  // All records in one chunk; returns the answer to them.
  v1::ImportResponse Import(const std::vector<v1::ServiceCategory>& records,
                            const ImportRequest& options) {
    ImportCall call(channel());
    call.Send(options);
    call.Send(Chunk(records, 1, records.size()));
    std::vector<v1::ImportResponse> answers;
    CallResult end = call.Finish(&answers);
    EXPECT_TRUE(end.ok()) << end.status.error_message();
    return answers.empty() ? v1::ImportResponse() : answers.back();
  }

  // Every record there is, deleted ones too, by id.
  std::map<std::string, v1::ServiceCategory> All() {
    v1::ListServiceCategoriesRequest list;
    list.set_page_size(1000);
    list.set_show_deleted(true);
    auto page = CallOk("tandem.v1.ServiceCategoryService/ListServiceCategories", list)
                    .As<v1::ListServiceCategoriesResponse>();
    EXPECT_EQ(page.next_page_token(), "");
    std::map<std::string, v1::ServiceCategory> all;
    for (const v1::ServiceCategory& record : page.service_categories()) {
      all.emplace(record.name().substr(CategoryName("").size()), record);
    }
    return all;
  }

  void Delete(const std::string& id) {
    v1::DeleteServiceCategoryRequest request;
    request.set_name(CategoryName(id));
    CallOk("tandem.v1.ServiceCategoryService/DeleteServiceCategory", request);
  }
};

}  // namespace tandem::service
