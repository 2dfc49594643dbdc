// SPDX-License-Identifier: Apache-2.0

#include "service/watch_stream.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/field_rules.h"
#include "model/status_macros.h"
#include "service/byte_buffer.h"
#include "service/call.h"
#include "service/change_page.h"
#include "service/change_selection.h"

namespace tandem::service {
namespace {

// Small messages: a stream holds one at a time, and its client takes it over as a whole.
constexpr ChangePageLimits kMessageLimits = {
    .bytes = size_t{64} << 10U, .events = 1000, .revisions = 4096};
constexpr absl::Duration kDefaultProgressInterval = absl::Minutes(1);
constexpr absl::Duration kMinProgressInterval = absl::Milliseconds(100);
constexpr absl::Duration kMaxProgressInterval = absl::Hours(1);

absl::StatusOr<absl::Duration> ProgressInterval(const v1::WatchRequest& request) {
  if (!request.has_progress_interval()) return kDefaultProgressInterval;
  const auto& given = request.progress_interval();
  const absl::Duration interval = absl::Seconds(given.seconds()) + absl::Nanoseconds(given.nanos());
  if (interval >= kMinProgressInterval && interval <= kMaxProgressInterval) return interval;
  return model::FieldsInvalid({{"progress_interval", "must lie between 0.1 s and 1 hour"}});
}

// A WatchResponse: the events as they are, then the rest.
grpc::ByteBuffer MessageOf(const ChangePage& page, const std::optional<v1::KeptHistory>& history) {
  v1::WatchResponse rest;
  rest.set_revision(page.revision());
  rest.set_continued(page.continued());
  if (history) *rest.mutable_history() = *history;
  std::vector<grpc::Slice> slices = page.events;
  slices.emplace_back(rest.SerializeAsString());
  return grpc::ByteBuffer(slices.data(), slices.size());
}

// At any time one of: one thread makes the next message, a write is under way, it waits for the
// hub, it is over. gRPC may call back from within an operation that is being started, so those are
// started without the lock, and the stream is finished only while none is.
class WatchStream final : public ServerStreamReactor,
                          public ChangeHub::Watcher,
                          public std::enable_shared_from_this<WatchStream> {
 public:
  static ServerStreamReactor* Start(const Directory* directory, const MethodRule* rule,
                                    grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer& request) {
    std::shared_ptr<WatchStream> stream(new WatchStream(directory, rule, context));
    stream->self_ = stream;
    stream->Begin(request);
    return stream.get();
  }

  bool Wake() override { return TryEnter() && Pump(/*may_block=*/false); }

  void Tick(ChangeHub::SteadyTime now) override {
    bool mark = false;
    {
      absl::MutexLock lock(&mu_);
      if (step_ == Step::kWriting && !end_ && IsTooSlow(now)) {
        hub_.NoteTooSlow();
        SetEnd(model::Reason::kOverloaded);
      }
      if (step_ == Step::kWaiting && now - last_message_ >= progress_interval_) {
        mark = mark_due_ = true;
        step_ = Step::kPumping;
      }
    }
    if (mark) {
      Pump(/*may_block=*/false);
    } else {
      FinishIfOver();
    }
  }

  void End() override {
    {
      absl::MutexLock lock(&mu_);
      SetEnd(model::Reason::kShuttingDown);
    }
    FinishIfOver();
  }

  void OnWriteDone(bool ok) override {
    // Set when it goes to sleep: what it then waits for.
    std::optional<store::Revision> next;
    {
      absl::MutexLock lock(&mu_);
      if (step_ == Step::kOver) return;
      if (!ok) SetEnd(model::Reason::kCancelled);
      // Most messages take all there is.
      const bool idle = !end_ && caught_up_ && !mark_due_ && position_.revision > hub_.newest();
      step_ = idle ? Step::kWaiting : Step::kPumping;
      if (idle) next = position_.revision;
    }
    if (!next || (*next <= hub_.newest() && TryEnter())) Pump(/*may_block=*/false);
    hub_.HelpWake();
  }

  void OnCancel() override {
    {
      absl::MutexLock lock(&mu_);
      SetEnd(model::Reason::kCancelled);
    }
    FinishIfOver();
  }

  void OnDone() override {
    std::shared_ptr<WatchStream> self = std::move(self_);
    hub_.Remove(self);
  }

 private:
  enum class Step { kPumping, kWaiting, kWriting, kOver };

  WatchStream(const Directory* directory, const MethodRule* rule,
              grpc::CallbackServerContext* context)
      : directory_(*directory), hub_(*directory->changes), rule_(rule), context_(context) {}

  void Begin(const grpc::ByteBuffer& request) {
    absl::Status begun = Prepare(request);
    if (begun.ok()) begun = hub_.Add(self_);
    // After it was added: nothing published from here on is missed.
    const store::Revision newest = hub_.newest();
    context_->AddInitialMetadata(kRevisionKey, std::to_string(newest));
    if (!begun.ok()) {
      {
        absl::MutexLock lock(&mu_);
        end_ = std::move(begun);
        step_ = Step::kWaiting;
      }
      return FinishIfOver();
    }
    StartSendInitialMetadata();
    {
      absl::MutexLock lock(&mu_);
      if (position_.revision == 0) position_.revision = newest + 1;
    }
    Pump(/*may_block=*/false);
  }

  // Reads and checks the request.
  absl::Status Prepare(const grpc::ByteBuffer& bytes) {
    RETURN_IF_ERROR(CheckRequest(bytes));
    RETURN_IF_ERROR(CheckMetadata(*context_));
    v1::WatchRequest request;
    RETURN_IF_ERROR(ParseMessage(bytes, &request));
    const std::vector<std::string> collections(request.collections().begin(),
                                               request.collections().end());
    ASSIGN_OR_RETURN(query::Scope scope,
                     directory_.authoriser->Authorise(kLocalPrincipal, rule_, collections));
    std::vector<model::FieldViolation> violations;
    model::CheckFields(&request, "", &violations);
    if (!violations.empty()) return model::FieldsInvalid(violations);
    ASSIGN_OR_RETURN(absl::Duration interval, ProgressInterval(request));
    progress_interval_ = absl::ToChronoNanoseconds(interval);
    ASSIGN_OR_RETURN(selection_, ChangeSelection::Make(collections, request.filter(),
                                                       request.include_previous(), scope));
    if (request.start_revision() != 0) RETURN_IF_ERROR(hub_.CheckStart(request.start_revision()));
    absl::MutexLock lock(&mu_);
    position_.revision = request.start_revision();
    return absl::OkStatus();
  }

  bool IsTooSlow(ChangeHub::SteadyTime now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    // Who reads what is long past takes the time it needs and costs no more than anybody else.
    return caught_up_ &&
           now - write_started_ > absl::ToChronoNanoseconds(hub_.options().patience) &&
           hub_.LagBytes(position_.revision) > hub_.options().max_lag_bytes;
  }

  // The first end counts.
  void SetEnd(model::Reason reason) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (end_) return;
    const std::string resume = StrCat(position_.revision);
    const std::string_view text =
        reason == model::Reason::kOverloaded
            ? "no message was taken for a while and too many changes wait"
            : (reason == model::Reason::kShuttingDown ? "the server is stopping"
                                                      : "the caller went away");
    end_ = model::MakeError(reason, StrCat(text, "; watch again from revision ", resume),
                            {{"resumeRevision", resume}});
  }

