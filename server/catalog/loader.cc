// SPDX-License-Identifier: Apache-2.0

#include "catalog/loader.h"

#include <algorithm>
#include <deque>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/inlined_vector.h"
#include "absl/synchronization/mutex.h"
#include "catalog/claim_filter.h"
#include "catalog/wire_extractor.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::catalog {
namespace {

using model::RecordType;

// The rows of one segment to be, copied out of the scan.
struct Batch {
  struct Record {
    size_t begin = 0;
    uint32_t id_size = 0;
    uint32_t body_size = 0;
    uint32_t bytes_size = 0;
    store::Revision revision = 0;
  };
  size_t number = 0;
  std::string bytes;
  std::vector<Record> records;
};

// One segment made from a batch.
struct Built {
  std::shared_ptr<SealedSegment> segment;
  int64_t deleted_count = 0;
  std::vector<uint64_t> claims;
};

void CollectClaims(const FieldTable& table, const RowItems& values, std::vector<uint64_t>* claims) {
  const IndexedField* value = table.identifier_value();
  if (value == nullptr) return;
  const FieldId scheme_id = table.identifier_scheme()->id;
  const FieldId verified_id = table.identifier_verified()->id;
  // The three lists are parallel; their items follow one another within an element.
  absl::InlinedVector<std::string_view, 8> schemes, numbers;
  absl::InlinedVector<bool, 8> verified;
  for (const RowItem& item : values.items) {
    if (item.field == scheme_id) schemes.push_back(item.text);
    if (item.field == value->id) numbers.push_back(item.text);
    if (item.field == verified_id) verified.push_back(item.integer != 0);
  }
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (verified[i]) claims->push_back(HashClaim(schemes[i], numbers[i]));
  }
}

absl::StatusOr<Built> BuildSegment(RecordType type, const Batch& batch, const TreeSet& trees) {
  const WireExtractor& extractor = WireExtractor::Of(type);
  SegmentBuilder builder(extractor.table());
  Built built;
  RowItems values;
  for (const Batch::Record& record : batch.records) {
    std::string_view id(batch.bytes.data() + record.begin, record.id_size);
    std::string_view bytes(id.data() + id.size(), record.bytes_size);
    std::string_view body = bytes.substr(0, record.body_size);
    RowHeader header;
    absl::Status status = extractor.Extract(body, &values);
    if (status.ok()) status = ReadTail(bytes.substr(record.body_size), &header);
    if (!status.ok()) {
      return model::ResourceError(
          model::Reason::kRecordCorrupt, model::CollectionOf(type), StrCat(NamePrefix(type), id),
          StrCat("the stored record ", NamePrefix(type), id, " can't be read"));
    }
    header.revision = record.revision;
    header.body_hash = HashBody(body);
    if (header.delete_time_ns != 0) ++built.deleted_count;
    CollectClaims(extractor.table(), values, &built.claims);
    builder.Add(id, header, values);
  }
  built.segment = builder.Finish(trees);
  return built;
}

// Hands batches to threads and keeps what they make in order.
class BatchQueue {
 public:
  BatchQueue(RecordType type, const TreeSet& trees, int threads) : type_(type), trees_(trees) {
    for (int i = 0; i < std::max(1, threads); ++i) threads_.emplace_back([this] { Work(); });
  }
  ~BatchQueue() { Join(); }

  // An empty batch, with the memory of one that is done if there is such.
  Batch Fresh() {
    absl::MutexLock lock(&mu_);
    if (done_.empty()) return {};
    Batch fresh = std::move(done_.back());
    done_.pop_back();
    return fresh;
  }

  // Waits while enough is queued; false once a batch failed.
  bool Push(Batch batch) {
    absl::MutexLock lock(&mu_);
    auto room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return waiting_.size() < threads_.size() || !status_.ok();
    };
    mu_.Await(absl::Condition(&room));
    if (!status_.ok()) return false;
    batch.number = built_.size();
    built_.emplace_back();
    waiting_.push_back(std::move(batch));
    return true;
  }

  absl::StatusOr<std::vector<Built>> Finish() {
    Join();
    absl::MutexLock lock(&mu_);
    RETURN_IF_ERROR(status_);
    return std::vector<Built>(std::make_move_iterator(built_.begin()),
                              std::make_move_iterator(built_.end()));
  }

 private:
  void Join() {
    {
      absl::MutexLock lock(&mu_);
      closed_ = true;
    }
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  void Work() {
    while (true) {
      Batch batch;
      {
        absl::MutexLock lock(&mu_);
        auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
          return !waiting_.empty() || closed_;
        };
        mu_.Await(absl::Condition(&ready));
        if (waiting_.empty()) return;
        batch = std::move(waiting_.front());
        waiting_.pop_front();
      }
      absl::StatusOr<Built> built = BuildSegment(type_, batch, trees_);
      batch.bytes.clear();
      batch.records.clear();
      absl::MutexLock lock(&mu_);
      if (built.ok()) {
        built_[batch.number] = *std::move(built);
      } else if (status_.ok()) {
        status_ = built.status();
      }
      done_.push_back(std::move(batch));
    }
  }

  const RecordType type_;
  const TreeSet trees_;
  absl::Mutex mu_;
  std::deque<Batch> waiting_ ABSL_GUARDED_BY(mu_);
  std::deque<Built> built_ ABSL_GUARDED_BY(mu_);
  std::vector<Batch> done_ ABSL_GUARDED_BY(mu_);
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace

absl::StatusOr<LoadedType> LoadType(const store::Log& log, RecordType type, const TreeSet& trees,
                                    uint32_t segment_rows, int threads) {
  BatchQueue queue(type, trees, threads);
  // The first batches are short, so that no thread waits long for its first and directories of one
  // or two segments are built by all threads.
  const auto workers = static_cast<size_t>(std::max(1, threads));
  size_t pushed = 0;
  auto wanted_rows = [&]() -> size_t {
    const uint32_t part = pushed < workers ? 4 : (pushed < 2 * workers ? 2 : 1);
    return std::max<uint32_t>(1, segment_rows / part);
  };
  Batch batch;
  RETURN_IF_ERROR(log.Scan(type, [&](RecordType, std::string_view id, store::Revision revision,
                                     std::string_view bytes, uint32_t body_size) {
    batch.records.push_back({batch.bytes.size(), static_cast<uint32_t>(id.size()), body_size,
                             static_cast<uint32_t>(bytes.size()), revision});
    batch.bytes.append(id).append(bytes);
    if (batch.records.size() < wanted_rows()) return true;
    ++pushed;
    if (!queue.Push(std::move(batch))) return false;
    batch = queue.Fresh();
    return true;
  }));
  if (!batch.records.empty()) queue.Push(std::move(batch));
  ASSIGN_OR_RETURN(std::vector<Built> built, queue.Finish());
  LoadedType loaded;
  for (Built& part : built) {
    loaded.live_count += part.segment->row_count() - part.deleted_count;
    loaded.deleted_count += part.deleted_count;
    loaded.claims.insert(loaded.claims.end(), part.claims.begin(), part.claims.end());
    loaded.segments.push_back(std::move(part.segment));
  }
  return loaded;
}

}  // namespace tandem::catalog
