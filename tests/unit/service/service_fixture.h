// SPDX-License-Identifier: Apache-2.0

// The services of the directory over a real store in a temporary folder, behind a real gRPC server
// on a loopback port that the kernel chose. Every answer is held to what all answers promise: the
// revision in its metadata and, when it is an error, details of at most 4 KiB that name a reason.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "catalog/catalog.h"
#include "catalog/committer_thread.h"
#include "google/protobuf/message.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/server.h"
#include "gtest/gtest.h"
#include "model/error_reason.h"
#include "query/page_token.h"
#include "service/change_hub.h"
#include "service/directory.h"
#include "service/raw_service.h"
#include "store/open_store.h"
#include "store/record_cache.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace tandem::service {

// The promises of google.rpc.Status in the trailing metadata.
inline constexpr size_t kMaxDetailBytes = 4096;

// What a call ended with.
struct CallResult {
  grpc::Status status;
  // The answer as it came over the wire.
  std::string bytes;
  // `tandem-revision` of the initial metadata; nullopt when it is absent or no number.
  std::optional<int64_t> revision;
  // grpc-status-details-bin of an error.
  google::rpc::Status details;

  bool ok() const { return status.ok(); }
  // ErrorInfo.reason, "" when there is none: "OK" for a success.
  std::string reason() const;
  // A value of ErrorInfo.metadata; "" when absent.
  std::string Metadata(const std::string& key) const;
  // The answer parsed; a test failure when it is no `Message`.
  template <typename Message>
  Message As() const {
    Message message;
    EXPECT_TRUE(ok() && message.ParseFromString(bytes)) << status.error_message();
    return message;
  }
  // The first detail of this type.
  template <typename Detail>
  std::optional<Detail> FindDetail() const {
    Detail detail;
    for (const auto& any : details.details()) {
      if (any.UnpackTo(&detail)) return detail;
    }
    return std::nullopt;
  }
};

// Reads the metadata and details of a finished call and holds them to their promises.
CallResult MakeResult(const grpc::ClientContext& context, grpc::Status status);

// Passes writes on, and lets a test do something between the preparation of a write and its commit.
class InterruptedCommitter final : public catalog::Committer {
 public:
  explicit InterruptedCommitter(catalog::Committer* next) : next_(next) {}
  // Runs `act` once, on the thread that submits the next write, before that write is queued.
  void BeforeNextWrite(std::function<void(const catalog::PreparedWrite&)> act);
  void Submit(catalog::PreparedWrite write, catalog::CommitCallback done) override;
  absl::StatusOr<catalog::CommitResult> Commit(catalog::PreparedWrite write) override;

 private:
  catalog::Committer* const next_;
  absl::Mutex mu_;
  std::function<void(const catalog::PreparedWrite&)> act_ ABSL_GUARDED_BY(mu_);
};

// A server of its own for every test.
class ServiceFixture : public ::testing::Test {
 protected:
  // `cache_bytes`: the record cache. A small one sends many reads to the workers.
  explicit ServiceFixture(size_t cache_bytes = size_t{8} << 20U,
                          const ChangeHubOptions& change_options = {});
  ~ServiceFixture() override;

  // Calls a unary method, for example "tandem.v1.AgencyService/GetAgency", and waits.
  CallResult Call(std::string_view method, const google::protobuf::Message& request);
  // The same, and an error fails the test.
  CallResult CallOk(std::string_view method, const google::protobuf::Message& request);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  support::FakeClock& clock() { return clock_; }
  // What the services work with.
  const Directory& directory() const { return directory_; }
  InterruptedCommitter& committer() { return *interrupted_; }
  // Beside the services, as another client's write would come.
  catalog::CommitterThread& other_committer() { return *committer_; }
  // Drops history as housekeeping would: log entries before `before` and what they superseded.
  void TrimLog(store::Revision before);
  ChangeHub& changes() { return *changes_; }
  store::EmbeddedLog& log() { return *log_; }
  // The revision of the last commit.
  store::Revision revision() const { return catalog_.revision(); }
  // A catalog made anew from the log, as a server that starts again has it.
  std::unique_ptr<catalog::Catalog> Rebuild();
  // Faults of the server that were logged; a test that expects none need not look: the fixture does
  // when it goes.
  std::vector<std::string> TakeIncidents();

 private:
  void AddIncident(std::string incident);

  // In the order they are made: first nobody calls any more, then nobody works, then nobody writes.
  support::TempDir folder_;
  support::FakeClock clock_;
  Authoriser authoriser_;
  std::unique_ptr<store::EmbeddedLog> log_;
  std::unique_ptr<store::RecordCache> records_;
  catalog::Catalog catalog_;
  std::unique_ptr<ChangeHub> changes_;
  std::unique_ptr<catalog::CommitterThread> committer_;
  std::unique_ptr<InterruptedCommitter> interrupted_;
  std::unique_ptr<query::PageTokens> tokens_;
  std::unique_ptr<WorkerPool> workers_;
  absl::Mutex mu_;
  std::vector<std::string> incidents_ ABSL_GUARDED_BY(mu_);
  Directory directory_;
  HandlerTable handlers_;
  std::vector<std::unique_ptr<RawService>> services_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace tandem::service