  // Whether this thread is the one that makes the next message.
  bool TryEnter() {
    absl::MutexLock lock(&mu_);
    if (step_ != Step::kWaiting) return false;
    step_ = Step::kPumping;
    return true;
  }

  // Makes and sends the next message, or waits for something to send. Whether it sends or ends
  // here. The thread that is in here is the only one.
  bool Pump(bool may_block) {
    const std::shared_ptr<WatchStream> keep = shared_from_this();
    while (true) {
      ChangePosition from;
      bool mark = false;
      {
        absl::MutexLock lock(&mu_);
        from = position_;
        mark = mark_due_ || !caught_up_;
      }
      VersionSource source{directory_.reader, directory_.log, directory_.catalog, may_block};
      absl::StatusOr<ChangePage> page =
          ReadChangePage(hub_, selection_, *directory_.catalog, from, kMessageLimits, &source);
      std::optional<v1::KeptHistory> history;
      if (mark && page.ok() && page->events.empty() && page->at_end) {
        history = hub_.Kept(may_block);
        source.missed = !history;
      }
      if (source.missed) {
        if (directory_.workers->Continue([keep] { keep->Pump(/*may_block=*/true); })) return false;
        page = model::MakeError(model::Reason::kShuttingDown, "the server is stopping");
      }
      if (!Settle(page, history)) return true;
      // Nothing to send: wait, unless something came meanwhile, or look further.
      if (page->at_end) {
        // It said that it waits before it looks: what is published from here on wakes it.
        if (page->next.revision > hub_.newest() || !TryEnter()) return false;
      } else if (may_block && directory_.workers->Continue([keep] { keep->Pump(true); })) {
        // A long history that nothing fits must not keep a worker from others.
        return false;
      }
    }
  }

