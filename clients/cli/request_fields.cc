// SPDX-License-Identifier: Apache-2.0

#include "cli/request_fields.h"

namespace tandem::cli {

void SetText(google::protobuf::Message* request, const std::string& field,
             const std::string& value) {
  request->GetReflection()->SetString(request, request->GetDescriptor()->FindFieldByName(field),
                                      value);
}

void SetInt32(google::protobuf::Message* request, const std::string& field, int32_t value) {
  request->GetReflection()->SetInt32(request, request->GetDescriptor()->FindFieldByName(field),
                                     value);
}

void SetBool(google::protobuf::Message* request, const std::string& field, bool value) {
  request->GetReflection()->SetBool(request, request->GetDescriptor()->FindFieldByName(field),
                                    value);
}

bool HasField(const google::protobuf::Descriptor* type, const std::string& field) {
  return type->FindFieldByName(field) != nullptr;
}

int64_t Int64Field(const google::protobuf::Message& message, const std::string& field) {
  const auto* found = message.GetDescriptor()->FindFieldByName(field);
  return found == nullptr ? 0 : message.GetReflection()->GetInt64(message, found);
}

}  // namespace tandem::cli
