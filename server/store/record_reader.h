// SPDX-License-Identifier: Apache-2.0

// Point reads of immutable record versions. Used by the services (bytes handed out unparsed) and by
// the match layer. Never serves a version whose checksum fails: RECORD_CORRUPT instead.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/record_type.h"
#include "store/log.h"

namespace tandem::store {

// Stored bytes held without a copy. Movable; keeps what it needs (a pinned cache block or its own
// string).
class RecordBytes {
 public:
  RecordBytes() = default;
  RecordBytes(std::shared_ptr<const void> owner, std::string_view bytes, uint32_t body_size)
      : owner_(std::move(owner)), bytes_(bytes), body_size_(body_size) {}
  // The record's wire form: body, then the server's tail (etag and times).
  std::string_view bytes() const { return bytes_; }
  // The bytes before the server's tail.
  std::string_view body() const { return bytes_.substr(0, body_size_); }
  // Keeps bytes() valid; hand it to whatever outlives this object.
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view bytes_;
  uint32_t body_size_ = 0;
};

// Thread-safe.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  // Reads one version; may block on disk. RESOURCE_NOT_FOUND when there is none, RECORD_CORRUPT
  // when damaged.
  virtual absl::StatusOr<RecordBytes> Read(model::RecordType type, std::string_view id,
                                           Revision revision) const = 0;

  // The same from memory only: nullopt in `found` terms is an empty optional when the block is not
  // cached, so that a reactor never waits for a disk.
  virtual absl::StatusOr<std::optional<RecordBytes>> ReadCached(model::RecordType type,
                                                                std::string_view id,
                                                                Revision revision) const = 0;
};

}  // namespace tandem::store
