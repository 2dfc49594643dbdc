// SPDX-License-Identifier: Apache-2.0

// Random histories (append, purge, trim, restart) against a model that keeps everything in maps.

#include <iterator>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/reason_matcher.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "unit/store/store_fixture.h"

namespace tandem::store {
namespace {

using model::RecordType;
using support::HasReason;
using support::IsOk;

using Record = std::pair<RecordType, std::string>;
using Seen = std::vector<std::tuple<std::string, Revision, std::string, uint32_t>>;

struct Version {
  std::string bytes;
  uint32_t body_size = 0;
};

class Model {
 public:
  void Apply(const Entry& entry) {
    for (const RecordWrite& write : entry.writes) {
      const Record record{write.type, write.id};
      if (write.kind == storage::v1::CHANGE_KIND_PURGED) {
        versions_.erase(record);
      } else {
        versions_[record][entry.revision] = {write.bytes, write.body_size};
      }
      if (write.previous_revision != 0)
        superseded_[entry.revision].emplace_back(record, write.previous_revision);
    }
    log_[entry.revision] = entry.principal;
  }

  void Trim(Revision before) {
    while (!log_.empty() && log_.begin()->first < before) {
      const Revision revision = log_.begin()->first;
      for (const auto& [record, previous] : superseded_[revision]) {
        auto found = versions_.find(record);
        if (found != versions_.end()) found->second.erase(previous);
      }
      log_.erase(log_.begin());
    }
    start_ = std::max(start_, before);
  }

  Revision Newest(const Record& record) const {
    auto found = versions_.find(record);
    return found == versions_.end() || found->second.empty() ? 0 : found->second.rbegin()->first;
  }

  Seen Scan(RecordType type, const std::string& from, const std::string& to) const {
    Seen seen;
    for (const auto& [record, versions] : versions_) {
      if (record.first != type || record.second < from || (!to.empty() && record.second >= to))
        continue;
      if (versions.empty()) continue;
      const auto& [revision, version] = *versions.rbegin();
      seen.emplace_back(record.second, revision, version.bytes, version.body_size);
    }
    return seen;
  }

  // Every record as it was at `at`, from those behind `after` on.
  Seen ScanAt(RecordType type, Revision at, const std::string& after) const {
    Seen seen;
    for (const auto& [record, versions] : versions_) {
      if (record.first != type || record.second <= after) continue;
      auto newer = versions.upper_bound(at);
      if (newer == versions.begin()) continue;
      const auto& [revision, version] = *std::prev(newer);
      seen.emplace_back(record.second, revision, version.bytes, version.body_size);
    }
    return seen;
  }

  // The versions of a record that are not newer than `at`, newest first.
  Seen Versions(const Record& record, Revision at) const {
    Seen seen;
    auto found = versions_.find(record);
    if (found == versions_.end()) return seen;
    for (auto it = found->second.rbegin(); it != found->second.rend(); ++it) {
      if (it->first > at) continue;
      seen.emplace_back(record.second, it->first, it->second.bytes, it->second.body_size);
    }
    return seen;
  }

  const std::map<Revision, std::string>& log() const { return log_; }
  const std::map<Record, std::map<Revision, Version>>& versions() const { return versions_; }
  Revision start() const { return start_; }

 private:
  std::map<Record, std::map<Revision, Version>> versions_;
  std::map<Revision, std::vector<std::pair<Record, Revision>>> superseded_;
  std::map<Revision, std::string> log_;
  Revision start_ = 1;
};

class History {
 public:
  explicit History(uint32_t seed) : random_(seed), log_(OpenOrDie(dir_.Path("data"))) {}

  void Step() {
    const uint32_t dice = random_() % 100;
    if (dice < 80) {
      Append();
    } else if (dice < 90) {
      Trim();
    } else if (dice < 95) {
      log_.reset();
      log_ = OpenOrDie(dir_.Path("data"));
    } else {
      Check();
    }
  }

