// SPDX-License-Identifier: Apache-2.0

// What the services work with, and how one request reads the directory: one view, stored versions
// from memory where they are, from disk only on a thread that may wait.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/catalog.h"
#include "catalog/committer.h"
#include "catalog/view.h"
#include "google/protobuf/message.h"
#include "model/clock.h"
#include "model/record_type.h"
#include "query/page_token.h"
#include "service/authoriser.h"
#include "service/grpc_status.h"
#include "service/worker_pool.h"
#include "store/log.h"
#include "store/record_reader.h"

namespace tandem::match {
class MatchRuns;
}

namespace tandem::plugin {
class PluginRegistry;
}

namespace tandem::service {

class ChangeHub;

// The parts below the services. All outlive the services; all are thread-safe.
struct Directory {
  const catalog::Catalog* catalog = nullptr;
  const store::Log* log = nullptr;
  const store::RecordReader* reader = nullptr;
  catalog::Committer* committer = nullptr;
  // Where watchers hear of commits.
  ChangeHub* changes = nullptr;
  // Seals the page tokens of lists and of results.
  const query::PageTokens* tokens = nullptr;
  WorkerPool* workers = nullptr;
  const model::Clock* clock = nullptr;
  const Authoriser* authoriser = nullptr;
  // Null: this server runs no matches.
  match::MatchRuns* match_runs = nullptr;
  // Null: this server has no plugin directory.
  plugin::PluginRegistry* plugins = nullptr;
  IncidentSink incidents;
};

// One request's reading. Not thread-safe.
class DirectoryReader {
 public:
  // `may_block`: false on gRPC's threads. A version that is not in memory then is an error whose
  // text nobody sees: missed() tells, and the request is done again on a worker.
  DirectoryReader(const Directory& directory, bool may_block);

  const catalog::View& view() const { return *view_; }
  const std::shared_ptr<const catalog::View>& shared_view() const { return view_; }
  store::Revision revision() const { return view_->revision(); }
  bool missed() const { return missed_; }

  // The current version of a record, deleted ones included. RESOURCE_NOT_FOUND.
  absl::StatusOr<catalog::RowRef> Find(model::RecordType type, std::string_view id) const;
  // OK when this thread may wait; else an error, and missed() tells from now on.
  absl::Status MayBlock();
  // The same, where the name of a merged record stands for the record it was merged into: read on
  // under the row's own id.
  absl::StatusOr<catalog::RowRef> FindResolved(model::RecordType type, std::string_view id) const;
  // A stored version. RECORD_CORRUPT.
  absl::StatusOr<store::RecordBytes> ReadBytes(model::RecordType type, std::string_view id,
                                               store::Revision revision);
  // The current version parsed, the server's tail included. RESOURCE_NOT_FOUND, RECORD_CORRUPT.
  // Valid as long as this reader; parsed once however often it is asked for.
  absl::StatusOr<const google::protobuf::Message*> ReadMessage(model::RecordType type,
                                                               std::string_view id);
  template <typename T>
  absl::StatusOr<const T*> ReadAs(model::RecordType type, std::string_view id) {
    absl::StatusOr<const google::protobuf::Message*> message = ReadMessage(type, id);
    if (!message.ok()) return message.status();
    return static_cast<const T*>(*message);
  }

 private:
  const store::RecordReader* const reader_;
  const std::shared_ptr<const catalog::View> view_;
  const bool may_block_;
  bool missed_ = false;
  absl::flat_hash_map<std::string, std::unique_ptr<google::protobuf::Message>> parsed_;
};

// RESOURCE_NOT_FOUND for a record.
absl::Status NotFound(model::RecordType type, std::string_view id);
// RESOURCE_MERGED for a record that can't be changed under its old name.
absl::Status MergedAway(std::string_view name, std::string_view survivor);

}  // namespace tandem::service
