// SPDX-License-Identifier: Apache-2.0

// Writes the sample's records to a file: as NDJSON (protobuf's JSON form, one record a line), or as
// prepared import chunks (each a varint length and an Import…Request without options, for load
// tests).
#pragma once

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

#include "google/protobuf/message.h"

namespace tandem::sample {

enum class Format { kNdjson, kChunks };

class RecordWriter {
 public:
  // Opens `path`; ends the program with a message when that fails.
  RecordWriter(const std::string& path, Format format);
  // Writes what is left. Ends the program with a message when the file could not be written whole.
  ~RecordWriter();
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;

  void Write(const google::protobuf::Message& record);
  int64_t count() const { return count_; }

 private:
  void FlushChunk();

  std::string path_;
  Format format_;
  std::ofstream out_;
  int64_t count_ = 0;
  std::string chunk_;
  int64_t chunk_first_ = 1;
};

}  // namespace tandem::sample
