// SPDX-License-Identifier: Apache-2.0

#include "cpp/pager.h"

#include "absl/status/status.h"

#include "cpp/status_macros.h"

namespace tandem::client {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* FindText(const Message& message, const std::string& name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  const bool is_text = field != nullptr && !field->is_repeated() &&
                       field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  return is_text ? field : nullptr;
}

}  // namespace

Pager::Pager(const Client& client, const google::protobuf::MethodDescriptor& method,
             const Message& request)
    : client_(client), method_(method), request_(request.New()) {
  request_->CopyFrom(request);
}

absl::StatusOr<bool> Pager::Next(Message* page) {
  if (over_) return false;
  RETURN_IF_ERROR(client_.Call(method_, *request_, page));
  std::string token = TextField(*page, "next_page_token");
  // A server that repeats its token would keep a client turning for ever.
  if (!token.empty() && token == TextField(*request_, "page_token")) {
    return absl::InternalError("the server answered the same page token twice");
  }
  over_ = token.empty() || !SetTextField(request_.get(), "page_token", token);
  return true;
}

std::string TextField(const Message& message, const std::string& field) {
  const FieldDescriptor* found = FindText(message, field);
  return found == nullptr ? "" : message.GetReflection()->GetString(message, found);
}

bool SetTextField(Message* message, const std::string& field, const std::string& value) {
  const FieldDescriptor* found = FindText(*message, field);
  if (found == nullptr) return false;
  message->GetReflection()->SetString(message, found, value);
  return true;
}

}  // namespace tandem::client
