// SPDX-License-Identifier: Apache-2.0

// Everything a run reads, parsed once at one revision into plain rows: needs, offers, the agencies
// behind them, regions, fields and the pairings that are kept. Names are codes (dictionary.h);
// "absent" stays absent. Made by LoadRoundSnapshot; immutable after that and shared by runs of the
// same revision and round.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "match/dictionary.h"
#include "match/record_source.h"
#include "tandem/v1/round.pb.h"

namespace tandem::match {

using OptionalInt = std::optional<int32_t>;

// A region; its row is its code.
struct RegionRow {
  Code parent = kNoCode;
  // The unit of province level above or at it.
  Code province = kNoCode;
  OptionalInt level;
  OptionalInt altitude_m;
  OptionalInt latitude_e7, longitude_e7;
  // Of the nearest unit that has one.
  OptionalInt economic_permille, sector_permille;
  // Itself first, then upwards.
  CodeRange ancestors;
  // Its own and those of the units above, ascending.
  CodeRange designations;
  // Of the nearest unit that names any.
  CodeRange languages;
};

// A field or target group; its row is its code.
struct CategoryRow {
  // Itself first, then upwards.
  CodeRange ancestors;
  // Exact and close mappings in either direction, and replacements, ascending.
  CodeRange mapped;
};

// An agency; its row is its code. Only assisting and receiving ones are filled in, others are just
// names.
struct AgencyRow {
  bool known = false;
  bool active = false;
  Code home = kNoCode;
  // As written, and whether its validity had ended on the snapshot's day.
  int32_t grade = 0;
  bool grade_expired = false;
  OptionalInt points;
  OptionalInt staff_total, staff_certified, staff_senior;
  OptionalInt retention_permille, government_share_permille;
  OptionalInt latitude_e7, longitude_e7;
  // `levels` (0: not reported) and `years` (years + 1; 0: not reported) stand beside `categories`.
  CodeRange categories, levels, years;
  CodeRange target_groups, languages;
  CodeRange ethnic_areas, adapted_regions;
  // From its running and completed pairings, ascending.
  CodeRange earlier_regions, earlier_receivers;
  int32_t completed_pairings = 0;
  int32_t failed_pairings = 0;

  // The grade that counts.
  int32_t valid_grade() const { return grade_expired ? 0 : grade; }
};

struct NeedRow {
  std::string name;
  Code region = kNoCode;
  Code category = kNoCode;
  Code target_group = kNoCode;
  Code receiver = kNoCode;
  int64_t slots = 0;
  // Slots it can still take in this run, kept pairs of the run included.
  int64_t units = 0;
  int32_t min_grade = 0;
  std::optional<int64_t> people;
  int32_t county_rank = 0;
  int32_t effective_urgency = 0;
  std::optional<int64_t> budget_fen;
  OptionalInt altitude_m;
  OptionalInt start_day, end_day;
  CodeRange required_languages;
  CodeRange preferences, refused_agencies;
  int64_t apply_ns = 0;
};

struct OfferRow {
  std::string name;
  Code agency = kNoCode;
  // Index into corridors; kNoCode when it names none that the round has.
  Code corridor = kNoCode;
  bool consent = false;
  int64_t slots = 0;
  // Slots it can still give in this run, kept pairs of the run included.
  int64_t units = 0;
  OptionalInt max_altitude_m;
  OptionalInt start_day, end_day;
  CodeRange categories, target_groups, languages;
  CodeRange accepted_regions, refused_regions;
  // Codes of regions, or regions.size() + row of the need.
  CodeRange preferences;
  int64_t apply_ns = 0;
};

struct CorridorRow {
  std::string id;
  Code supporting = kNoCode;
  Code receiving = kNoCode;
  int64_t min_slots = 0;
  std::optional<int64_t> max_slots;
};

// Slots of a running or accepted pairing whose need and offer are both in the run.
struct KeptPairing {
  uint32_t need = 0;
  uint32_t offer = 0;
  int64_t units = 0;
};

struct RoundSnapshot {
  store::Revision revision = 0;
  // Empty for standing offers and needs.
  std::string round;
  // The day validity is judged on, YYYY-MM-DD, and its start in UTC.
  std::string as_of_date;
  int64_t as_of_unix_ms = 0;

  Dictionary regions, categories, agencies, languages, designations;
  std::vector<RegionRow> region_rows;
  std::vector<CategoryRow> category_rows;
  std::vector<AgencyRow> agency_rows;
  CodePool pool;

  // By name.
  std::vector<NeedRow> needs;
  std::vector<OfferRow> offers;
  std::vector<CorridorRow> corridors;
  // By need, then offer; each pair once.
  std::vector<KeptPairing> kept;
  // What the run's warnings should say about the inputs.
  std::vector<std::string> warnings;
  // Every version read: needs in row order, then offers in row order, then the rest.
  std::vector<RecordVersion> versions;

  absl::Span<const Code> codes(CodeRange range) const { return pool.Get(range); }
  const RegionRow* region(Code code) const {
    return code < region_rows.size() ? &region_rows[code] : nullptr;
  }
  bool IsWithin(Code region_code, Code ancestor) const {
    const RegionRow* row = region(region_code);
    if (row == nullptr) return false;
    for (Code code : codes(row->ancestors)) {
      if (code == ancestor) return true;
    }
    return false;
  }
  // Row by name; nullopt when the run does not look at it.
  std::optional<uint32_t> FindNeed(std::string_view name) const;
  std::optional<uint32_t> FindOffer(std::string_view name) const;
  size_t MemoryBytes() const;
};

// Reads a round ("" for standing offers and needs) at the source's revision. `as_of_date` as above.
// RESOURCE_NOT_FOUND when there is no such round, RECORD_CORRUPT, LIMIT_EXCEEDED beyond 16 million
// rows of a side.
absl::StatusOr<std::shared_ptr<const RoundSnapshot>> LoadRoundSnapshot(const RecordSource& source,
                                                                       std::string_view round,
                                                                       std::string_view as_of_date,
                                                                       int threads);

// The day validity is judged on: the start of the round's compute window in its time zone, else the
// day of `now` there.
std::string AsOfDate(const v1::Round& round, absl::Time now);

// Days since 1970-01-01; nullopt for an empty date.
OptionalInt DayNumber(std::string_view date);

}  // namespace tandem::match
