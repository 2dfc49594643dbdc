// SPDX-License-Identifier: Apache-2.0

#include "cpp/watcher.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/time/clock.h"

#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::client {
namespace {

// Too slow or too many, or cut off by a server that is going down: the same watch goes on later.
bool IsPassing(const absl::Status& status) {
  return IsRetryable(status.code()) || status.code() == absl::StatusCode::kCancelled ||
         DescribeError(status).reason == "OVERLOADED";
}

}  // namespace

Watcher::Watcher(const Client& client, v1::WatchRequest request,
                 std::function<void(const absl::Status&)> resumed)
    : client_(client),
      request_(std::move(request)),
      resumed_(std::move(resumed)),
      give_up_(absl::Now() + client.options().timeout) {}

absl::StatusOr<std::optional<WatchStep>> Watcher::Next(absl::Duration limit) {
  const absl::Time until = absl::Now() + limit;
  while (true) {
    if (stream_ == nullptr) {
      if (next_attempt_ > until) {
        absl::SleepFor(until - absl::Now());
        return std::nullopt;
      }
      absl::SleepFor(next_attempt_ - absl::Now());
      stream_ = std::make_unique<WatchStream>(client_.channel(), request_);
    }
    if (auto message = stream_->Read(std::max(until - absl::Now(), absl::ZeroDuration()))) {
      if (std::optional<WatchStep> step = Take(*std::move(message))) return step;
      continue;
    }
    if (auto ended = stream_->status()) {
      RETURN_IF_ERROR(Break(*ended));
      continue;
    }
    heard_ = heard_ || stream_->started();
    if (!heard_ && absl::Now() >= give_up_) {
      return MakeClientError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                             "the server did not take the watch up in time");
    }
    if (absl::Now() >= until) return std::nullopt;
  }
}

std::optional<WatchStep> Watcher::Take(v1::WatchResponse message) {
  heard_ = true;
  breaks_ = 0;
  auto* events = message.mutable_events();
  parts_.insert(parts_.end(), std::make_move_iterator(events->begin()),
                std::make_move_iterator(events->end()));
  if (message.continued()) return std::nullopt;
  request_.set_start_revision(message.revision() + 1);
  WatchStep step;
  step.events = std::exchange(parts_, {});
  step.revision = message.revision();
  if (message.has_history()) step.history = std::move(*message.mutable_history());
  return step;
}

absl::Status Watcher::Break(const absl::Status& why) {
  stream_.reset();
  // What was not whole comes again.
  parts_.clear();
  if (!IsPassing(why) || (!heard_ && absl::Now() >= give_up_)) return why;
  absl::Duration pause = RetryPause(++breaks_ + 1, absl::Uniform(random_, 0.0, 1.0));
  if (auto asked = DescribeError(why).retry_after) pause = std::max(pause, *asked);
  next_attempt_ = absl::Now() + pause;
  if (resumed_) resumed_(why);
  return absl::OkStatus();
}

}  // namespace tandem::client