  // Takes the page over. False when it is being sent or the stream ends; true when there is nothing
  // to send.
  bool Settle(const absl::StatusOr<ChangePage>& page,
              const std::optional<v1::KeptHistory>& history) {
    bool send = false;
    {
      absl::MutexLock lock(&mu_);
      if (!page.ok() && !end_) end_ = page.status();
      if (end_) {
        step_ = Step::kWaiting;
      } else {
        position_ = page->next;
        send = !page->events.empty() || history;
        if (!send) {
          if (page->at_end) step_ = Step::kWaiting;
          return true;
        }
        step_ = Step::kWriting;
        write_started_ = last_message_ = std::chrono::steady_clock::now();
        if (history) {
          caught_up_ = true;
          mark_due_ = false;
        }
        ++starting_;
      }
    }
    if (send) {
      message_ = MessageOf(*page, history);
      StartWrite(&message_);
      absl::MutexLock lock(&mu_);
      --starting_;
    }
    FinishIfOver();
    return false;
  }

  void FinishIfOver() {
    absl::Status status;
    {
      absl::MutexLock lock(&mu_);
      if (!end_ || step_ == Step::kPumping || step_ == Step::kOver || starting_ > 0) return;
      step_ = Step::kOver;
      status = *end_;
    }
    Finish(ToGrpcStatus(status, rule_ == nullptr ? "" : rule_->method, directory_.incidents));
  }

  const Directory& directory_;
  ChangeHub& hub_;
  const MethodRule* const rule_;
  grpc::CallbackServerContext* const context_;
  // Set before the first message.
  ChangeSelection selection_;
  std::chrono::nanoseconds progress_interval_{};
  // gRPC's while a write is under way.
  grpc::ByteBuffer message_;
  // Until gRPC is done with the stream.
  std::shared_ptr<WatchStream> self_;

  absl::Mutex mu_;
  Step step_ ABSL_GUARDED_BY(mu_) = Step::kPumping;
  // The first change that was not handed to gRPC.
  ChangePosition position_ ABSL_GUARDED_BY(mu_);
  // It has met the present once: changes were not there before it could take them.
  bool caught_up_ ABSL_GUARDED_BY(mu_) = false;
  bool mark_due_ ABSL_GUARDED_BY(mu_) = false;
  ChangeHub::SteadyTime write_started_ ABSL_GUARDED_BY(mu_);
  ChangeHub::SteadyTime last_message_ ABSL_GUARDED_BY(mu_);
  // Ends the stream as soon as nothing is being made or started.
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);
  // Writes being started right now.
  int starting_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace

ServerStreamReactor* StartWatch(const Directory* directory, const MethodRule* rule,
                                grpc::CallbackServerContext* context,
                                const grpc::ByteBuffer* request) {
  return WatchStream::Start(directory, rule, context, *request);
}

}  // namespace tandem::service
