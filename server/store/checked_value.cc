// SPDX-License-Identifier: Apache-2.0

#include "store/checked_value.h"

#include <xxhash.h>

namespace tandem::store {
namespace {

constexpr size_t kBodySizeBytes = 4;
constexpr size_t kChecksumBytes = 8;

uint64_t Checksum(std::string_view key, std::string_view payload, uint32_t body_size) {
  const uint64_t seed = XXH3_64bits_withSeed(key.data(), key.size(), body_size);
  return XXH3_64bits_withSeed(payload.data(), payload.size(), seed);
}

void WriteLittleEndian(uint64_t value, size_t bytes, char* out) {
  for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<char>((value >> (8 * i)) & 0xFFU);
}

uint64_t ReadLittleEndian(const char* in, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = bytes; i > 0; --i) value = (value << 8U) | static_cast<unsigned char>(in[i - 1]);
  return value;
}

}  // namespace

std::array<char, kValueTrailerBytes> ValueTrailer(std::string_view key, std::string_view payload,
                                                  uint32_t body_size) {
  std::array<char, kValueTrailerBytes> trailer;
  WriteLittleEndian(body_size, kBodySizeBytes, trailer.data());
  WriteLittleEndian(Checksum(key, payload, body_size), kChecksumBytes,
                    trailer.data() + kBodySizeBytes);
  return trailer;
}

std::string SealValue(std::string_view key, std::string_view payload) {
  const auto trailer = ValueTrailer(key, payload, static_cast<uint32_t>(payload.size()));
  std::string stored;
  stored.reserve(payload.size() + trailer.size());
  stored.append(payload);
  stored.append(trailer.data(), trailer.size());
  return stored;
}

std::optional<CheckedValue> OpenValue(std::string_view key, std::string_view stored) {
  if (stored.size() < kValueTrailerBytes) return std::nullopt;
  const std::string_view payload = stored.substr(0, stored.size() - kValueTrailerBytes);
  const char* trailer = payload.data() + payload.size();
  const auto body_size = static_cast<uint32_t>(ReadLittleEndian(trailer, kBodySizeBytes));
  const uint64_t checksum = ReadLittleEndian(trailer + kBodySizeBytes, kChecksumBytes);
  if (body_size > payload.size() || checksum != Checksum(key, payload, body_size))
    return std::nullopt;
  return CheckedValue{payload, body_size};
}

}  // namespace tandem::store
