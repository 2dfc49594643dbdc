// SPDX-License-Identifier: Apache-2.0

#include "service_fixture.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/strings/numbers.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "service/byte_buffer.h"
#include "service/call.h"
#include "service/directory_services.h"

namespace tandem::service {
namespace {

constexpr int kWorkers = 2;
constexpr size_t kWorkerQueue = 64;
// Nothing here takes long; a call that hangs ends the test instead of its time limit.
constexpr std::chrono::seconds kPatience(60);

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// What every error promises to its caller.
void ExpectGoodDetails(const CallResult& result) {
  const std::string bytes = result.status.error_details();
  EXPECT_LE(bytes.size(), kMaxDetailBytes);
  EXPECT_EQ(result.details.code(), static_cast<int>(result.status.error_code()));
  EXPECT_EQ(result.details.message(), result.status.error_message());
  EXPECT_FALSE(result.status.error_message().empty());
  auto info = result.FindDetail<google::rpc::ErrorInfo>();
  if (!info) {
    ADD_FAILURE() << "no ErrorInfo: " << result.status.error_message();
    return;
  }
  EXPECT_EQ(info->domain(), "tandem.v1");
  EXPECT_FALSE(info->reason().empty());
}

}  // namespace

std::string CallResult::reason() const {
  if (ok()) return "OK";
  auto info = FindDetail<google::rpc::ErrorInfo>();
  return info ? info->reason() : "";
}

std::string CallResult::Metadata(const std::string& key) const {
  auto info = FindDetail<google::rpc::ErrorInfo>();
  if (!info || info->metadata().count(key) == 0) return "";
  return info->metadata().at(key);
}

CallResult MakeResult(const grpc::ClientContext& context, grpc::Status status) {
  CallResult result;
  result.status = std::move(status);
  const auto& metadata = context.GetServerInitialMetadata();
  EXPECT_EQ(metadata.count(kRevisionKey), 1U) << "one revision on every answer";
  if (auto it = metadata.find(kRevisionKey); it != metadata.end()) {
    int64_t revision = 0;
    if (absl::SimpleAtoi(absl::string_view(it->second.data(), it->second.size()), &revision)) {
      result.revision = revision;
    }
  }
  EXPECT_TRUE(result.revision.has_value());
  if (!result.ok()) {
    EXPECT_TRUE(result.details.ParseFromString(result.status.error_details()));
    ExpectGoodDetails(result);
  }
  return result;
}

void InterruptedCommitter::BeforeNextWrite(std::function<void(const catalog::PreparedWrite&)> act) {
  absl::MutexLock lock(&mu_);
  act_ = std::move(act);
}

void InterruptedCommitter::Submit(catalog::PreparedWrite write, catalog::CommitCallback done) {
  std::function<void(const catalog::PreparedWrite&)> act;
  {
    absl::MutexLock lock(&mu_);
    act = std::exchange(act_, nullptr);
  }
  if (act) act(write);
  next_->Submit(std::move(write), std::move(done));
}

absl::StatusOr<catalog::CommitResult> InterruptedCommitter::Commit(catalog::PreparedWrite write) {
  return next_->Commit(std::move(write));
}

ServiceFixture::ServiceFixture(size_t cache_bytes, const ChangeHubOptions& change_options) {
  store::StoreOptions options;
  options.data_dir = folder_.Path("data");
  options.cache_bytes = cache_bytes;
  options.now_ns = [this] { return absl::ToUnixNanos(clock_.Now()); };
  absl::StatusOr<std::unique_ptr<store::EmbeddedLog>> log = store::OpenStore(options);
  if (!log.ok()) {
    ADD_FAILURE() << log.status();
    std::abort();
  }
  log_ = *std::move(log);
  records_ = std::make_unique<store::RecordCache>(*log_, cache_bytes);
  EXPECT_TRUE(catalog_.Load(*log_).ok());
  changes_ = std::make_unique<ChangeHub>(log_.get(), change_options);
  catalog::CommitterOptions committing;
  committing.on_published = [this](store::Revision last, std::vector<store::Entry> entries) {
    changes_->Publish(last, std::move(entries));
  };
  committer_ = std::make_unique<catalog::CommitterThread>(&catalog_, log_.get(), log_.get(),
                                                          &clock_, std::move(committing));
  interrupted_ = std::make_unique<InterruptedCommitter>(committer_.get());
  std::array<uint8_t, query::PageTokens::kKeyBytes> key{};
  std::fill(key.begin(), key.end(), uint8_t{7});
  tokens_ = std::make_unique<query::PageTokens>(key);
  workers_ = std::make_unique<WorkerPool>(kWorkers, kWorkerQueue);
  directory_.catalog = &catalog_;
  directory_.log = log_.get();
  directory_.reader = records_.get();
  directory_.committer = interrupted_.get();
  directory_.changes = changes_.get();
  directory_.tokens = tokens_.get();
  directory_.workers = workers_.get();
  directory_.clock = &clock_;
  directory_.authoriser = &authoriser_;
  directory_.incidents = [this](std::string_view, std::string_view method,
                                std::string_view detail) {
    AddIncident(StrCat(method, ": ", detail));
  };
  handlers_ = MakeHandlers(&directory_);
  auto services = MakeServices(PublicServices(), &directory_, &handlers_);
  EXPECT_TRUE(services.ok()) << services.status();
  services_ = *std::move(services);
  grpc::ServerBuilder builder;
  // As main's listener: gRPC's own limit lies above ours.
  builder.SetMaxReceiveMessageSize(2 * static_cast<int>(kMaxRequestBytes));
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  for (const auto& service : services_) builder.RegisterService(service.get());
  server_ = builder.BuildAndStart();
  EXPECT_NE(port, 0);
  grpc::ChannelArguments arguments;
  // Tests of one program must not share a connection that another one's server closes.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ = grpc::CreateCustomChannel(StrCat("127.0.0.1:", port),
                                       grpc::InsecureChannelCredentials(), arguments);
}

