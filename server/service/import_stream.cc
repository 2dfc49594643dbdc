// SPDX-License-Identifier: Apache-2.0

#include "service/import_stream.h"

#include <deque>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "service/byte_buffer.h"
#include "service/call.h"
#include "service/import_chunk.h"
#include "service/import_ledger.h"

namespace tandem::service {
namespace {

// Messages that wait to be checked, and checked ones that wait for their commit.
constexpr size_t kMaxInbox = 4;
constexpr size_t kMaxChecked = 2;

// Three things go on at once: reading from the client, checking the next chunk, committing the one
// before. Advance() starts whatever can start; a step runs on a worker and never twice at a time.
class ImportStream final : public BidiReactor {
 public:
  ImportStream(const model::ResourceTraits& resource,
               const google::protobuf::MethodDescriptor& method, const Directory& directory,
               const MethodRule* rule, grpc::CallbackServerContext* context)
      : resource_(resource),
        prototype_(*google::protobuf::MessageFactory::generated_factory()->GetPrototype(
            method.input_type())),
        directory_(directory),
        rule_(rule),
        context_(context),
        ledger_(resource, directory, MethodName(method), std::string(kLocalPrincipal)) {}

  void Start() {
    context_->AddInitialMetadata(kRevisionKey, std::to_string(directory_.catalog->revision()));
    absl::Status allowed = CheckMetadata(*context_);
    if (allowed.ok()) {
      allowed = directory_.authoriser->Authorise(kLocalPrincipal, rule_, {}).status();
    }
    StartSendInitialMetadata();
    Drive([&] {
      mu_.AssertHeld();
      error_ = std::move(allowed);
    });
  }

  void OnReadDone(bool ok) override {
    Drive([&] {
      mu_.AssertHeld();
      reading_ = false;
      if (ok) {
        inbox_.push_back(std::move(read_buffer_));
        read_buffer_.Clear();
      } else {
        reads_over_ = true;
      }
    });
  }

  void OnWriteDone(bool ok) override {
    Drive([&] {
      mu_.AssertHeld();
      writing_ = false;
      if (!outbox_.empty()) outbox_.pop_front();
      // Nobody hears the answers any more.
      if (!ok) outbox_.clear();
    });
  }

  void OnDone() override { delete this; }

 private:
  enum class Action { kNone, kRead, kWrite, kFinish };

  // Applies `change`, then starts whatever can start. gRPC may call back from within an operation
  // that is being started, so those are started without the lock; nothing touches this object
  // after Finish.
  template <typename Change>
  void Drive(Change&& change) {
    {
      absl::MutexLock lock(&mu_);
      change();
    }
    while (true) {
      Action action = Action::kNone;
      absl::Status end;
      // Stays where it is until its write is done, whatever is queued behind it.
      const grpc::ByteBuffer* answer = nullptr;
      {
        absl::MutexLock lock(&mu_);
        action = Plan();
        if (action == Action::kNone) return;
        if (action == Action::kFinish) end = error_;
        if (action == Action::kWrite) answer = &outbox_.front();
        ++starting_;
      }
      if (action == Action::kFinish) {
        return Finish(
            ToGrpcStatus(end, rule_ == nullptr ? "" : rule_->method, directory_.incidents));
      }
      if (action == Action::kRead) {
        StartRead(&read_buffer_);
      } else {
        StartWrite(answer);
      }
      absl::MutexLock lock(&mu_);
      --starting_;
    }
  }

