// SPDX-License-Identifier: Apache-2.0

// Imports records of any number through one import method: numbers them, packs them into chunks,
// keeps a few chunks in flight, and goes on after a broken connection from the last durable number.
// Memory is bounded by the chunks in flight. A full sync is another case: it is sent whole on every
// stream, so after a broken connection the caller starts anew with the same request id.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "tandem/v1/import.pb.h"

#include "cpp/client.h"
#include "cpp/import_stream.h"

namespace tandem::client {

// What an importer tells while it works; called by the thread that calls the importer.
struct ImportEvents {
  // A record was refused by the server.
  std::function<void(const v1::ImportError&)> refused;
  // A record was taken, but something in it should be looked at.
  std::function<void(const v1::ImportWarning&)> warned;
  // Every record up to this number is settled: stored, refused or left alone.
  std::function<void(int64_t)> settled;
  // The connection broke and the importer goes on after this number.
  std::function<void(int64_t, const absl::Status&)> resumed;
};

// One import. One thread; `client` must outlive it.
class Importer {
 public:
  // Largest chunk in bytes; a larger single record travels alone.
  static constexpr size_t kChunkBytes = 64 * 1024;
  // Most records in a chunk.
  static constexpr int kChunkRecords = 1000;
  // Most chunks sent and not settled.
  static constexpr size_t kChunksInFlight = 8;
  // Most times in a row that a broken connection is opened again without any progress.
  static constexpr int kMaxReopenings = 5;

  // `method` is an import method, for example ImportAgencies. An empty request id is made here.
  Importer(const Client& client, const google::protobuf::MethodDescriptor& method,
           v1::ImportOptions options, ImportEvents events);

  // The next record added has the number after `number`: the records up to there were settled in an
  // earlier run and are not added again. Before Start.
  void SkipTo(int64_t number) { next_number_ = number + 1; }

  // Opens the stream. With a request id of an earlier import it learns how far that one got;
  // records up to there must still be added in the same order, and are not sent (but by a full
  // sync).
  absl::Status Start(bool resume);

  // Adds the next record. Blocks while too many chunks are in flight.
  absl::Status Add(const google::protobuf::Message& record);

  // Full syncs: says that every record was added but `unread_count`, which could not be read. What
  // the source has no more is marked then, so never say it of a file that was not read to its end.
  absl::Status EndSync(int64_t unread_count);

  // Sends what is left and waits until everything is settled.
  absl::Status Finish();

  // The server's counts so far, parts before a resumption included.
  const v1::ImportCounts& counts() const { return counts_; }
  // Every record up to this number is settled.
  int64_t settled_number() const { return settled_; }
  // What a full sync found missing, once it is ended and finished.
  const v1::SyncResult& sync_result() const { return sync_result_; }
  const std::string& request_id() const { return options_.request_id(); }

 private:
  struct Chunk {
    int64_t last_number = 0;
    std::string bytes;
  };

  // Whether every record goes out on this stream, settled ones too.
  bool sends_all() const { return options_.sync().full(); }
  absl::Status SendOpenChunk();
  // The same, and nothing when no record waits.
  absl::Status Flush();
  absl::Status SendOptions();
  absl::Status ReadAnswer(bool wait);
  absl::Status Reopen();
  bool SendInFlight();
  void Take(const v1::ImportResponse& answer);

  const Client& client_;
  const google::protobuf::MethodDescriptor& method_;
  v1::ImportOptions options_;
  ImportEvents events_;
  std::unique_ptr<ImportStream> stream_;
  std::unique_ptr<google::protobuf::Message> open_chunk_;
  size_t open_bytes_ = 0;
  int64_t next_number_ = 1;
  int64_t settled_ = 0;
  std::deque<Chunk> in_flight_;
  v1::ImportCounts counts_;
  v1::SyncResult sync_result_;
  // Answers that a full sync had on this stream; the first is to the options.
  int64_t answers_ = 0;
  int reopenings_ = 0;
};

}  // namespace tandem::client
