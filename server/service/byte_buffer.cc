// SPDX-License-Identifier: Apache-2.0

#include "service/byte_buffer.h"

#include <memory>
#include <utility>
#include <vector>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/field_rules.h"

namespace tandem::service {
namespace {

bool ParseStream(google::protobuf::io::ZeroCopyInputStream* stream,
                 google::protobuf::Message* message) {
  google::protobuf::io::CodedInputStream in(stream);
  in.SetRecursionLimit(kMaxMessageDepth);
  return message->ParseFromCodedStream(&in) && in.ConsumedEntireMessage();
}

void AppendVarint(uint64_t value, std::string* out) {
  uint8_t bytes[10];
  const uint8_t* end = google::protobuf::io::CodedOutputStream::WriteVarint64ToArray(value, bytes);
  out->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(end - bytes));
}

}  // namespace

grpc::ByteBuffer CopyToBuffer(std::string_view bytes) {
  grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer MoveToBuffer(std::string bytes) {
  auto* owner = new std::string(std::move(bytes));
  grpc::Slice slice(
      owner->data(), owner->size(), [](void* data) { delete static_cast<std::string*>(data); },
      owner);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer ToBuffer(const google::protobuf::Message& message) {
  return MoveToBuffer(message.SerializeAsString());
}

void AppendBytesField(int number, std::string_view bytes, std::string* out) {
  using google::protobuf::internal::WireFormatLite;
  AppendVarint(WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED), out);
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

void AppendVarintField(int number, uint64_t value, std::string* out) {
  using google::protobuf::internal::WireFormatLite;
  AppendVarint(WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_VARINT), out);
  AppendVarint(value, out);
}

absl::Status ParseMessage(const grpc::ByteBuffer& buffer, google::protobuf::Message* message) {
  bool parsed = false;
  if (buffer.Length() == 0) {
    parsed = true;
  } else if (grpc::Slice slice; buffer.TrySingleSlice(&slice).ok()) {
    google::protobuf::io::ArrayInputStream stream(slice.begin(), static_cast<int>(slice.size()));
    parsed = ParseStream(&stream, message);
  } else {
    // The reader wants a buffer it may change; a copy shares the slices.
    grpc::ByteBuffer copy(buffer);
    grpc::ProtoBufferReader stream(&copy);
    parsed = stream.status().ok() && ParseStream(&stream, message);
  }
  if (!parsed) {
    return model::FieldsInvalid(
        {{"", StrCat("the request is no well-formed ", message->GetDescriptor()->full_name(),
                     ", or holds text that is not UTF-8")}});
  }
  std::vector<model::FieldViolation> violations;
  model::CheckUnknownFields(*message, "", &violations);
  if (!violations.empty()) return model::FieldsInvalid(violations);
  return absl::OkStatus();
}

absl::Status ParseStored(std::string_view bytes, std::string_view name,
                         google::protobuf::Message* message) {
  if (message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::OkStatus();
  }
  return model::MakeError(model::Reason::kRecordCorrupt,
                          StrCat("the stored record ", name, " can't be read"), {{"name", name}});
}

}  // namespace tandem::service
