// SPDX-License-Identifier: Apache-2.0

#include "service/reflection_v1.h"

#include <set>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"

namespace tandem::service {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using Request = ReflectionV1::Request;
using Response = ReflectionV1::Response;

void SetNotFound(const std::string& what, Response* response) {
  auto* error = response->mutable_error_response();
  error->set_error_code(grpc::StatusCode::NOT_FOUND);
  error->set_error_message(what + " not found");
}

// The file and, before it is asked for, everything it imports: tools build descriptors from one
// answer.
void AddFile(const FileDescriptor* file, std::set<const FileDescriptor*>* seen,
             Response* response) {
  if (!seen->insert(file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file->CopyTo(&proto);
  response->mutable_file_descriptor_response()->add_file_descriptor_proto(
      proto.SerializeAsString());
  for (int i = 0; i < file->dependency_count(); ++i) AddFile(file->dependency(i), seen, response);
}

void SetFile(const FileDescriptor* file, const std::string& what, Response* response) {
  if (file == nullptr) {
    SetNotFound(what, response);
    return;
  }
  std::set<const FileDescriptor*> seen;
  AddFile(file, &seen, response);
}

// Answers a stream's requests one by one.
class Reactor final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  explicit Reactor(const ReflectionV1* service) : service_(service) { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    response_ = service_->Answer(request_);
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (ok) {
      StartRead(&request_);
    } else {
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the caller went away"));
    }
  }
  void OnDone() override { delete this; }

 private:
  const ReflectionV1* const service_;
  Request request_;
  Response response_;
};

}  // namespace

grpc::ServerBidiReactor<Request, Response>* ReflectionV1::ServerReflectionInfo(
    grpc::CallbackServerContext* /*context*/) {
  return new Reactor(this);
}

Response ReflectionV1::Answer(const Request& request) const {
  Response response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  const DescriptorPool* pool = DescriptorPool::generated_pool();
  switch (request.message_request_case()) {
    case Request::kListServices:
      response.mutable_list_services_response();
      for (const std::string& name : services_) {
        response.mutable_list_services_response()->add_service()->set_name(name);
      }
      break;
    case Request::kFileByFilename:
      SetFile(pool->FindFileByName(request.file_by_filename()), request.file_by_filename(),
              &response);
      break;
    case Request::kFileContainingSymbol:
      SetFile(pool->FindFileContainingSymbol(request.file_containing_symbol()),
              request.file_containing_symbol(), &response);
      break;
    case Request::kFileContainingExtension: {
      const auto& wanted = request.file_containing_extension();
      const Descriptor* type = pool->FindMessageTypeByName(wanted.containing_type());
      const FieldDescriptor* extension =
          type == nullptr ? nullptr : pool->FindExtensionByNumber(type, wanted.extension_number());
      SetFile(extension == nullptr ? nullptr : extension->file(), wanted.containing_type(),
              &response);
      break;
    }
    case Request::kAllExtensionNumbersOfType: {
      const Descriptor* type = pool->FindMessageTypeByName(request.all_extension_numbers_of_type());
      if (type == nullptr) {
        SetNotFound(request.all_extension_numbers_of_type(), &response);
        break;
      }
      auto* numbers = response.mutable_all_extension_numbers_response();
      numbers->set_base_type_name(type->full_name());
      std::vector<const FieldDescriptor*> extensions;
      pool->FindAllExtensions(type, &extensions);
      for (const FieldDescriptor* extension : extensions)
        numbers->add_extension_number(extension->number());
      break;
    }
    default: {
      auto* error = response.mutable_error_response();
      error->set_error_code(grpc::StatusCode::INVALID_ARGUMENT);
      error->set_error_message("the request asks for nothing");
    }
  }
  return response;
}

}  // namespace tandem::service
