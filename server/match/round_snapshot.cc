// SPDX-License-Identifier: Apache-2.0

#include "match/round_snapshot.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "model/absl_strings.h"

namespace tandem::match {
namespace {

template <typename Row>
std::optional<uint32_t> FindRow(const std::vector<Row>& rows, std::string_view name) {
  auto at = std::lower_bound(rows.begin(), rows.end(), name,
                             [](const Row& row, std::string_view n) { return row.name < n; });
  if (at == rows.end() || at->name != name) return std::nullopt;
  return static_cast<uint32_t>(at - rows.begin());
}

absl::Time TimeOf(const google::protobuf::Timestamp& stamp) {
  return absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
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
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!round.time_zone().empty() && !absl::LoadTimeZone(round.time_zone(), &zone)) {
    zone = absl::UTCTimeZone();
  }
  const absl::Time at =
      round.compute_window().has_start_time() ? TimeOf(round.compute_window().start_time()) : now;
  return absl::FormatCivilTime(absl::ToCivilDay(at, zone));
}

OptionalInt DayNumber(std::string_view date) {
  absl::CivilDay day;
  if (date.empty() || !absl::ParseCivilTime(ToAbsl(date), &day)) return std::nullopt;
  return static_cast<int32_t>(day - absl::CivilDay(1970, 1, 1));
}

}  // namespace tandem::match
