// SPDX-License-Identifier: Apache-2.0

// The directory in memory. One committer applies commits; any number of readers take views. A
// background thread turns full segments into sealed ones, merges small ones and rewrites those with
// many dead rows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "catalog/claim_filter.h"
#include "catalog/open_segment.h"
#include "catalog/row_blob.h"
#include "catalog/sealed_segment.h"
#include "catalog/view.h"
#include "store/log.h"
#include "store/record_reader.h"

namespace tandem::catalog {

// Behaviour, then performance. The defaults fit every size; tests make segments small.
struct CatalogOptions {
  // Rows of a full segment, at most 65,536.
  uint32_t segment_rows = 65536;
  // Rows an open segment takes before the background thread seals it: what a query that its
  // postings can't answer looks at row by row.
  uint32_t open_rows = 4096;
  // Segments of about the same size that are merged into one. Every query asks every segment, so
  // few pay off; a row is rebuilt once more for each factor of this that its segment grows.
  uint32_t merge_fan_in = 4;
  // Off: only Maintain() seals and merges. For tests.
  bool background = true;
  // Threads that build segments at start.
  int load_threads = 2;
};

// One version to apply; `purged` removes the record for good and needs no values.
struct RowChange {
  model::RecordType type;
  std::string id;
  bool purged = false;
  RowHeader header;
  RowBlob values;
};

// The reading side is thread-safe. Load and Apply: one thread at a time (the committer's).
class Catalog {
 public:
  explicit Catalog(CatalogOptions options = {});
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  // Fills an empty catalog from the log's newest versions. RECORD_CORRUPT when one can't be read.
  absl::Status Load(const store::Log& log);

  // The newest published view. Never null; costs one reference count.
  std::shared_ptr<const View> view() const;
  store::Revision revision() const { return view()->revision(); }

  // Appends the rows of one or more commits, in order, and publishes them together as `revision`.
  void Apply(store::Revision revision, std::vector<RowChange> changes);

  // Whether some record, now or earlier, had this claim: false is certain, true asks for a look.
  bool MayBeClaimed(uint64_t claim_hash) const { return claims_.MayContain(claim_hash); }

  // Does the background work that is due: seal, merge, rewrite, renew closures. True when it did
  // something.
  bool Maintain();
  // Waits until nothing is due. For tests and benchmarks.
  void WaitUntilMaintained();

  // Bytes of all segments at the newest view.
  size_t MemoryBytes() const;

 private:
  // A piece of background work: consecutive segments of one type that become one.
  struct Job {
    model::RecordType type;
    SegmentList sources;
    // The rows stay as they are; only the closures are made anew.
    bool closures_only = false;
  };

  void Publish(store::Revision revision) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);
  void ApplyOne(RowChange change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);
  void NoteTreeChange(const RowChange& change, const Segment* before, uint32_t row,
                      TypeState* state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);
  void NoteClaims(const RowChange& change);
  OpenSegment* OpenSegmentOf(model::RecordType type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);
  std::optional<Job> NextJob(const View& at) const;
  void Do(const Job& job, const View& at);
  void Install(const Job& job, std::shared_ptr<SealedSegment> built)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);
  // Whether the background thread should look for work. Full segments and changed trees are work;
  // deaths may be, which a look now and then tells: looking costs as much as some writes.
  bool TakeWorkDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);
  void Wake();
  void RunBackground();

  const CatalogOptions options_;
  const std::shared_ptr<TreeCache> trees_ = std::make_shared<TreeCache>();

  // Held while rows are appended and while a rebuilt segment is put in; never while anything is
  // computed.
  absl::Mutex write_mu_;
  // Held for a pointer copy only.
  mutable absl::Mutex view_mu_;
  std::shared_ptr<const View> view_ ABSL_GUARDED_BY(view_mu_);
  // What the newest view holds, or is about to.
  TypeStates types_ ABSL_GUARDED_BY(write_mu_);
  // Changes since the background thread was woken last, and whether there is surely work for it.
  uint32_t changes_since_wake_ ABSL_GUARDED_BY(write_mu_) = 0;
  bool rebuild_due_ ABSL_GUARDED_BY(write_mu_) = false;
  // The committer's.
  ClaimFilter claims_;

  // One maintenance job at a time. Taken before write_mu_.
  absl::Mutex maintain_mu_;
  absl::Mutex wake_mu_;
  bool work_due_ ABSL_GUARDED_BY(wake_mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(wake_mu_) = false;
  bool idle_ ABSL_GUARDED_BY(wake_mu_) = true;
  std::thread background_;
};

}  // namespace tandem::catalog