  Action Plan() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (finished_) return Action::kNone;
    if (!error_.ok()) {
      inbox_.clear();
      checked_.clear();
    }
    if (!checking_ && !inbox_.empty() && checked_.size() < kMaxChecked) {
      checking_ = RunStep([this] { CheckStep(); });
    }
    if (!committing_ && !checked_.empty()) {
      committing_ = RunStep([this] { CommitStep(); });
    }
    if (!writing_ && !outbox_.empty()) {
      writing_ = true;
      return Action::kWrite;
    }
    if (!reading_ && !reads_over_ && error_.ok() && inbox_.size() < kMaxInbox) {
      reading_ = true;
      return Action::kRead;
    }
    bool idle = !checking_ && !committing_ && !writing_ && starting_ == 0;
    bool done = !error_.ok() || (reads_over_ && inbox_.empty() && checked_.empty());
    if (!idle || !done) return Action::kNone;
    // What came before a message that could not be taken was committed and answered.
    if (error_.ok()) error_ = refused_message_;
    finished_ = true;
    return Action::kFinish;
  }

  bool RunStep(std::function<void()> step) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (directory_.workers->Continue(std::move(step))) return true;
    error_ = model::MakeError(model::Reason::kShuttingDown, "the server is stopping");
    inbox_.clear();
    checked_.clear();
    return false;
  }

  // On a worker: reads and checks one message.
  void CheckStep() {
    grpc::ByteBuffer bytes;
    {
      absl::MutexLock lock(&mu_);
      if (!inbox_.empty()) {
        bytes = std::move(inbox_.front());
        inbox_.pop_front();
      }
    }
    absl::StatusOr<ImportChunk> chunk = ReadChunk(resource_, prototype_, bytes, &manner_);
    Drive([&] {
      mu_.AssertHeld();
      checking_ = false;
      if (chunk.ok()) {
        checked_.push_back(*std::move(chunk));
      } else {
        reads_over_ = true;
        inbox_.clear();
        refused_message_ = chunk.status();
      }
    });
  }

  // On a worker: commits one chunk and answers it.
  void CommitStep() {
    ImportChunk chunk;
    {
      absl::MutexLock lock(&mu_);
      chunk = std::move(checked_.front());
      checked_.pop_front();
    }
    ledger_.Take(std::move(chunk), [this](absl::StatusOr<v1::ImportResponse> answer) {
      Drive([&] {
        mu_.AssertHeld();
        committing_ = false;
        if (answer.ok()) {
          outbox_.push_back(ToBuffer(*answer));
        } else {
          error_ = answer.status();
        }
      });
    });
  }

  const model::ResourceTraits& resource_;
  const google::protobuf::Message& prototype_;
  const Directory& directory_;
  const MethodRule* const rule_;
  grpc::CallbackServerContext* const context_;
  // What the options of the first message asked for. Used by one check step at a time.
  ImportManner manner_;
  // Used by one commit step at a time.
  ImportLedger ledger_;
  // gRPC's while a read is under way.
  grpc::ByteBuffer read_buffer_;

  absl::Mutex mu_;
  std::deque<grpc::ByteBuffer> inbox_ ABSL_GUARDED_BY(mu_);
  std::deque<ImportChunk> checked_ ABSL_GUARDED_BY(mu_);
  // The front is gRPC's while a write is under way.
  std::deque<grpc::ByteBuffer> outbox_ ABSL_GUARDED_BY(mu_);
  bool reading_ ABSL_GUARDED_BY(mu_) = false;
  bool reads_over_ ABSL_GUARDED_BY(mu_) = false;
  bool checking_ ABSL_GUARDED_BY(mu_) = false;
  bool committing_ ABSL_GUARDED_BY(mu_) = false;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  // Ends the stream once nothing runs.
  absl::Status error_ ABSL_GUARDED_BY(mu_);
  // Becomes error_ when what came before that message is answered.
  absl::Status refused_message_ ABSL_GUARDED_BY(mu_);
  // Operations being started right now.
  int starting_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace

BidiReactor* StartImport(const model::ResourceTraits& resource,
                         const google::protobuf::MethodDescriptor& method,
                         const Directory& directory, const MethodRule* rule,
                         grpc::CallbackServerContext* context) {
  auto* stream = new ImportStream(resource, method, directory, rule, context);
  stream->Start();
  return stream;
}

}  // namespace tandem::service
