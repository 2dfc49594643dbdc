// SPDX-License-Identifier: Apache-2.0

#include "cpp/request_id.h"

#include <cstdint>
#include <random>

#include "absl/strings/str_format.h"

namespace tandem::client {

std::string NewRequestId() {
  // The system's entropy source: ids must not collide between processes that start together.
  std::random_device random;
  auto word = [&random] { return (uint64_t{random()} << 32) | random(); };
  const uint64_t high = (word() & 0xffffffffffff0fffULL) | 0x4000ULL;
  const uint64_t low = (word() & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32, (high >> 16) & 0xffff,
                         high & 0xffff, low >> 48, low & 0xffffffffffffULL);
}

void FillRequestId(google::protobuf::Message* request) {
  const auto* field = request->GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    return;
  }
  const auto* reflection = request->GetReflection();
  if (reflection->GetString(*request, field).empty()) {
    reflection->SetString(request, field, NewRequestId());
  }
}

}  // namespace tandem::client
