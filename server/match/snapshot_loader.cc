// SPDX-License-Identifier: Apache-2.0

// Reads the records of a round: regions and fields whole, of the rest only what the round needs.

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "match/parallel.h"
#include "match/round_snapshot.h"
#include "match/snapshot_builder.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"

namespace tandem::match {
namespace {

using model::RecordType;

// Records parsed at a time: bounds what is held as messages.
constexpr size_t kBatch = 8192;
constexpr size_t kMaxRows = size_t{1} << 24;

// Reads versions[begin, end) in parallel; the first error wins by position.
template <typename Record>
absl::Status ReadBatch(const RecordSource& source, const std::vector<RecordVersion>& versions,
                       size_t begin, size_t end, int threads, std::vector<Record>* records) {
  records->clear();
  records->resize(end - begin);
  std::vector<absl::Status> statuses(end - begin);
  ParallelFor(threads, end - begin, 128, [&](size_t from, size_t to, int) {
    for (size_t i = from; i < to; ++i) {
      statuses[i] = source.Read(versions[begin + i], &(*records)[i]);
    }
  });
  for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

// Calls visit(record, version) for every version, in order.
template <typename Record, typename Visitor>
absl::Status ForEachRecord(const RecordSource& source, const std::vector<RecordVersion>& versions,
                           int threads, Visitor&& visit) {
  std::vector<Record> batch;
  for (size_t begin = 0; begin < versions.size(); begin += kBatch) {
    const size_t end = std::min(versions.size(), begin + kBatch);
    RETURN_IF_ERROR(ReadBatch(source, versions, begin, end, threads, &batch));
    for (size_t i = begin; i < end; ++i) visit(batch[i - begin], versions[i]);
  }
  return absl::OkStatus();
}

class SnapshotLoader {
 public:
  SnapshotLoader(const RecordSource& source, int threads)
      : source_(source), threads_(threads), builder_(&snapshot()) {}

  absl::StatusOr<std::shared_ptr<const RoundSnapshot>> Load(std::string_view round,
                                                            std::string_view as_of_date) {
    snapshot().revision = source_.revision();
    snapshot().round = std::string(round);
    snapshot().as_of_date = std::string(as_of_date);
    snapshot().as_of_unix_ms = int64_t{DayNumber(as_of_date).value_or(0)} * 86'400'000;
    RETURN_IF_ERROR(LoadTrees());
    if (!round.empty()) {
      v1::Round record;
      RETURN_IF_ERROR(source_.ReadByName(RecordType::kRound, round, &record));
      builder_.AddRound(record);
      Note(*source_.Find(RecordType::kRound, round.substr(round.find('/') + 1)));
    }
    RETURN_IF_ERROR(LoadSides(round));
    RETURN_IF_ERROR(LoadAgencies());
    builder_.JoinAgencies();
    RETURN_IF_ERROR(LoadPairings());
    builder_.Finish();
    for (RecordVersion& merged : source_.MergedAgencies()) Note(std::move(merged));
    // Needs and offers first: their place is their row.
    versions_.insert(versions_.begin(), offers_.begin(), offers_.end());
    versions_.insert(versions_.begin(), needs_.begin(), needs_.end());
    snapshot().versions = std::move(versions_);
    return std::shared_ptr<const RoundSnapshot>(std::move(snapshot_));
  }

 private:
  RoundSnapshot& snapshot() { return *snapshot_; }
  void Note(RecordVersion version) { versions_.push_back(std::move(version)); }

  absl::Status LoadTrees() {
    const std::vector<RecordVersion> regions = source_.List(RecordType::kRegion);
    std::vector<v1::Region> region_records;
    RETURN_IF_ERROR(ReadBatch(source_, regions, 0, regions.size(), threads_, &region_records));
    builder_.AddRegions(region_records);
    const std::vector<RecordVersion> categories = source_.List(RecordType::kServiceCategory);
    std::vector<v1::ServiceCategory> category_records;
    RETURN_IF_ERROR(
        ReadBatch(source_, categories, 0, categories.size(), threads_, &category_records));
    builder_.AddCategories(category_records);
    for (const RecordVersion& version : regions) Note(version);
    for (const RecordVersion& version : categories) Note(version);
    return absl::OkStatus();
  }

  absl::Status LoadSides(std::string_view round) {
    RETURN_IF_ERROR(ForEachRecord<v1::Need>(
        source_, source_.List(RecordType::kNeed, "round", round), threads_,
        [&](const v1::Need& need, const RecordVersion& version) {
          if (need.round() != round || need.state() == v1::NEED_STATE_DRAFT ||
              need.state() == v1::NEED_STATE_WITHDRAWN) {
            return;
          }
          builder_.AddNeed(need);
          needs_.push_back(version);
        }));
    RETURN_IF_ERROR(ForEachRecord<v1::Offer>(
        source_, source_.List(RecordType::kOffer, "round", round), threads_,
        [&](const v1::Offer& offer, const RecordVersion& version) {
          if (offer.round() != round || offer.state() == v1::OFFER_STATE_DRAFT ||
              offer.state() == v1::OFFER_STATE_WITHDRAWN) {
            return;
          }
          builder_.AddOffer(offer);
          offers_.push_back(version);
        }));
    if (needs_.size() > kMaxRows || offers_.size() > kMaxRows) {
      return model::MakeError(model::Reason::kLimitExceeded,
                              StrCat("a run takes at most ", kMaxRows, " offers and needs"));
    }
    return absl::OkStatus();
  }

  // The agencies behind offers and needs; those only named in preferences stay names.
  absl::Status LoadAgencies() {
    absl::flat_hash_set<Code> wanted;
    for (const OfferRow& offer : snapshot().offers) wanted.insert(offer.agency);
    for (const NeedRow& need : snapshot().needs) wanted.insert(need.receiver);
    wanted.erase(kNoCode);
    std::vector<RecordVersion> versions;
    for (Code code : wanted) {
      const std::string_view name = snapshot().agencies.name(code);
      if (auto version = source_.Find(RecordType::kAgency, name.substr(name.find('/') + 1))) {
        versions.push_back(*std::move(version));
      }
    }
    std::sort(versions.begin(), versions.end(),
              [](const RecordVersion& a, const RecordVersion& b) { return a.id < b.id; });
    return ForEachRecord<v1::Agency>(source_, versions, threads_,
                                     [&](const v1::Agency& agency, const RecordVersion& version) {
                                       builder_.AddAgency(agency);
                                       Note(version);
                                     });
  }

  absl::Status LoadPairings() {
    return ForEachRecord<v1::Pairing>(
        source_, source_.List(RecordType::kPairing), threads_,
        [&](const v1::Pairing& pairing, const RecordVersion& version) {
          builder_.AddPairing(pairing);
          Note(version);
        });
  }

  const RecordSource& source_;
  const int threads_;
  std::shared_ptr<RoundSnapshot> snapshot_ = std::make_shared<RoundSnapshot>();
  SnapshotBuilder builder_;
  std::vector<RecordVersion> needs_, offers_, versions_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const RoundSnapshot>> LoadRoundSnapshot(const RecordSource& source,
                                                                       std::string_view round,
                                                                       std::string_view as_of_date,
                                                                       int threads) {
  return SnapshotLoader(source, threads).Load(round, as_of_date);
}

}  // namespace tandem::match
