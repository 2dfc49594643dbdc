// SPDX-License-Identifier: Apache-2.0

#include "service/change_page.h"

#include <optional>
#include <utility>

namespace tandem::service {
namespace {

class PageFiller {
 public:
  PageFiller(const ChangeSelection& selection, const catalog::Catalog& catalog,
             const ChangePageLimits& limits, ChangePosition from, VersionSource* source)
      : selection_(selection), catalog_(catalog), limits_(limits), source_(source) {
    page_.next = from;
  }

  // Takes what the caller gets of one revision. False when the page ends before, in or behind it.
  bool Take(const ChangeBatch& batch) {
    const size_t events_before = page_.events.size();
    const size_t bytes_before = bytes_;
    const auto undo = [&] {
      page_.events.resize(events_before);
      bytes_ = bytes_before;
      return false;
    };
    for (size_t i = page_.next.offset; i < batch.size(); ++i) {
      absl::StatusOr<std::optional<grpc::Slice>> event =
          selection_.Select(batch, i, catalog_, source_);
      if (!event.ok()) {
        // What lies before it is handed out first.
        if (events_before == 0) error_ = event.status();
        return undo();
      }
      if (!*event) continue;
      if (!Fits(**event)) {
        if (events_before > 0) return undo();
        // A revision larger than a page: in parts.
        page_.next.offset = i;
        return false;
      }
      bytes_ += (*event)->size();
      page_.events.push_back(**std::move(event));
    }
    page_.next = {batch.revision() + 1, 0};
    return ++revisions_ < limits_.revisions;
  }

  const ChangePosition& next() const { return page_.next; }
  absl::Status* error() { return &error_; }
  ChangePage* page() { return &page_; }

 private:
  bool Fits(const grpc::Slice& event) const {
    if (page_.events.empty()) return true;
    return page_.events.size() < limits_.events && bytes_ + event.size() <= limits_.bytes;
  }

  const ChangeSelection& selection_;
  const catalog::Catalog& catalog_;
  const ChangePageLimits& limits_;
  VersionSource* const source_;
  ChangePage page_;
  size_t bytes_ = 0;
  size_t revisions_ = 0;
  absl::Status error_;
};

// Takes from memory or from the log; false when the page is full or nothing more can be had now.
bool TakeMore(const ChangeHub& hub, const ChangePageLimits& limits, VersionSource* source,
              PageFiller* filler) {
  // Before the tail is asked for: what is published in between is found the next time.
  const store::Revision newest = hub.newest();
  if (filler->next().revision > newest) {
    filler->page()->at_end = true;
    return false;
  }
  const std::vector<ChangeHub::Batch> tail = hub.Tail(filler->next().revision, limits.bytes);
  for (const ChangeHub::Batch& batch : tail) {
    if (!filler->Take(*batch)) return false;
  }
  if (!tail.empty()) return true;
  if (!source->may_block) {
    source->missed = true;
    return false;
  }
  bool more = true;
  absl::Status fed = source->log->Feed(
      filler->next().revision, [&](store::Revision revision, const storage::v1::LogEntry& entry) {
        if (revision > newest) return false;
        more = filler->Take(ChangeBatch(revision, entry));
        return more;
      });
  if (fed.ok()) return more;
  if (filler->page()->events.empty()) *filler->error() = std::move(fed);
  return false;
}

}  // namespace

absl::StatusOr<ChangePage> ReadChangePage(const ChangeHub& hub, const ChangeSelection& selection,
                                          const catalog::Catalog& catalog, ChangePosition from,
                                          const ChangePageLimits& limits, VersionSource* source) {
  source->missed = false;
  PageFiller filler(selection, catalog, limits, from, source);
  while (TakeMore(hub, limits, source, &filler)) continue;
  if (!filler.page()->events.empty()) source->missed = false;
  if (!filler.error()->ok()) return *filler.error();
  return std::move(*filler.page());
}

}  // namespace tandem::service
