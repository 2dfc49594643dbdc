// SPDX-License-Identifier: Apache-2.0

// Watches the changes of a directory for as long as one likes: puts the parts of large revisions
// together, and goes on by itself after a broken connection, a restart of the server or a fall
// behind, from where it was. Every change comes once, in order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tandem/v1/change_service.pb.h"

#include "cpp/client.h"
#include "cpp/watch_stream.h"

namespace tandem::client {

// One step of a watch: the changes of whole revisions, or a progress mark without any.
struct WatchStep {
  std::vector<v1::ChangeEvent> events;
  // Everything up to here was given out. Go on, in another process too, from the revision after it.
  int64_t revision = 0;
  // Marks only: what history is kept.
  std::optional<v1::KeptHistory> history;
};

// One watch. `client` must outlive it; one thread at a time.
class Watcher {
 public:
  // `resumed` is told of every break, with the reason, before the next attempt; may be empty.
  Watcher(const Client& client, v1::WatchRequest request,
          std::function<void(const absl::Status&)> resumed = nullptr);

  // The next step, waiting at most `limit`; nullopt when there was none. An error is final: the
  // request is wrong, history is gone (REVISION_COMPACTED, HISTORY_CHANGED: list again), or no
  // server answered the first time within the client's timeout. Later breaks are never final.
  absl::StatusOr<std::optional<WatchStep>> Next(absl::Duration limit);

  // Where a new watch would go on; 0 before anything was heard.
  int64_t next_revision() const { return request_.start_revision(); }

 private:
  // Takes a message over; a step when it ends a revision.
  std::optional<WatchStep> Take(v1::WatchResponse message);
  // The stream ended: the error when that is final.
  absl::Status Break(const absl::Status& why);

  const Client& client_;
  v1::WatchRequest request_;
  const std::function<void(const absl::Status&)> resumed_;
  std::unique_ptr<WatchStream> stream_;
  // Parts of a revision that is not whole.
  std::vector<v1::ChangeEvent> parts_;
  // Before it nothing is tried.
  absl::Time next_attempt_ = absl::InfinitePast();
  const absl::Time give_up_;
  bool heard_ = false;
  int breaks_ = 0;
  absl::BitGen random_;
};

}  // namespace tandem::client