  void Check() {
    for (RecordType type : {RecordType::kAgency, RecordType::kRegion}) {
      const std::string from = random_() % 2 == 0 ? "" : RandomId();
      const std::string to = random_() % 2 == 0 ? "" : RandomId();
      Seen seen;
      ASSERT_THAT(log_->ScanRange(type, from, to,
                                  [&](RecordType, std::string_view id, Revision revision,
                                      std::string_view bytes, uint32_t body_size) {
                                    seen.emplace_back(id, revision, bytes, body_size);
                                    return true;
                                  }),
                  IsOk());
      ASSERT_EQ(seen, model_.Scan(type, from, to));
    }
    CheckLooksBack();
    std::map<Revision, std::string> fed;
    ASSERT_THAT(log_->Feed(model_.start(),
                           [&](Revision revision, const storage::v1::LogEntry& entry) {
                             fed[revision] = entry.principal();
                             return true;
                           }),
                IsOk());
    ASSERT_EQ(fed, model_.log());
    if (model_.start() > 1) {
      ASSERT_THAT(log_->Feed(model_.start() - 1, [](auto&&...) { return true; }),
                  HasReason(model::Reason::kRevisionCompacted));
    }
    for (Revision revision = 1; revision <= log_->Head(); ++revision) {
      for (const Record& record : touched_) {
        const auto read = log_->Read(record.first, record.second, revision);
        const auto found = model_.versions().find(record);
        const bool kept = found != model_.versions().end() && found->second.count(revision) != 0;
        ASSERT_EQ(read.ok(), kept) << record.second << "@" << revision << " " << read.status();
        if (kept) {
          ASSERT_EQ(read->bytes(), found->second.at(revision).bytes);
        }
      }
    }
  }

 private:
  void CheckLooksBack() {
    const Revision at = random_() % static_cast<uint32_t>(log_->Head() + 2);
    Seen seen;
    size_t limit = 0;
    const auto take = [&](RecordType, std::string_view id, Revision revision,
                          std::string_view bytes, uint32_t body_size) {
      seen.emplace_back(id, revision, bytes, body_size);
      return seen.size() != limit;
    };
    for (RecordType type : {RecordType::kAgency, RecordType::kRegion}) {
      const std::string after = random_() % 2 == 0 ? "" : RandomId();
      seen.clear();
      limit = 0;
      ASSERT_THAT(log_->ScanAt(type, at, after, take), IsOk());
      ASSERT_EQ(seen, model_.ScanAt(type, at, after)) << "at " << at << " after " << after;
      // In pieces it is the same.
      Seen whole;
      std::string last;
      do {
        seen.clear();
        limit = 2;
        ASSERT_THAT(log_->ScanAt(type, at, last, take), IsOk());
        whole.insert(whole.end(), seen.begin(), seen.end());
        if (!seen.empty()) last = std::get<0>(seen.back());
      } while (seen.size() == limit);
      ASSERT_EQ(whole, model_.ScanAt(type, at, ""));
    }
    limit = 0;
    for (const Record& record : touched_) {
      seen.clear();
      ASSERT_THAT(log_->Versions(record.first, record.second, at, take), IsOk());
      ASSERT_EQ(seen, model_.Versions(record, at)) << record.second << " at " << at;
    }
  }

  // Few ids, some prefixes of others.
  std::string RandomId() {
    return std::string(1 + random_() % 3, static_cast<char>('a' + random_() % 3));
  }

  void Append() {
    std::vector<Entry> group;
    Revision revision = log_->Head();
    const Revision head = revision;
    for (uint32_t n = 1 + random_() % 3; n > 0; --n) {
      std::map<Record, RecordWrite> writes;
      for (uint32_t m = 1 + random_() % 4; m > 0; --m) {
        const Record record{random_() % 3 == 0 ? RecordType::kRegion : RecordType::kAgency,
                            RandomId()};
        const Revision previous = model_.Newest(record);
        const bool purge = previous != 0 && random_() % 6 == 0;
        writes[record] =
            purge ? PurgeOf(record.second, previous, record.first)
                  : Write(record.second,
                          std::string(1 + random_() % 50, 'x') + std::to_string(random_()),
                          previous, record.first);
        touched_.insert(record);
      }
      std::vector<RecordWrite> list;
      for (auto& [record, write] : writes) list.push_back(std::move(write));
      group.push_back(MakeEntry(++revision, std::move(list)));
      group.back().principal = std::to_string(random_());
      model_.Apply(group.back());
    }
    const auto outcome = log_->Append(head, group);
    ASSERT_THAT(outcome, support::IsOkAndHolds(AppendOutcome::kDurable));
    ASSERT_EQ(log_->Head(), revision);
  }

  void Trim() {
    const Revision before = 1 + random_() % static_cast<uint32_t>(log_->Head() + 1);
    ASSERT_THAT(log_->Trim(before), IsOk());
    // A trim before the start changes nothing.
    if (before > model_.start()) model_.Trim(before);
  }

  support::TempDir dir_;
  std::mt19937 random_;
  std::set<Record> touched_;
  Model model_;
  std::unique_ptr<EmbeddedLog> log_;
};

TEST(EmbeddedLogModel, RandomHistoriesAgree) {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    History history(seed);
    for (int step = 0; step < 60 && !::testing::Test::HasFatalFailure(); ++step) history.Step();
    if (!::testing::Test::HasFatalFailure()) history.Check();
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace tandem::store
