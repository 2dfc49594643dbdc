// SPDX-License-Identifier: Apache-2.0

// What an export sends: the records of a collection as it was at one revision, cut into messages.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/resource_traits.h"
#include "query/condition.h"
#include "query/list_query.h"
#include "query/scope.h"
#include "service/directory.h"
#include "tandem/v1/agency_service.pb.h"

namespace tandem::service {

// Export requests of all resources have the same fields under the same numbers (a test holds that).
using ExportRequest = v1::ExportAgenciesRequest;

// A message has about so many bytes of records; a single record may be larger.
inline constexpr size_t kExportMessageBytes = size_t{64} << 10U;
// What is read ahead of the client, and thus what an export holds in memory.
inline constexpr size_t kExportBufferBytes = size_t{512} << 10U;
// Records looked at before a message goes out, with those that fit: a client hears how far it is
// even when none does, and one export does not hold a thread for long.
inline constexpr int kExportStepRecords = 20'000;
// An export that selects at most so many records, and at most one in kExportSelectedShare of the
// collection, looks them up in the catalog and reads those alone; another one reads the whole
// collection. Bounds what it keeps of their names.
inline constexpr size_t kExportSelectedRecords = size_t{1} << 16U;
inline constexpr int64_t kExportSelectedShare = 4;

// Where an export is, and what is asked of the records. One thread at a time.
class ExportCursor {
 public:
  // Reads the request: from the start at the newest revision, or from its resume token on.
  // FIELD_INVALID, FILTER_INVALID, PAGE_TOKEN_INVALID, PAGE_TOKEN_MISMATCH, REVISION_COMPACTED,
  // HISTORY_CHANGED.
  static absl::StatusOr<ExportCursor> Open(const model::ResourceTraits& resource,
                                           const Directory& directory, const ExportRequest& request,
                                           query::Scope scope);

  store::Revision revision() const { return revision_; }
  // Whether the last message was made.
  bool done() const { return done_; }

  // The message that tells the revision and nothing else.
  std::string FirstMessage() const;
  // The next messages, at least one; the last of all has no resume token. May block.
  // REVISION_COMPACTED when history was dropped meanwhile, RECORD_CORRUPT.
  absl::StatusOr<std::deque<std::string>> NextMessages();

 private:
  ExportCursor() = default;
  std::string Token() const;
  absl::StatusOr<bool> Fits(std::string_view id, std::string_view bytes, uint32_t body_size,
                            const catalog::View& view) const;
  // Looks up which records fit while the catalog still shows the revision that is read, so that an
  // export costs with its answer.
  absl::Status Select();
  absl::StatusOr<std::deque<std::string>> NextSelected();
  // The message of `records` ends when `bytes` more would make it too long.
  void Cut(size_t bytes, std::string* records, std::deque<std::string>* messages) const;
  // Ends a message of `records`, tags included.
  std::string Message(std::string records, bool last) const;

  const model::ResourceTraits* resource_ = nullptr;
  const Directory* directory_ = nullptr;
  ExportRequest request_;
  // Filter and scope; shared, as VersionRow borrows it.
  std::shared_ptr<const query::Condition> condition_;
  store::Revision revision_ = 0;
  query::ListQuery query_;
  // The catalog at revision_, until Select; null when there is nothing to select or it went on.
  std::shared_ptr<const catalog::View> view_;
  // By id; empty when the whole collection is read.
  std::optional<std::vector<query::ListRow>> selected_;
  size_t next_selected_ = 0;
  // The last record that was looked at.
  std::string last_id_;
  bool done_ = false;
};

}  // namespace tandem::service
