// SPDX-License-Identifier: Apache-2.0

#include "store/record_codec.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

#include "google/protobuf/timestamp.pb.h"
#include "model/absl_strings.h"
#include "model/error.h"

namespace tandem::store {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
constexpr int64_t kNanosPerSecond = 1'000'000'000;

constexpr uint32_t LengthDelimitedTag(int field) { return static_cast<uint32_t>(field) << 3U | 2U; }

void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80U));
    value >>= 7U;
  }
  out->push_back(static_cast<char>(value));
}

// google.protobuf.Timestamp {int64 seconds = 1; int32 nanos = 2;} under `field`.
void AppendTimestamp(int field, int64_t time_ns, std::string* out) {
  if (time_ns == 0) return;
  int64_t seconds = time_ns / kNanosPerSecond;
  int64_t nanos = time_ns % kNanosPerSecond;
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --seconds;
  }
  std::string message;
  if (seconds != 0) {
    message.push_back('\x08');
    AppendVarint(static_cast<uint64_t>(seconds), &message);
  }
  if (nanos != 0) {
    message.push_back('\x10');
    AppendVarint(static_cast<uint64_t>(nanos), &message);
  }
  AppendVarint(LengthDelimitedTag(field), out);
  AppendVarint(message.size(), out);
  out->append(message);
}

bool ReadBytes(CodedInputStream* in, std::string_view* bytes) {
  uint32_t size = 0;
  const void* data = nullptr;
  int available = 0;
  if (!in->ReadVarint32(&size)) return false;
  if (size == 0) {
    *bytes = {};
    return true;
  }
  if (!in->GetDirectBufferPointer(&data, &available)) return false;
  if (static_cast<uint32_t>(available) < size) return false;
  *bytes = std::string_view(static_cast<const char*>(data), size);
  return in->Skip(static_cast<int>(size));
}

std::optional<int64_t> ParseTimestamp(std::string_view bytes) {
  google::protobuf::Timestamp time;
  if (!time.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  return time.seconds() * kNanosPerSecond + time.nanos();
}

absl::Status TailDamaged() {
  return model::MakeError(model::Reason::kRecordCorrupt,
                          "the server's part of a stored record can't be read");
}

}  // namespace

int64_t PurgeTimeNs(int64_t delete_time_ns, absl::Duration purge_after) {
  return delete_time_ns + absl::ToInt64Nanoseconds(purge_after);
}

std::string AppendTail(std::string_view body, const Tail& tail) {
  constexpr size_t kLargestTail = 96;
  std::string bytes;
  bytes.reserve(body.size() + kLargestTail);
  bytes.append(body);
  AppendTimestamp(kCreateTimeField, tail.create_time_ns, &bytes);
  AppendTimestamp(kUpdateTimeField, tail.update_time_ns, &bytes);
  AppendTimestamp(kDeleteTimeField, tail.delete_time_ns, &bytes);
  AppendTimestamp(kPurgeTimeField, tail.purge_time_ns, &bytes);
  const std::string etag = EtagOf(tail.revision);
  AppendVarint(LengthDelimitedTag(kEtagField), &bytes);
  AppendVarint(etag.size(), &bytes);
  bytes.append(etag);
  return bytes;
}

absl::Status CheckBody(std::string_view body) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(body.data()), static_cast<int>(body.size()));
  while (uint32_t tag = in.ReadTag()) {
    const int field = WireFormatLite::GetTagFieldNumber(tag);
    if (field >= kCreateTimeField && field <= kEtagField) {
      return model::MakeError(model::Reason::kInternal, StrCat("a record's body holds field ",
                                                               field, ", which the server writes"));
    }
    if (!WireFormatLite::SkipField(&in, tag)) break;
  }
  if (!in.ConsumedEntireMessage()) {
    return model::MakeError(model::Reason::kInternal, "a record's body is no protobuf wire form");
  }
  return absl::OkStatus();
}

absl::StatusOr<Tail> ParseTail(std::string_view tail) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(tail.data()), static_cast<int>(tail.size()));
  Tail parsed;
  bool has_etag = false;
  uint32_t last_tag = 0;
  while (uint32_t tag = in.ReadTag()) {
    std::string_view bytes;
    // The etag comes last, nothing twice.
    if (tag <= last_tag || (tag & 7U) != 2U || !ReadBytes(&in, &bytes)) return TailDamaged();
    last_tag = tag;
    if (tag == LengthDelimitedTag(kEtagField)) {
      const std::optional<Revision> revision = ParseEtag(bytes);
      if (!revision) return TailDamaged();
      parsed.revision = *revision;
      has_etag = true;
      continue;
    }
    const std::optional<int64_t> time = ParseTimestamp(bytes);
    if (!time) return TailDamaged();
    switch (WireFormatLite::GetTagFieldNumber(tag)) {
      case kCreateTimeField:
        parsed.create_time_ns = *time;
        break;
      case kUpdateTimeField:
        parsed.update_time_ns = *time;
        break;
      case kDeleteTimeField:
        parsed.delete_time_ns = *time;
        break;
      case kPurgeTimeField:
        parsed.purge_time_ns = *time;
        break;
      default:
        return TailDamaged();
    }
  }
  if (!has_etag || !in.ConsumedEntireMessage()) return TailDamaged();
  return parsed;
}

std::string EtagOf(Revision revision) {
  auto rest = static_cast<uint64_t>(revision);
  std::string digits;
  do {
    digits.push_back(kDigits[rest & 31U]);
    rest >>= 5U;
  } while (rest != 0);
  std::reverse(digits.begin(), digits.end());
  return StrCat("\"", digits, "\"");
}

std::optional<Revision> ParseEtag(std::string_view etag) {
  // 63 bits take at most 13 digits, the first of them below 8.
  constexpr size_t kMaxDigits = 13;
  if (etag.size() < 3 || etag.front() != '"' || etag.back() != '"') return std::nullopt;
  const std::string_view digits = etag.substr(1, etag.size() - 2);
  if (digits.size() > kMaxDigits || digits.front() == '0') return std::nullopt;
  uint64_t value = 0;
  for (char digit : digits) {
    const size_t position = kDigits.find(digit);
    if (position == std::string_view::npos || value > (UINT64_MAX >> 6U)) return std::nullopt;
    value = (value << 5U) | position;
  }
  if (value > static_cast<uint64_t>(INT64_MAX)) return std::nullopt;
  return static_cast<Revision>(value);
}

}  // namespace tandem::store
