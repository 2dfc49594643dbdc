// SPDX-License-Identifier: Apache-2.0

#include "match/column_gather.h"

#include <optional>
#include <utility>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::match {
namespace {

using plugin::Column;
using Number = std::optional<int64_t>;

Number Of(const OptionalInt& value) { return value ? Number(*value) : std::nullopt; }
Number PositiveOnly(int32_t value) { return value > 0 ? Number(value) : std::nullopt; }

// Codes of kSmallNumbers: the longest practice a record may name, plus one.
constexpr int kSmallNumbers = 202;

}  // namespace

ColumnGather::ColumnGather(std::shared_ptr<const RoundSnapshot> snapshot)
    : snapshot_(std::move(snapshot)), s_(*snapshot_) {}

const std::vector<std::string>& ColumnGather::DictionaryOf(ColumnValues values) {
  mu_.AssertHeld();
  auto& slot = dictionaries_[static_cast<int>(values)];
  if (slot != nullptr) return *slot;
  std::vector<std::string> names;
  auto copy = [&names](const Dictionary& from) {
    names.insert(names.end(), from.names().begin(), from.names().end());
  };
  switch (values) {
    case ColumnValues::kNone:
      break;
    case ColumnValues::kRegions:
      copy(s_.regions);
      break;
    case ColumnValues::kPlacesAndNeeds:
      copy(s_.regions);
      for (const NeedRow& need : s_.needs) names.push_back(need.name);
      break;
    case ColumnValues::kCategories:
      copy(s_.categories);
      break;
    case ColumnValues::kLanguages:
      copy(s_.languages);
      break;
    case ColumnValues::kAgencies:
      copy(s_.agencies);
      break;
    case ColumnValues::kDesignations:
      copy(s_.designations);
      break;
    case ColumnValues::kOffers:
      for (const OfferRow& offer : s_.offers) names.push_back(offer.name);
      break;
    case ColumnValues::kCorridors:
      for (const CorridorRow& corridor : s_.corridors) names.push_back(corridor.id);
      break;
    case ColumnValues::kSmallNumbers:
      for (int i = 0; i < kSmallNumbers; ++i) names.push_back(std::to_string(i));
      break;
  }
  slot = std::make_unique<const std::vector<std::string>>(std::move(names));
  return *slot;
}

template <typename Cell>
absl::StatusOr<Column::Ptr> ColumnGather::Numbers(size_t rows, Cell&& cell) {
  std::vector<int64_t> values(rows, 0);
  std::vector<uint8_t> valid(rows, 1);
  bool all = true;
  for (size_t i = 0; i < rows; ++i) {
    const Number value = cell(i);
    values[i] = value.value_or(0);
    valid[i] = value.has_value() ? 1 : 0;
    all = all && value.has_value();
  }
  if (all) valid.clear();
  return Column::I64(values, valid);
}

template <typename Cell>
absl::StatusOr<Column::Ptr> ColumnGather::Codes(const ColumnSpec& spec, size_t rows, Cell&& cell) {
  std::vector<uint32_t> codes(rows, 0);
  std::vector<uint8_t> valid(rows, 1);
  bool all = true;
  for (size_t i = 0; i < rows; ++i) {
    const Code code = cell(i);
    valid[i] = code == kNoCode ? 0 : 1;
    codes[i] = code == kNoCode ? 0 : code;
    all = all && code != kNoCode;
  }
  if (all) valid.clear();
  return Column::Code32(codes, DictionaryOf(spec.values), valid);
}

template <typename Cell>
absl::StatusOr<Column::Ptr> ColumnGather::Lists(const ColumnSpec& spec, size_t rows, Cell&& cell) {
  std::vector<uint32_t> offsets{0}, codes;
  offsets.reserve(rows + 1);
  for (size_t i = 0; i < rows; ++i) {
    for (Code code : s_.codes(cell(i))) codes.push_back(code);
    offsets.push_back(static_cast<uint32_t>(codes.size()));
  }
  return Column::CodeList(offsets, codes, DictionaryOf(spec.values));
}

