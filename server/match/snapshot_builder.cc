// SPDX-License-Identifier: Apache-2.0

#include "match/snapshot_builder.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "match/assessment_validity.h"
#include "match/assurance_lapse.h"
#include "model/absl_strings.h"
#include "model/pairing_states.h"

namespace tandem::match {
namespace {

// Deeper trees are refused by the catalog; this only bounds a damaged one.
constexpr int kMaxDepth = 64;

template <typename T>
void SortUnique(std::vector<T>* values) {
  std::sort(values->begin(), values->end());
  values->erase(std::unique(values->begin(), values->end()), values->end());
}

int64_t NanosOf(const google::protobuf::Timestamp& stamp) {
  return stamp.seconds() * 1'000'000'000 + stamp.nanos();
}

// When a record was handed in.
template <typename Record>
int64_t ApplyNanos(const Record& record) {
  return NanosOf(record.has_apply_time() ? record.apply_time() : record.create_time());
}

int32_t Workers(const v1::SlotUnit& unit) { return unit.workers() == 0 ? 2 : unit.workers(); }
int32_t Workdays(const v1::SlotUnit& unit) { return unit.workdays() == 0 ? 40 : unit.workdays(); }

bool SameUnit(const v1::SlotUnit& a, const v1::SlotUnit& b) {
  return Workers(a) == Workers(b) && Workdays(a) == Workdays(b);
}

}  // namespace

template <typename Names>
CodeRange SnapshotBuilder::InternAll(const Names& names, Dictionary* dictionary) {
  std::vector<Code> codes;
  codes.reserve(static_cast<size_t>(names.size()));
  for (const std::string& name : names) {
    if (!name.empty()) codes.push_back(dictionary->Intern(name));
  }
  return snapshot_->pool.Add(codes);
}

template <typename Names>
CodeRange SnapshotBuilder::InternLanguages(const Names& names) {
  std::vector<std::string> lower;
  for (const std::string& name : names) lower.push_back(absl::AsciiStrToLower(name));
  return InternAll(lower, &snapshot_->languages);
}

Code SnapshotBuilder::InternAgency(std::string_view name) {
  const Code code = snapshot_->agencies.Intern(name);
  if (code != kNoCode && code >= snapshot_->agency_rows.size()) {
    snapshot_->agency_rows.resize(code + 1);
    history_.resize(code + 1);
  }
  return code;
}

void SnapshotBuilder::AddRegions(const std::vector<v1::Region>& regions) {
  RoundSnapshot& s = *snapshot_;
  for (const v1::Region& region : regions) s.regions.Intern(region.name());
  s.region_rows.resize(s.regions.size());
  std::vector<CodeRange> own_designations(regions.size()), own_languages(regions.size());
  for (size_t i = 0; i < regions.size(); ++i) {
    const v1::Region& region = regions[i];
    RegionRow& row = s.region_rows[i];
    row.parent = s.regions.Find(region.parent_region());
    if (region.level() != v1::REGION_LEVEL_UNSPECIFIED) row.level = region.level();
    if (region.has_altitude_m()) row.altitude_m = region.altitude_m();
    if (region.has_centroid()) {
      row.latitude_e7 = region.centroid().latitude_e7();
      row.longitude_e7 = region.centroid().longitude_e7();
    }
    if (region.has_economic_index())
      row.economic_permille = region.economic_index().value_permille();
    if (region.has_sector_index()) row.sector_permille = region.sector_index().value_permille();
    std::vector<std::string> ids;
    for (const v1::Designation& held : region.designations()) ids.push_back(held.designation_id());
    own_designations[i] = InternAll(ids, &s.designations);
    own_languages[i] = InternLanguages(region.languages());
  }
  // What is inherited is taken from the rows as written, so a second array keeps them.
  const std::vector<RegionRow> own = s.region_rows;
  for (size_t i = 0; i < regions.size(); ++i) {
    RegionRow& row = s.region_rows[i];
    std::vector<Code> ancestors, designations;
    for (Code at = static_cast<Code>(i); at != kNoCode && ancestors.size() < kMaxDepth;
         at = own[at].parent) {
      ancestors.push_back(at);
      for (Code held : s.codes(own_designations[at])) designations.push_back(held);
      if (row.languages.empty()) row.languages = own_languages[at];
      if (!row.economic_permille) row.economic_permille = own[at].economic_permille;
      if (!row.sector_permille) row.sector_permille = own[at].sector_permille;
      if (own[at].level == v1::REGION_LEVEL_PROVINCE) row.province = at;
    }
    SortUnique(&designations);
    row.ancestors = s.pool.Add(ancestors);
    row.designations = s.pool.Add(designations);
  }
}

void SnapshotBuilder::AddCategories(const std::vector<v1::ServiceCategory>& categories) {
  RoundSnapshot& s = *snapshot_;
  for (const v1::ServiceCategory& category : categories) s.categories.Intern(category.name());
  const size_t n = categories.size();
  s.category_rows.resize(n);
  std::vector<std::vector<Code>> mapped(n);
  auto link = [&](size_t from, std::string_view to_name) {
    const Code to = s.categories.Find(to_name);
    if (to == kNoCode || to == from) return;
    mapped[from].push_back(to);
    mapped[to].push_back(static_cast<Code>(from));
  };
  for (size_t i = 0; i < n; ++i) {
    std::vector<Code> ancestors;
    const v1::ServiceCategory* at = &categories[i];
    for (Code code = static_cast<Code>(i); code != kNoCode && ancestors.size() < kMaxDepth;) {
      ancestors.push_back(code);
      code = s.categories.Find(at->parent_category());
      if (code != kNoCode) at = &categories[code];
    }
    s.category_rows[i].ancestors = s.pool.Add(ancestors);
    for (const v1::CategoryMapping& mapping : categories[i].mappings()) {
      if (mapping.kind() == v1::MAPPING_KIND_EXACT || mapping.kind() == v1::MAPPING_KIND_CLOSE) {
        link(i, mapping.category());
      }
    }
    for (const std::string& successor : categories[i].replaced_by()) link(i, successor);
    for (const v1::CategorySuccessor& successor : categories[i].successors()) {
      link(i, successor.category());
    }
  }
  for (size_t i = 0; i < n; ++i) {
    SortUnique(&mapped[i]);
    s.category_rows[i].mapped = s.pool.Add(mapped[i]);
  }
}

void SnapshotBuilder::AddRound(const v1::Round& round) {
  slot_unit_ = round.slot_unit();
  for (const v1::Corridor& corridor : round.corridors()) {
    CorridorRow row;
    row.id = corridor.corridor_id();
    row.supporting = snapshot_->regions.Find(corridor.supporting_region());
    row.receiving = snapshot_->regions.Find(corridor.receiving_region());
    row.min_slots = corridor.min_slots();
    if (corridor.has_max_slots()) row.max_slots = corridor.max_slots();
    snapshot_->corridors.push_back(std::move(row));
  }
}

void SnapshotBuilder::AddNeed(const v1::Need& need) {
  RoundSnapshot& s = *snapshot_;
  NeedRow row;
  row.name = need.name();
  row.region = s.regions.Find(need.region());
  row.category = s.categories.Find(need.category());
  row.target_group = s.categories.Find(need.target_group());
  row.receiver = InternAgency(need.receiving_agency());
  row.slots = row.units = need.slots();
  row.min_grade = need.min_grade();
  if (need.has_people()) row.people = need.people();
  row.county_rank = need.county_rank();
  row.effective_urgency = need.effective_urgency();
  if (need.has_budget_fen()) row.budget_fen = need.budget_fen();
  if (need.local_conditions().has_altitude_m()) {
    row.altitude_m = need.local_conditions().altitude_m();
  } else if (const RegionRow* region = s.region(row.region)) {
    row.altitude_m = region->altitude_m;
  }
  row.start_day = DayNumber(need.start_date());
  row.end_day = DayNumber(need.end_date());
  row.required_languages = InternLanguages(need.required_languages());
  std::vector<Code> preferred, refused;
  for (const std::string& name : need.preferences()) preferred.push_back(InternAgency(name));
  for (const std::string& name : need.refused_agencies()) refused.push_back(InternAgency(name));
  row.preferences = s.pool.Add(preferred);
  row.refused_agencies = s.pool.Add(refused);
  row.apply_ns = ApplyNanos(need);
  if (!SameUnit(need.slot_unit(), slot_unit_)) ++wrong_units_;
  s.needs.push_back(std::move(row));
}

void SnapshotBuilder::AddOffer(const v1::Offer& offer) {
  RoundSnapshot& s = *snapshot_;
  OfferRow row;
  row.name = offer.name();
  row.agency = InternAgency(offer.agency());
  for (size_t i = 0; i < s.corridors.size(); ++i) {
    if (s.corridors[i].id == offer.corridor()) row.corridor = static_cast<Code>(i);
  }
  row.consent = offer.has_consent() &&
                (!offer.consent().given_by().empty() || offer.consent().has_consent_time() ||
                 !offer.consent().document().empty());
  row.slots = row.units = offer.slots();
  if (offer.has_max_altitude_m()) row.max_altitude_m = offer.max_altitude_m();
  row.start_day = DayNumber(offer.start_date());
  row.end_day = DayNumber(offer.end_date());
  row.categories = InternAll(offer.categories(), &s.categories);
  row.target_groups = InternAll(offer.target_groups(), &s.categories);
  row.languages = InternLanguages(offer.languages());
  row.accepted_regions = InternAll(offer.accepted_regions(), &s.regions);
  row.refused_regions = InternAll(offer.refused_regions(), &s.regions);
  row.apply_ns = ApplyNanos(offer);
  if (!SameUnit(offer.slot_unit(), slot_unit_)) ++wrong_units_;
  offer_preferences_.emplace_back(offer.preferences().begin(), offer.preferences().end());
  s.offers.push_back(std::move(row));
}

void SnapshotBuilder::AddAgency(const v1::Agency& stored) {
  RoundSnapshot& s = *snapshot_;
  v1::Agency record = stored;
  lapsed_groups_ += ClearLapsedGroups(s.as_of_date, &record);
  const Code code = InternAgency(record.name());
  AgencyRow row;
  row.known = true;
  row.active = record.status() == v1::AGENCY_STATUS_UNSPECIFIED ||
               record.status() == v1::AGENCY_STATUS_ACTIVE;
  row.home = s.regions.Find(record.home_region());
  row.grade = record.assessment().grade();
  row.grade_expired = GradeExpired(record.assessment(), s.as_of_date);
  if (record.assessment().has_points() && !row.grade_expired) {
    row.points = record.assessment().points();
  }
  const v1::Staff& staff = record.staff();
  if (staff.has_total()) row.staff_total = staff.total();
  if (staff.has_assistant_social_workers() || staff.has_social_workers() ||
      staff.has_senior_social_workers()) {
    row.staff_certified =
        staff.assistant_social_workers() + staff.social_workers() + staff.senior_social_workers();
  }
  if (staff.has_senior_social_workers()) row.staff_senior = staff.senior_social_workers();
  if (record.has_retention_permille()) row.retention_permille = record.retention_permille();
  int32_t newest = -1;
  for (const v1::IncomeShare& share : record.income_mix()) newest = std::max(newest, share.year());
  for (const v1::IncomeShare& share : record.income_mix()) {
    if (share.year() != newest) continue;
    row.government_share_permille =
        row.government_share_permille.value_or(0) +
        (share.kind() == "government_purchase" ? share.share_permille() : 0);
  }
  if (record.has_location()) {
    row.latitude_e7 = record.location().latitude_e7();
    row.longitude_e7 = record.location().longitude_e7();
  }
  std::vector<Code> fields, levels, years;
  for (const v1::CategoryCapability& able : record.categories()) {
    const Code field = s.categories.Find(able.category());
    if (field == kNoCode) continue;
    fields.push_back(field);
    levels.push_back(static_cast<Code>(able.level()));
    years.push_back(able.has_years() ? static_cast<Code>(able.years()) + 1 : 0);
  }
  row.categories = s.pool.Add(fields);
  row.levels = s.pool.Add(levels);
  row.years = s.pool.Add(years);
  row.target_groups = InternAll(record.target_groups(), &s.categories);
  row.languages = InternLanguages(record.languages());
  row.ethnic_areas = InternAll(record.ethnic_area_experience(), &s.regions);
  std::vector<Code> adapted;
  for (const v1::Method& method : record.methods()) {
    for (const std::string& region : method.adapted_for())
      adapted.push_back(s.regions.Find(region));
  }
  std::erase(adapted, kNoCode);
  SortUnique(&adapted);
  row.adapted_regions = s.pool.Add(adapted);
  *agency(code) = std::move(row);
}

}  // namespace tandem::match
