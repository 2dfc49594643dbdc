// SPDX-License-Identifier: Apache-2.0

#include "record_writer.h"

#include <cstdlib>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/util/json_util.h"

namespace tandem::sample {
namespace {

// Import chunks near 64 KiB keep both ends busy without holding much.
constexpr size_t kChunkBytes = 60 * 1024;
// Field 3 of every Import…Request holds the records, field 2 the first number.
constexpr uint8_t kRecordsTag = (3 << 3) | 2;
constexpr uint8_t kFirstNumberTag = (2 << 3) | 0;

void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80U));
    value >>= 7U;
  }
  out->push_back(static_cast<char>(value));
}

[[noreturn]] void Die(const std::string& path) {
  std::fprintf(stderr, "tandem-sample: can't write %s\n", path.c_str());
  std::exit(1);
}

}  // namespace

RecordWriter::RecordWriter(const std::string& path, Format format)
    : path_(path), format_(format), out_(path, std::ios::binary | std::ios::trunc) {
  if (!out_) Die(path_);
}

RecordWriter::~RecordWriter() {
  if (format_ == Format::kChunks) FlushChunk();
  out_.close();
  if (!out_) Die(path_);
}

void RecordWriter::Write(const google::protobuf::Message& record) {
  if (format_ == Format::kNdjson) {
    ++count_;
    std::string line;
    google::protobuf::util::MessageToJsonString(record, &line).ok();
    line.push_back('\n');
    out_ << line;
    return;
  }
  const std::string bytes = record.SerializeAsString();
  if (!chunk_.empty() && chunk_.size() + bytes.size() > kChunkBytes) FlushChunk();
  ++count_;
  chunk_.push_back(static_cast<char>(kRecordsTag));
  AppendVarint(bytes.size(), &chunk_);
  chunk_ += bytes;
}

void RecordWriter::FlushChunk() {
  if (chunk_.empty()) return;
  std::string head;
  head.push_back(static_cast<char>(kFirstNumberTag));
  AppendVarint(static_cast<uint64_t>(chunk_first_), &head);
  std::string frame;
  AppendVarint(head.size() + chunk_.size(), &frame);
  out_ << frame << head << chunk_;
  chunk_.clear();
  chunk_first_ = count_ + 1;
}

}  // namespace tandem::sample