absl::StatusOr<Column::Ptr> ColumnGather::MakeNeeds(const ColumnSpec& spec) {
  const size_t n = s_.needs.size();
  const std::string_view name = spec.name;
  auto need = [this](size_t i) -> const NeedRow& { return s_.needs[i]; };
  static const RegionRow kNowhere;
  auto region = [this](size_t i) -> const RegionRow& {
    const RegionRow* row = s_.region(s_.needs[i].region);
    return row == nullptr ? kNowhere : *row;
  };
  static const CategoryRow kNoField;
  auto field = [this](Code code) -> const CategoryRow& {
    return code < s_.category_rows.size() ? s_.category_rows[code] : kNoField;
  };
  if (name == "id") {
    return Codes(spec, n, [&](size_t i) { return static_cast<Code>(s_.regions.size() + i); });
  }
  if (name == "slots") return Numbers(n, [&](size_t i) { return Number(need(i).slots); });
  if (name == "people") return Numbers(n, [&](size_t i) { return need(i).people; });
  if (name == "county_rank") {
    return Numbers(n, [&](size_t i) { return PositiveOnly(need(i).county_rank); });
  }
  if (name == "effective_urgency") {
    return Numbers(n, [&](size_t i) { return PositiveOnly(need(i).effective_urgency); });
  }
  if (name == "min_grade") return Numbers(n, [&](size_t i) { return Number(need(i).min_grade); });
  if (name == "budget_fen") return Numbers(n, [&](size_t i) { return need(i).budget_fen; });
  if (name == "category") return Codes(spec, n, [&](size_t i) { return need(i).category; });
  if (name == "category.ancestors") {
    return Lists(spec, n, [&](size_t i) { return field(need(i).category).ancestors; });
  }
  if (name == "category.mapped") {
    return Lists(spec, n, [&](size_t i) { return field(need(i).category).mapped; });
  }
  if (name == "target_group") return Codes(spec, n, [&](size_t i) { return need(i).target_group; });
  if (name == "target_group.ancestors") {
    return Lists(spec, n, [&](size_t i) { return field(need(i).target_group).ancestors; });
  }
  if (name == "required_languages") {
    return Lists(spec, n, [&](size_t i) { return need(i).required_languages; });
  }
  if (name == "altitude_m") return Numbers(n, [&](size_t i) { return Of(need(i).altitude_m); });
  if (name == "start_day") return Numbers(n, [&](size_t i) { return Of(need(i).start_day); });
  if (name == "end_day") return Numbers(n, [&](size_t i) { return Of(need(i).end_day); });
  if (name == "preferences") return Lists(spec, n, [&](size_t i) { return need(i).preferences; });
  if (name == "region.code") return Codes(spec, n, [&](size_t i) { return need(i).region; });
  if (name == "region.level") return Numbers(n, [&](size_t i) { return Of(region(i).level); });
  if (name == "region.ancestors") {
    return Lists(spec, n, [&](size_t i) { return region(i).ancestors; });
  }
  if (name == "region.designations") {
    return Lists(spec, n, [&](size_t i) { return region(i).designations; });
  }
  if (name == "region.languages") {
    return Lists(spec, n, [&](size_t i) { return region(i).languages; });
  }
  if (name == "region.economic_index_permille") {
    return Numbers(n, [&](size_t i) { return Of(region(i).economic_permille); });
  }
  if (name == "region.sector_index_permille") {
    return Numbers(n, [&](size_t i) { return Of(region(i).sector_permille); });
  }
  if (name == "region.latitude_e7") {
    return Numbers(n, [&](size_t i) { return Of(region(i).latitude_e7); });
  }
  if (name == "region.longitude_e7") {
    return Numbers(n, [&](size_t i) { return Of(region(i).longitude_e7); });
  }
  if (name == "receiver.name") return Codes(spec, n, [&](size_t i) { return need(i).receiver; });
  if (name == "receiver.home_region") {
    return Codes(spec, n, [&](size_t i) {
      return need(i).receiver == kNoCode ? kNoCode : s_.agency_rows[need(i).receiver].home;
    });
  }
  return model::MakeError(model::Reason::kInternal,
                          StrCat("the column needs.", name, " is listed but not gathered"));
}

