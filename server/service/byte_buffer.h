// SPDX-License-Identifier: Apache-2.0

// Between gRPC's byte buffers and our messages and strings. Stored records go out through here
// unparsed.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"

namespace tandem::service {

// Deepest nesting of a message that is read.
inline constexpr int kMaxMessageDepth = 32;

// A buffer with a copy of `bytes`.
grpc::ByteBuffer CopyToBuffer(std::string_view bytes);
// A buffer that takes `bytes` over.
grpc::ByteBuffer MoveToBuffer(std::string bytes);
// A buffer with the wire form of `message`.
grpc::ByteBuffer ToBuffer(const google::protobuf::Message& message);

// Reads `message` from `buffer`. FIELD_INVALID when the bytes are no such message, nest too deep or
// hold text that is not UTF-8, and when the message itself holds fields this server does not know.
absl::Status ParseMessage(const grpc::ByteBuffer& buffer, google::protobuf::Message* message);

// Reads `message` from stored bytes. RECORD_CORRUPT when they are none.
absl::Status ParseStored(std::string_view bytes, std::string_view name,
                         google::protobuf::Message* message);

// Appends field `number` with a message or text given as bytes, or with an integer: for answers put
// together from stored bytes.
void AppendBytesField(int number, std::string_view bytes, std::string* out);
void AppendVarintField(int number, uint64_t value, std::string* out);

}  // namespace tandem::service
