// SPDX-License-Identifier: Apache-2.0

// Opens a number of watches, then makes one unary call after the other, each when the message that
// the one before caused has come on every watch. Prints one JSON object: deliveries, their latency,
// and the server's processor time per delivery, read from /proc, the calls included.
//
//   watch_client TARGET WATCH_METHOD STREAMS CALL_METHOD REQUEST_FILE SECONDS SERVER_PID
//
// The watches send an empty request. A message that does not begin with `events` (field 1) is a
// mark: one is awaited at the start, others are passed over. REQUEST_FILE as for load_client.
// TARGET must be loopback.

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

// A connection takes 128 streams.
constexpr size_t kStreamsPerConnection = 100;
constexpr uint8_t kEventsTag = 0x0A;

// One watch. Its tags: the call's start, the request's way, the next message.
struct Watch {
  enum class Step { kStart, kWrite, kWritesDone, kRead };
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream;
  grpc::ByteBuffer message;
  Step step = Step::kStart;

  // Goes on after what completed; true when a message came.
  bool Advance() {
    switch (step) {
      case Step::kStart: {
        step = Step::kWrite;
        const grpc::Slice nothing;
        stream->Write(grpc::ByteBuffer(&nothing, 1), this);
        return false;
      }
      case Step::kWrite:
        step = Step::kWritesDone;
        stream->WritesDone(this);
        return false;
      case Step::kWritesDone:
        step = Step::kRead;
        stream->Read(&message, this);
        return false;
      case Step::kRead:
        return true;
    }
    return false;
  }

  // Whether the message that came holds events; asks for the next.
  bool TakeEvents() {
    std::vector<grpc::Slice> slices;
    const bool events = message.Dump(&slices).ok() && !slices.empty() && slices[0].size() > 0 &&
                        *slices[0].begin() == kEventsTag;
    bytes += events ? message.Length() : 0;
    message.Clear();
    stream->Read(&message, this);
    return events;
  }
  uint64_t bytes = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8 || (std::strncmp(argv[1], "127.0.0.1:", 10) != 0)) {
    std::fprintf(stderr,
                 "usage: watch_client 127.0.0.1:PORT WATCH_METHOD STREAMS CALL_METHOD REQUEST_FILE "
                 "SECONDS SERVER_PID\n");
    return 2;
  }
  const auto count = static_cast<size_t>(std::clamp(std::atoi(argv[3]), 1, 4000));
  const std::vector<grpc::ByteBuffer> requests = ReadRequests(argv[5]);
  const auto seconds = std::chrono::duration<double>(std::min(60.0, std::atof(argv[6])));
  if (requests.empty()) {
    std::fprintf(stderr, "watch_client: no requests\n");
    return 2;
  }
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (size_t i = 0; i < count; i += kStreamsPerConnection) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs.push_back(std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(argv[1], grpc::InsecureChannelCredentials(), arguments)));
  }
  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<Watch>> watches;
  for (size_t i = 0; i < count; ++i) {
    auto watch = std::make_unique<Watch>();
    watch->stream = stubs[i / kStreamsPerConnection]->PrepareCall(&watch->context, argv[2], &queue);
    watch->stream->StartCall(watch.get());
    watches.push_back(std::move(watch));
  }
  // Round 0 is the marks; a round is over when its call is answered and every watch has its
  // message.
  size_t waiting = count;
  bool answered = true;
  size_t round = 0;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer reply;
  grpc::Status status;
  int call_tag = 0;
  Clock::time_point round_begin;
  const auto start_round = [&] {
    waiting = count;
    answered = false;
    ++round;
    round_begin = Clock::now();
    context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    reader = stubs[0]->PrepareUnaryCall(context.get(), argv[4], requests[round % requests.size()],
                                        &queue);
    reader->StartCall();
    reader->Finish(&reply, &status, &call_tag);
  };
  constexpr size_t kWarmRounds = 20;
  Clock::time_point begin;
  Clock::time_point end = Clock::time_point::max();
  int64_t cpu_begin = 0;
  std::vector<float> latencies;
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
    if (!ok || (tag == &call_tag && !status.ok())) {
      std::fprintf(stderr, "watch_client: %s\n",
                   ok ? status.error_message().c_str() : "a watch ended");
      return 1;
    }
    const Clock::time_point now = Clock::now();
    if (tag == &call_tag) {
      answered = true;
      reply.Clear();
    } else {
      auto* watch = static_cast<Watch*>(tag);
      if (!watch->Advance()) continue;
      const bool events = watch->TakeEvents();
      if (events != (round > 0)) continue;
      --waiting;
      if (round > kWarmRounds) {
        latencies.push_back(std::chrono::duration<float, std::micro>(now - round_begin).count());
      }
    }
    if (waiting > 0 || !answered) continue;
    if (now >= end) break;
    if (round == kWarmRounds) {
      begin = now;
      end = now + std::chrono::duration_cast<Clock::duration>(seconds);
      cpu_begin = CpuMicros(argv[7]);
      for (const auto& watch : watches) watch->bytes = 0;
    }
    start_round();
  }
  const double wall = std::chrono::duration<double>(Clock::now() - begin).count();
  const int64_t cpu = CpuMicros(argv[7]) - cpu_begin;
  uint64_t bytes = 0;
  for (const auto& watch : watches) bytes += watch->bytes;
  const auto n = static_cast<double>(std::max<size_t>(latencies.size(), 1));
  std::sort(latencies.begin(), latencies.end());
  const auto quantile = [&](double q) {
    return latencies.empty()
               ? 0.0F
               : latencies[static_cast<size_t>(q * static_cast<double>(latencies.size() - 1))];
  };
  std::printf(
      "{\"deliveries\":%zu,\"rounds\":%zu,\"seconds\":%.3f,\"cpu_us\":%.2f,\"p50_us\":%.0f,"
      "\"p99_us\":%.0f,\"message_bytes\":%.0f}\n",
      latencies.size(), round - kWarmRounds, wall, static_cast<double>(cpu) / n, quantile(0.5),
      quantile(0.99), static_cast<double>(bytes) / n);
  std::fflush(stdout);
  // The watches have no end: the process's is theirs.
  std::_Exit(0);
}
