// SPDX-License-Identifier: Apache-2.0

#include "crash/ledger.h"

#include <algorithm>
#include <set>

#include "absl/time/clock.h"
#include "model/absl_strings.h"

namespace tandem::crash {
namespace {

using model::RecordType;
using store::Entry;
using store::Revision;

constexpr std::string_view kMetaName = "state";

}  // namespace

Entry Ledger::RandomEntry(Revision revision) {
  Entry entry;
  entry.revision = revision;
  entry.commit_time_ns = absl::GetCurrentTimeNanos();
  // Says which of several tries at a revision this was.
  entry.principal = StrCat("try-", random_());
  entry.method = "crash";
  if (random_() % 2 == 0) {
    entry.request_id = StrCat("request-", random_());
    entry.request.set_request_sha256(entry.principal);
    entry.request.set_revision(revision);
    entry.request.set_commit_time_ns(entry.commit_time_ns);
  }
  std::set<Record> chosen;
  for (uint32_t n = 1 + random_() % 4; n > 0; --n) {
    chosen.emplace(random_() % 4 == 0 ? RecordType::kRegion : RecordType::kAgency,
                   StrCat("id-", random_() % 50));
  }
  for (const Record& record : chosen) {
    const std::vector<Revision>& versions = versions_[record];
    store::RecordWrite write;
    write.type = record.first;
    write.id = record.second;
    write.previous_revision = versions.empty() ? 0 : versions.back();
    write.kind =
        versions.empty() ? storage::v1::CHANGE_KIND_CREATED : storage::v1::CHANGE_KIND_UPDATED;
    // Not compressible, so that files fill as the sizes say.
    write.bytes.resize(1 + random_() % 1500);
    for (char& byte : write.bytes) byte = static_cast<char>(random_());
    write.body_size = static_cast<uint32_t>(random_() % (write.bytes.size() + 1));
    entry.writes.push_back(std::move(write));
  }
  return entry;
}

absl::Status Ledger::Append(store::EmbeddedLog& log) {
  const Revision head = log.Head();
  // A group that failed is tried again as it was: nobody knows whether it reached the disk.
  if (unfinished_.empty()) {
    for (uint32_t n = 1 + random_() % 6; n > 0; --n) {
      const Revision revision = head + 1 + static_cast<Revision>(unfinished_.size());
      unfinished_.push_back(RandomEntry(revision));
      for (const auto& write : unfinished_.back().writes) {
        versions_[{write.type, write.id}].push_back(revision);
      }
      tried_[revision] = unfinished_.back();
    }
  }
  const auto outcome = log.Append(head, unfinished_);
  if (!outcome.ok()) return outcome.status();
  if (*outcome != store::AppendOutcome::kDurable) {
    return absl::InternalError("the head moved under its only writer");
  }
  acknowledged_ = unfinished_.back().revision;
  unfinished_.clear();
  return absl::OkStatus();
}

absl::Status Ledger::Trim(store::EmbeddedLog& log) {
  const Revision start = log.LogStart();
  const Revision before =
      start + static_cast<Revision>(random_() % static_cast<uint64_t>(log.Head() + 2 - start));
  trim_tried_ = std::max(trim_tried_, before);
  absl::Status status = log.Trim(before);
  if (status.ok()) trim_acknowledged_ = std::max(trim_acknowledged_, before);
  return status;
}

absl::Status Ledger::PutMeta(store::EmbeddedLog& log) {
  meta_tried_ = StrCat("value-", random_());
  absl::Status status = log.PutMeta(kMetaName, meta_tried_);
  if (status.ok()) meta_acknowledged_ = meta_tried_;
  return status;
}

absl::Status Ledger::Step(store::EmbeddedLog& log) {
  const uint32_t dice = random_() % 20;
  if (dice == 0) return Trim(log);
  if (dice == 1) return PutMeta(log);
  return Append(log);
}

std::vector<std::string> Ledger::Check(store::EmbeddedLog& log) {
  std::vector<std::string> problems;
  const Revision head = log.Head();
  if (head < acknowledged_) {
    problems.push_back(StrCat("acknowledged up to ", acknowledged_, ", the store ends at ", head));
  }
  const Revision last_tried = tried_.empty() ? 0 : tried_.rbegin()->first;
  if (head > last_tried) problems.push_back(StrCat("revision ", head, " was never written"));
  for (auto it = tried_.upper_bound(head); it != tried_.end(); it = tried_.erase(it)) {
    for (const auto& write : it->second.writes) versions_[{write.type, write.id}].pop_back();
    if (!it->second.request_id.empty()) lost_.push_back(it->second);
  }
  acknowledged_ = head;
  unfinished_.clear();
  CheckLog(log, &problems);
  CheckRecords(log, &problems);
  CheckRequests(log, &problems);
  const auto meta = log.GetMeta(kMetaName);
  const std::string value = meta.ok() ? meta->value_or("") : meta.status().ToString();
  if (value != meta_acknowledged_ && value != meta_tried_)
    problems.push_back(StrCat("named value is ", value));
  meta_acknowledged_ = meta_tried_ = value;
  return problems;
}

void Ledger::CheckLog(store::EmbeddedLog& log, std::vector<std::string>* problems) {
  const Revision start = log.LogStart();
  if (start < trim_acknowledged_ || start > trim_tried_) {
    problems->push_back(
        StrCat("log starts at ", start, ", not in ", trim_acknowledged_, "..", trim_tried_));
  }
  trim_acknowledged_ = trim_tried_ = start;
  Revision expected = start;
  const absl::Status fed =
      log.Feed(start, [&](Revision revision, const storage::v1::LogEntry& entry) {
        const auto tried = tried_.find(revision);
        if (revision != expected++) problems->push_back(StrCat("gap before log entry ", revision));
        if (tried == tried_.end() || entry.principal() != tried->second.principal ||
            entry.changes_size() != static_cast<int>(tried->second.writes.size())) {
          problems->push_back(StrCat("log entry ", revision, " is another one than was written"));
        }
        return true;
      });
  if (!fed.ok()) problems->push_back(StrCat("feed: ", fed.ToString()));
  if (expected != log.Head() + 1) problems->push_back(StrCat("the feed ends at ", expected - 1));
}

void Ledger::CheckRecords(store::EmbeddedLog& log, std::vector<std::string>* problems) {
  std::map<Record, Revision> newest;
  for (RecordType type : {RecordType::kAgency, RecordType::kRegion}) {
    const absl::Status scanned = log.Scan(type, [&](RecordType found, std::string_view id,
                                                    Revision revision, std::string_view, uint32_t) {
      newest[{found, std::string(id)}] = revision;
      return true;
    });
    if (!scanned.ok()) problems->push_back(StrCat("scan: ", scanned.ToString()));
  }
  for (const auto& [record, versions] : versions_) {
    const Revision last = versions.empty() ? 0 : versions.back();
    const auto found = newest.find(record);
    if ((found == newest.end() ? 0 : found->second) != last) {
      problems->push_back(StrCat(record.second, " is not at its revision ", last));
    }
    if (found != newest.end()) newest.erase(found);
    for (size_t i = 0; i < versions.size(); ++i) {
      // A trimmed entry took the version before it along.
      const bool kept = i + 1 == versions.size() || versions[i + 1] >= log.LogStart();
      const auto read = log.Read(record.first, record.second, versions[i]);
      if (read.ok() != kept) {
        problems->push_back(
            StrCat(record.second, "@", versions[i],
                   kept ? " is missing: " : " should be gone: ", read.status().ToString()));
      }
      if (!read.ok()) continue;
      for (const auto& write : tried_.at(versions[i]).writes) {
        if (write.type != record.first || write.id != record.second) continue;
        if (read->bytes() != write.bytes || read->body().size() != write.body_size) {
          problems->push_back(
              StrCat(record.second, "@", versions[i], " has other bytes than were written"));
        }
      }
    }
  }
  for (const auto& [record, revision] : newest) {
    problems->push_back(StrCat(record.second, "@", revision, " was never written"));
  }
}

void Ledger::CheckRequests(store::EmbeddedLog& log, std::vector<std::string>* problems) {
  for (const auto& [revision, entry] : tried_) {
    if (entry.request_id.empty()) continue;
    const auto found = log.FindRequest(entry.principal, entry.method, entry.request_id);
    if (!found.ok() || !found->has_value() || (*found)->revision() != revision) {
      problems->push_back(
          StrCat("request id of revision ", revision, " is missing: ", found.status().ToString()));
    }
  }
  for (const Entry& entry : lost_) {
    const auto found = log.FindRequest(entry.principal, entry.method, entry.request_id);
    if (!found.ok() || found->has_value()) {
      problems->push_back(StrCat("request id of lost revision ", entry.revision, " is there"));
    }
  }
}

}  // namespace tandem::crash