absl::StatusOr<Column::Ptr> ColumnGather::MakeOffers(const ColumnSpec& spec) {
  const size_t n = s_.offers.size();
  const std::string_view name = spec.name;
  auto offer = [this](size_t i) -> const OfferRow& { return s_.offers[i]; };
  auto agency = [this](size_t i) -> const AgencyRow& {
    return s_.agency_rows[s_.offers[i].agency];
  };
  static const RegionRow kNowhere;
  auto home = [this](size_t i) -> const RegionRow& {
    const RegionRow* row = s_.region(s_.agency_rows[s_.offers[i].agency].home);
    return row == nullptr ? kNowhere : *row;
  };
  if (name == "id") return Codes(spec, n, [](size_t i) { return static_cast<Code>(i); });
  if (name == "slots") return Numbers(n, [&](size_t i) { return Number(offer(i).slots); });
  if (name == "agency") return Codes(spec, n, [&](size_t i) { return offer(i).agency; });
  if (name == "corridor") return Codes(spec, n, [&](size_t i) { return offer(i).corridor; });
  if (name == "categories") return Lists(spec, n, [&](size_t i) { return offer(i).categories; });
  if (name == "target_groups") {
    return Lists(spec, n, [&](size_t i) { return offer(i).target_groups; });
  }
  if (name == "languages") return Lists(spec, n, [&](size_t i) { return offer(i).languages; });
  if (name == "accepted_regions") {
    return Lists(spec, n, [&](size_t i) { return offer(i).accepted_regions; });
  }
  if (name == "max_altitude_m") {
    return Numbers(n, [&](size_t i) { return Of(offer(i).max_altitude_m); });
  }
  if (name == "start_day") return Numbers(n, [&](size_t i) { return Of(offer(i).start_day); });
  if (name == "end_day") return Numbers(n, [&](size_t i) { return Of(offer(i).end_day); });
  if (name == "preferences") return Lists(spec, n, [&](size_t i) { return offer(i).preferences; });
  if (name == "agency.grade") {
    return Numbers(n, [&](size_t i) { return Number(agency(i).valid_grade()); });
  }
  if (name == "agency.points") return Numbers(n, [&](size_t i) { return Of(agency(i).points); });
  if (name == "agency.categories") {
    return Lists(spec, n, [&](size_t i) { return agency(i).categories; });
  }
  if (name == "agency.category_levels") {
    return Lists(spec, n, [&](size_t i) { return agency(i).levels; });
  }
  if (name == "agency.category_years") {
    return Lists(spec, n, [&](size_t i) { return agency(i).years; });
  }
  if (name == "agency.target_groups") {
    return Lists(spec, n, [&](size_t i) { return agency(i).target_groups; });
  }
  if (name == "agency.languages") {
    return Lists(spec, n, [&](size_t i) { return agency(i).languages; });
  }
  if (name == "agency.staff_total") {
    return Numbers(n, [&](size_t i) { return Of(agency(i).staff_total); });
  }
  if (name == "agency.staff_certified") {
    return Numbers(n, [&](size_t i) { return Of(agency(i).staff_certified); });
  }
  if (name == "agency.staff_senior") {
    return Numbers(n, [&](size_t i) { return Of(agency(i).staff_senior); });
  }
  if (name == "agency.retention_permille") {
    return Numbers(n, [&](size_t i) { return Of(agency(i).retention_permille); });
  }
  if (name == "agency.government_share_permille") {
    return Numbers(n, [&](size_t i) { return Of(agency(i).government_share_permille); });
  }
  if (name == "agency.ethnic_area_experience") {
    return Lists(spec, n, [&](size_t i) { return agency(i).ethnic_areas; });
  }
  if (name == "agency.adapted_methods_regions") {
    return Lists(spec, n, [&](size_t i) { return agency(i).adapted_regions; });
  }
  if (name == "agency.earlier_regions") {
    return Lists(spec, n, [&](size_t i) { return agency(i).earlier_regions; });
  }
  if (name == "agency.earlier_receivers") {
    return Lists(spec, n, [&](size_t i) { return agency(i).earlier_receivers; });
  }
  if (name == "agency.completed_pairings") {
    return Numbers(n, [&](size_t i) { return Number(agency(i).completed_pairings); });
  }
  if (name == "agency.failed_pairings") {
    return Numbers(n, [&](size_t i) { return Number(agency(i).failed_pairings); });
  }
  if (name == "home.code") return Codes(spec, n, [&](size_t i) { return agency(i).home; });
  if (name == "home.ancestors") return Lists(spec, n, [&](size_t i) { return home(i).ancestors; });
  if (name == "home.economic_index_permille") {
    return Numbers(n, [&](size_t i) { return Of(home(i).economic_permille); });
  }
  if (name == "home.sector_index_permille") {
    return Numbers(n, [&](size_t i) { return Of(home(i).sector_permille); });
  }
  if (name == "home.latitude_e7") {
    return Numbers(n, [&](size_t i) {
      return Of(agency(i).latitude_e7 ? agency(i).latitude_e7 : home(i).latitude_e7);
    });
  }
  if (name == "home.longitude_e7") {
    return Numbers(n, [&](size_t i) {
      return Of(agency(i).longitude_e7 ? agency(i).longitude_e7 : home(i).longitude_e7);
    });
  }
  return model::MakeError(model::Reason::kInternal,
                          StrCat("the column offers.", name, " is listed but not gathered"));
}

