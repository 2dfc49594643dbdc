// SPDX-License-Identifier: Apache-2.0

// How every value lies on disk: payload, u32 body size, u64 checksum over key, payload and body
// size. RocksDB checks its blocks and log records; this one goes with the value through memory and
// catches a value that lies under another key.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tandem::store {

// Bytes behind the payload.
inline constexpr size_t kValueTrailerBytes = 12;

// A value as read; payload points into the stored bytes.
struct CheckedValue {
  std::string_view payload;
  // For records: how many bytes of the payload lie before the server's tail. Elsewhere the
  // payload's size.
  uint32_t body_size = 0;
};

// The trailer that belongs behind `payload` under `key`.
std::array<char, kValueTrailerBytes> ValueTrailer(std::string_view key, std::string_view payload,
                                                  uint32_t body_size);

// Payload and trailer; the body is the whole payload.
std::string SealValue(std::string_view key, std::string_view payload);

// Nullopt when the stored bytes are damaged or belong to another key.
std::optional<CheckedValue> OpenValue(std::string_view key, std::string_view stored);

}  // namespace tandem::store
