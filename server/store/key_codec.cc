// SPDX-License-Identifier: Apache-2.0

#include "store/key_codec.h"

namespace tandem::store {
namespace {

constexpr size_t kRevisionBytes = 8;
// type, at least one byte of id, NUL, revision.
constexpr size_t kMinRecordKeyBytes = 1 + 1 + 1 + kRevisionBytes;

void AppendBigEndian64(uint64_t value, std::string* out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>((value >> shift) & 0xFFU));
  }
}

uint64_t ReadBigEndian64(std::string_view bytes) {
  uint64_t value = 0;
  for (char byte : bytes.substr(0, kRevisionBytes)) {
    value = (value << 8U) | static_cast<unsigned char>(byte);
  }
  return value;
}

void AppendPart(std::string_view part, std::string* out) {
  const auto size = static_cast<uint32_t>(part.size());
  for (unsigned shift = 0; shift < 32; shift += 8) {
    out->push_back(static_cast<char>((size >> shift) & 0xFFU));
  }
  out->append(part);
}

}  // namespace

bool IsValidRecordId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxRecordIdBytes && id.find('\0') == std::string_view::npos;
}

void RecordKeyTo(model::RecordType type, std::string_view id, Revision revision, std::string* key) {
  key->clear();
  key->reserve(1 + id.size() + 1 + kRevisionBytes);
  key->push_back(static_cast<char>(type));
  key->append(id);
  key->push_back('\0');
  AppendBigEndian64(~static_cast<uint64_t>(revision), key);
}

std::string RecordKey(model::RecordType type, std::string_view id, Revision revision) {
  std::string key;
  RecordKeyTo(type, id, revision, &key);
  return key;
}

std::string RecordLowerBound(model::RecordType type, std::string_view id) {
  std::string key(1, static_cast<char>(type));
  key.append(id);
  if (!id.empty()) key.push_back('\0');
  return key;
}

std::string RecordUpperBound(model::RecordType type, std::string_view id) {
  std::string key(1, static_cast<char>(type));
  key.append(id);
  key.push_back('\x01');
  return key;
}

std::string RecordTypeEnd(model::RecordType type) {
  return std::string(1, static_cast<char>(static_cast<uint8_t>(type) + 1));
}

std::optional<RecordKeyParts> ParseRecordKey(std::string_view key) {
  if (key.size() < kMinRecordKeyBytes) return std::nullopt;
  const size_t id_end = key.size() - kRevisionBytes - 1;
  const std::string_view id = key.substr(1, id_end - 1);
  if (key[id_end] != '\0' || !IsValidRecordId(id)) return std::nullopt;
  const auto type = static_cast<uint8_t>(key[0]);
  const auto revision = static_cast<Revision>(~ReadBigEndian64(key.substr(id_end + 1)));
  if (type == 0 || revision <= 0) return std::nullopt;
  return RecordKeyParts{static_cast<model::RecordType>(type), id, revision};
}

std::string LogKey(Revision revision) {
  std::string key;
  AppendBigEndian64(static_cast<uint64_t>(revision), &key);
  return key;
}

std::optional<Revision> ParseLogKey(std::string_view key) {
  if (key.size() != kRevisionBytes) return std::nullopt;
  const auto revision = static_cast<Revision>(ReadBigEndian64(key));
  if (revision <= 0) return std::nullopt;
  return revision;
}

std::string RequestKey(std::string_view principal, std::string_view method,
                       std::string_view request_id) {
  std::string key;
  key.reserve(principal.size() + method.size() + request_id.size() + 8);
  AppendPart(principal, &key);
  AppendPart(method, &key);
  key.append(request_id);
  return key;
}

}  // namespace tandem::store
