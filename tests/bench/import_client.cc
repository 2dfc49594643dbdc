// SPDX-License-Identifier: Apache-2.0

// Streams prepared import chunks (tandem-sample --format chunks) and prints one JSON object with
// the rate until the last one was durable.
//
//   import_client TARGET METHOD CHUNK_FILE

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "tandem/v1/import.pb.h"

namespace {

// Reads one length-prefixed message; false at the end.
bool ReadChunk(std::ifstream* in, std::string* bytes) {
  uint64_t length = 0;
  for (int shift = 0;; shift += 7) {
    const int byte = in->get();
    if (byte == std::char_traits<char>::eof()) return false;
    length |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  bytes->resize(length);
  return static_cast<bool>(in->read(bytes->data(), static_cast<std::streamsize>(length)));
}

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

// Field 1 of every Import…Request.
std::string OptionsMessage() {
  tandem::v1::ImportOptions options;
  options.set_on_conflict(tandem::v1::IMPORT_CONFLICT_RULE_REPLACE);
  const std::string bytes = options.SerializeAsString();
  return std::string("\x0a") + static_cast<char>(bytes.size()) + bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 || std::strncmp(argv[1], "127.0.0.1:", 10) != 0) {
    std::fprintf(stderr, "usage: import_client 127.0.0.1:PORT METHOD CHUNK_FILE\n");
    return 2;
  }
  std::ifstream in(argv[3], std::ios::binary);
  grpc::GenericStub stub(grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  auto stream = stub.PrepareCall(&context, argv[2], &queue);
  enum Tag : intptr_t { kStart = 1, kWrite, kRead, kDone, kFinish };
  auto tag_of = [](Tag tag) { return reinterpret_cast<void*>(static_cast<intptr_t>(tag)); };
  const auto begin = std::chrono::steady_clock::now();
  stream->StartCall(tag_of(kStart));
  grpc::ByteBuffer reply;
  grpc::Status status;
  tandem::v1::ImportResponse last;
  bool options_sent = false;
  bool writing_done = false;
  bool reading_done = false;
  void* tag = nullptr;
  bool ok = false;
  bool finished = false;
  while (!finished && queue.Next(&tag, &ok)) {
    switch (static_cast<Tag>(reinterpret_cast<intptr_t>(tag))) {
      case kStart:
        if (!ok) {
          stream->Finish(&status, tag_of(kFinish));
          break;
        }
        stream->Read(&reply, tag_of(kRead));
        [[fallthrough]];
      case kWrite: {
        if (!ok) break;
        std::string chunk;
        if (!options_sent) {
          options_sent = true;
          stream->Write(BufferOf(OptionsMessage()), tag_of(kWrite));
        } else if (ReadChunk(&in, &chunk)) {
          stream->Write(BufferOf(chunk), tag_of(kWrite));
        } else if (!writing_done) {
          writing_done = true;
          stream->WritesDone(tag_of(kDone));
        }
        break;
      }
      case kRead:
        if (ok) {
          grpc::Slice slice;
          if (reply.DumpToSingleSlice(&slice).ok()) {
            last.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
          }
          stream->Read(&reply, tag_of(kRead));
        } else if (!reading_done) {
          reading_done = true;
          stream->Finish(&status, tag_of(kFinish));
        }
        break;
      case kDone:
        break;
      case kFinish:
        finished = true;
        break;
    }
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto& counts = last.counts();
  std::printf(
      "{\"seconds\":%.3f,\"rate\":%.0f,\"created\":%lld,\"updated\":%lld,\"failed\":%lld}\n",
      seconds, static_cast<double>(last.durable_number()) / seconds,
      static_cast<long long>(counts.created()), static_cast<long long>(counts.updated()),
      static_cast<long long>(counts.failed()));
  if (!status.ok() || counts.failed() > 0) {
    std::fprintf(stderr, "import_client: %s\n", status.error_message().c_str());
    return 1;
  }
  return 0;
}