ServiceFixture::~ServiceFixture() {
  changes_->Drain();
  server_->Shutdown(std::chrono::system_clock::now() + kPatience);
  server_->Wait();
  workers_->Stop();
  committer_->Stop();
  EXPECT_TRUE(log_->Close().ok());
  for (const std::string& incident : TakeIncidents()) ADD_FAILURE() << "incident: " << incident;
}

CallResult ServiceFixture::Call(std::string_view method, const google::protobuf::Message& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel_);
  auto call = stub.PrepareUnaryCall(&context, StrCat("/", method), ToBuffer(request), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool finished = false;
  EXPECT_TRUE(queue.Next(&tag, &finished) && finished);
  CallResult result = MakeResult(context, std::move(status));
  if (result.ok()) result.bytes = BytesOf(answer);
  return result;
}

CallResult ServiceFixture::CallOk(std::string_view method,
                                  const google::protobuf::Message& request) {
  CallResult result = Call(method, request);
  EXPECT_TRUE(result.ok()) << method << ": " << result.status.error_message();
  return result;
}

void ServiceFixture::TrimLog(store::Revision before) {
  absl::Status trimmed = log_->Trim(before);
  EXPECT_TRUE(trimmed.ok()) << trimmed;
}

std::unique_ptr<catalog::Catalog> ServiceFixture::Rebuild() {
  auto rebuilt = std::make_unique<catalog::Catalog>();
  EXPECT_TRUE(rebuilt->Load(*log_).ok());
  return rebuilt;
}

std::vector<std::string> ServiceFixture::TakeIncidents() {
  absl::MutexLock lock(&mu_);
  return std::exchange(incidents_, {});
}

void ServiceFixture::AddIncident(std::string incident) {
  absl::MutexLock lock(&mu_);
  incidents_.push_back(std::move(incident));
}

}  // namespace tandem::service
