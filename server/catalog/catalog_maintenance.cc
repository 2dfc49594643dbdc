// SPDX-License-Identifier: Apache-2.0

// The catalog's background work. Small segments are merged when enough of about the same size stand
// side by side, so each row is rebuilt about once for every factor of merge_fan_in that its segment
// grows.

#include <algorithm>
#include <limits>

#include "catalog/catalog.h"

namespace tandem::catalog {
namespace {

using model::RecordType;

constexpr uint32_t kNotKept = std::numeric_limits<uint32_t>::max();

// Rows of a segment that its next rebuild would keep.
uint32_t KeptRows(const Segment& segment) {
  return segment.life().capacity() - segment.life().dead_count();
}

// Full open segments and those with more than a quarter dead rows are rebuilt.
bool NeedsRebuild(const Segment& segment) {
  return !segment.sealed() || segment.life().dead_count() * 4 > segment.life().capacity();
}

}  // namespace

std::optional<Catalog::Job> Catalog::NextJob(const View& at) const {
  for (RecordType type : model::kAllRecordTypes) {
    // All but an open segment that still takes rows.
    SegmentList segments;
    for (const SegmentView& part : at.segments(type)) {
      if (!part.sealed() && part.row_count() < part.segment().life().capacity()) continue;
      segments.push_back(part.shared());
    }
    // The segments from `first` on that fit and go into one full segment together.
    struct Run {
      Job job;
      uint32_t rows = 0;
      uint32_t largest = 0;
      bool full = false;
    };
    auto run_from = [&](size_t first, auto&& fits) {
      Run run{Job{type, {}, false}};
      for (size_t i = first; i < segments.size() && fits(*segments[i]); ++i) {
        const uint32_t rows = KeptRows(*segments[i]);
        run.full = run.rows + rows > options_.segment_rows;
        if (run.full) break;
        run.rows += rows;
        run.largest = std::max(run.largest, rows);
        run.job.sources.push_back(segments[i]);
      }
      return run;
    };
    // What is due anyway goes first; neighbours that are due too go with it.
    for (size_t i = 0; i < segments.size(); ++i) {
      if (NeedsRebuild(*segments[i])) return run_from(i, NeedsRebuild).job;
    }
    // Then neighbours of one size class.
    auto size_class = [&](const Segment& segment) {
      uint64_t limit = options_.open_rows;
      int index = 0;
      while (KeptRows(segment) > limit && limit < options_.segment_rows) {
        limit *= options_.merge_fan_in;
        ++index;
      }
      return index;
    };
    for (size_t i = 0; i < segments.size(); ++i) {
      const int wanted = size_class(*segments[i]);
      Run run = run_from(i, [&](const Segment& segment) { return size_class(segment) <= wanted; });
      // Enough of them, or few that fill a segment; never a large one for the sake of some small
      // ones.
      const bool enough = run.job.sources.size() >= options_.merge_fan_in || run.full;
      if (enough && run.rows >= 2 * run.largest && run.job.sources.size() > 1) return run.job;
    }
    TreeSet trees;
    trees.region_version = at.tree_version(RecordType::kRegion);
    trees.category_version = at.tree_version(RecordType::kServiceCategory);
    for (const auto& segment : segments) {
      if (!static_cast<const SealedSegment&>(*segment).ClosuresMatch(trees)) {
        return Job{type, {segment}, true};
      }
    }
  }
  return std::nullopt;
}

void Catalog::Do(const Job& job, const View& at) {
  TreeSet trees;
  trees.regions = &at.tree(RecordType::kRegion);
  trees.categories = &at.tree(RecordType::kServiceCategory);
  trees.region_version = at.tree_version(RecordType::kRegion);
  trees.category_version = at.tree_version(RecordType::kServiceCategory);
  if (job.closures_only) {
    auto renewed = static_cast<const SealedSegment&>(*job.sources[0]).WithClosures(trees);
    absl::MutexLock lock(&write_mu_);
    Install(job, std::move(renewed));
    return;
  }
  SegmentBuilder builder(FieldTable::Of(job.type));
  // Of each source: where its rows went.
  std::vector<std::vector<uint32_t>> moved(job.sources.size());
  for (size_t i = 0; i < job.sources.size(); ++i) {
    const Segment& source = *job.sources[i];
    moved[i].assign(source.life().capacity(), kNotKept);
    for (uint32_t row = 0; row < source.life().capacity(); ++row) {
      // Views taken from now on never see a row that is dead already.
      if (!source.life().VisibleAt(row, at.revision())) continue;
      moved[i][row] = builder.row_count();
      builder.Add(source, row);
    }
  }
  std::shared_ptr<SealedSegment> built = builder.row_count() == 0 ? nullptr : builder.Finish(trees);

  absl::MutexLock lock(&write_mu_);
  // Rows that died while the segment was built die in the new one too, in the same order.
  std::vector<std::pair<store::Revision, uint32_t>> deaths;
  for (size_t i = 0; i < job.sources.size(); ++i) {
    const RowLife& life = job.sources[i]->life();
    for (uint32_t row : life.DeathsAfter(at.revision())) {
      deaths.emplace_back(life.died_at(row), moved[i][row]);
    }
  }
  std::stable_sort(deaths.begin(), deaths.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [revision, row] : deaths) built->life().Die(row, revision);
  Install(job, std::move(built));
}

void Catalog::Install(const Job& job, std::shared_ptr<SealedSegment> built) {
  TypeState& state = types_[static_cast<size_t>(job.type)];
  auto segments = std::make_shared<SegmentList>();
  for (const auto& segment : *state.segments) {
    if (segment == job.sources.front() && built != nullptr) segments->push_back(built);
    if (std::find(job.sources.begin(), job.sources.end(), segment) == job.sources.end()) {
      segments->push_back(segment);
    }
  }
  state.segments = std::move(segments);
  Publish(view()->revision());
}

bool Catalog::Maintain() {
  absl::MutexLock lock(&maintain_mu_);
  std::shared_ptr<const View> at = view();
  std::optional<Job> job = NextJob(*at);
  if (!job) return false;
  Do(*job, *at);
  return true;
}

void Catalog::Wake() {
  absl::MutexLock lock(&wake_mu_);
  work_due_ = true;
}

void Catalog::RunBackground() {
  while (true) {
    {
      absl::MutexLock lock(&wake_mu_);
      auto ready = [this]()
                       ABSL_EXCLUSIVE_LOCKS_REQUIRED(wake_mu_) { return work_due_ || stopping_; };
      wake_mu_.Await(absl::Condition(&ready));
      if (stopping_) return;
      work_due_ = false;
      idle_ = false;
    }
    while (Maintain()) {
      absl::MutexLock lock(&wake_mu_);
      if (stopping_) return;
    }
    absl::MutexLock lock(&wake_mu_);
    idle_ = true;
  }
}

void Catalog::WaitUntilMaintained() {
  if (!options_.background) {
    while (Maintain()) {
    }
    return;
  }
  absl::MutexLock lock(&wake_mu_);
  work_due_ = true;
  auto done = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(wake_mu_) { return idle_ && !work_due_; };
  wake_mu_.Await(absl::Condition(&done));
}

}  // namespace tandem::catalog
