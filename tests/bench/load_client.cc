// SPDX-License-Identifier: Apache-2.0

// Keeps a number of unary calls in flight for a time and prints one JSON object: rate, latency,
// errors and the server's processor time per request, read from /proc. Requests are prepared bytes,
// taken in turn.
//
//   load_client TARGET METHOD REQUEST_FILE IN_FLIGHT SECONDS SERVER_PID
//
// REQUEST_FILE: each request as a little-endian uint32 length and its bytes. TARGET must be
// loopback.

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "measured_process.h"

namespace {

using tandem::bench::CpuMicros;
using tandem::bench::ReadRequests;
using Clock = std::chrono::steady_clock;

constexpr int kCallsPerConnection = 8;

struct Call {
  grpc::GenericStub* stub = nullptr;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer reply;
  grpc::Status status;
  Clock::time_point start;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7 || (std::strncmp(argv[1], "127.0.0.1:", 10) != 0)) {
    std::fprintf(
        stderr,
        "usage: load_client 127.0.0.1:PORT METHOD REQUEST_FILE IN_FLIGHT SECONDS SERVER_PID\n");
    return 2;
  }
  const std::string method = argv[2];
  const std::vector<grpc::ByteBuffer> requests = ReadRequests(argv[3]);
  const int in_flight = std::atoi(argv[4]);
  const auto seconds = std::chrono::duration<double>(std::min(60.0, std::atof(argv[5])));
  if (requests.empty() || in_flight < 1) {
    std::fprintf(stderr, "load_client: no requests\n");
    return 2;
  }
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (int i = 0; i * kCallsPerConnection < in_flight; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs.push_back(std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(argv[1], grpc::InsecureChannelCredentials(), arguments)));
  }
  grpc::CompletionQueue queue;
  size_t next = 0;
  auto start_call = [&](Call* call) {
    call->context = std::make_unique<grpc::ClientContext>();
    call->context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    call->start = Clock::now();
    call->reader =
        call->stub->PrepareUnaryCall(call->context.get(), method, requests[next], &queue);
    next = (next + 1) % requests.size();
    call->reader->StartCall();
    call->reader->Finish(&call->reply, &call->status, call);
  };
  std::vector<Call> calls(static_cast<size_t>(in_flight));
  for (size_t i = 0; i < calls.size(); ++i) {
    calls[i].stub = stubs[i % stubs.size()].get();
    start_call(&calls[i]);
  }
  // A warm-up of a fifth of the time; then counting starts.
  const Clock::time_point warm =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(seconds / 5);
  Clock::time_point begin;
  Clock::time_point end = Clock::time_point::max();
  bool counting = false;
  int64_t cpu_begin = 0;
  int64_t errors = 0;
  uint64_t reply_bytes = 0;
  std::vector<float> latencies;
  std::string first_error;
  int open = in_flight;
  void* tag = nullptr;
  bool ok = false;
  while (open > 0 && queue.Next(&tag, &ok)) {
    Call* call = static_cast<Call*>(tag);
    const Clock::time_point now = Clock::now();
    if (!counting && now >= warm) {
      counting = true;
      begin = now;
      end = now + std::chrono::duration_cast<Clock::duration>(seconds);
      cpu_begin = CpuMicros(argv[6]);
    } else if (counting && now < end) {
      latencies.push_back(std::chrono::duration<float, std::micro>(now - call->start).count());
      reply_bytes += call->reply.Length();
    }
    if (!ok || !call->status.ok()) {
      ++errors;
      if (first_error.empty()) first_error = call->status.error_message();
    }
    call->reply.Clear();
    if (now < end) {
      start_call(call);
    } else {
      --open;
    }
  }
  const double wall =
      std::chrono::duration<double>(std::min(Clock::now(), end + std::chrono::hours(0)) - begin)
          .count();
  const int64_t cpu = CpuMicros(argv[6]) - cpu_begin;
  const auto n = static_cast<double>(std::max<size_t>(latencies.size(), 1));
  std::sort(latencies.begin(), latencies.end());
  auto quantile = [&](double q) {
    return latencies.empty()
               ? 0.0F
               : latencies[static_cast<size_t>(q * static_cast<double>(latencies.size() - 1))];
  };
  std::printf(
      "{\"requests\":%zu,\"errors\":%lld,\"seconds\":%.3f,\"rps\":%.0f,\"cpu_us\":%.2f,\"p50_us\":%"
      ".0f,"
      "\"p99_us\":%.0f,\"reply_bytes\":%.0f}\n",
      latencies.size(), static_cast<long long>(errors), wall, n / wall,
      static_cast<double>(cpu) / n, quantile(0.5), quantile(0.99),
      static_cast<double>(reply_bytes) / n);
  if (errors > 0) std::fprintf(stderr, "load_client: %s\n", first_error.c_str());
  return errors == 0 ? 0 : 1;
}