absl::StatusOr<Column::Ptr> ColumnGather::Make(const ColumnSpec& spec) {
  return spec.table == ColumnTable::kNeeds ? MakeNeeds(spec) : MakeOffers(spec);
}

absl::StatusOr<Column::Ptr> ColumnGather::Get(ColumnTable table, std::string_view name) {
  const ColumnSpec* spec = FindColumn(table, name);
  if (spec == nullptr) {
    return model::MakeError(model::Reason::kFieldInvalid,
                            StrCat("the server offers no column \"", name, "\""));
  }
  const std::string key = StrCat(table == ColumnTable::kNeeds ? "needs." : "offers.", name);
  absl::MutexLock lock(&mu_);
  auto at = columns_.find(key);
  if (at != columns_.end()) return at->second;
  ASSIGN_OR_RETURN(Column::Ptr column, Make(*spec));
  columns_.emplace(key, column);
  return column;
}

absl::StatusOr<ProblemTables> ColumnGather::TablesFor(
    const std::vector<const plugin::Manifest*>& manifests) {
  auto needs = std::make_shared<plugin::ColumnSet>(s_.needs.size());
  auto offers = std::make_shared<plugin::ColumnSet>(s_.offers.size());
  for (const plugin::Manifest* manifest : manifests) {
    for (ColumnTable table : {ColumnTable::kNeeds, ColumnTable::kOffers}) {
      const bool is_needs = table == ColumnTable::kNeeds;
      plugin::ColumnSet* set = is_needs ? needs.get() : offers.get();
      for (const plugin::ReadColumn& read :
           is_needs ? manifest->reads_needs : manifest->reads_offers) {
        const ColumnSpec* spec = FindColumn(table, read.name);
        if (spec == nullptr || spec->type != read.type) {
          return model::MakeError(
              model::Reason::kPluginRefused,
              StrCat("plugins/", manifest->id, " reads ", is_needs ? "needs." : "offers.",
                     read.name, ":", plugin::ColumnTypeName(read.type), ", which the server ",
                     spec == nullptr ? "does not offer" : "offers with another type"),
              {{"plugin", manifest->id}, {"column", read.name}});
        }
        if (set->Find(read.name) != nullptr) continue;
        ASSIGN_OR_RETURN(Column::Ptr column, Get(table, read.name));
        RETURN_IF_ERROR(set->Add(read.name, std::move(column)));
      }
    }
  }
  return ProblemTables{std::move(needs), std::move(offers)};
}

}  // namespace tandem::match
