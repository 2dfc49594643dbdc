// SPDX-License-Identifier: Apache-2.0

#include "match/round_snapshot.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "model/absl_strings.h"
#include "model/round_windows.h"

namespace tandem::match {
namespace {

template <typename Row>
std::optional<uint32_t> FindRow(const std::vector<Row>& rows, std::string_view name) {
  auto at = std::lower_bound(rows.begin(), rows.end(), name,
                             [](const Row& row, std::string_view n) { return row.name < n; });
  if (at == rows.end() || at->name != name) return std::nullopt;
  return static_cast<uint32_t>(at - rows.begin());
}

}  // namespace

std::optional<uint32_t> RoundSnapshot::FindNeed(std::string_view name) const {
  return FindRow(needs, name);
}

std::optional<uint32_t> RoundSnapshot::FindOffer(std::string_view name) const {
  return FindRow(offers, name);
}

size_t RoundSnapshot::MemoryBytes() const {
  return pool.MemoryBytes() + needs.capacity() * sizeof(NeedRow) +
         offers.capacity() * sizeof(OfferRow) + agency_rows.capacity() * sizeof(AgencyRow) +
         region_rows.capacity() * sizeof(RegionRow) + versions.capacity() * sizeof(RecordVersion);
}

std::string AsOfDate(const v1::Round& round, absl::Time now) {
  const v1::TimeWindow& window = round.compute_window();
  return model::DayInRound(round,
                           window.has_start_time() ? model::TimeOf(window.start_time()) : now);
}

OptionalInt DayNumber(std::string_view date) {
  absl::CivilDay day;
  if (date.empty() || !absl::ParseCivilTime(ToAbsl(date), &day)) return std::nullopt;
  return static_cast<int32_t>(day - absl::CivilDay(1970, 1, 1));
}

}  // namespace tandem::match
