// SPDX-License-Identifier: Apache-2.0

#include "match/columns.h"

#include <array>

namespace tandem::match {
namespace {

using plugin::ColumnType;

constexpr ColumnTable kN = ColumnTable::kNeeds;
constexpr ColumnTable kO = ColumnTable::kOffers;
constexpr ColumnType kI64 = ColumnType::kI64;
constexpr ColumnType kCode = ColumnType::kCode32;
constexpr ColumnType kList = ColumnType::kCodeList;
using V = ColumnValues;

constexpr std::array kColumns = {
    // Needs: the request itself.
    ColumnSpec{kN, "id", kCode, V::kPlacesAndNeeds, false, "The need."},
    ColumnSpec{kN, "slots", kI64, V::kNone, false, "Slots it asks for."},
    ColumnSpec{kN, "people", kI64, V::kNone, true, "People it concerns."},
    ColumnSpec{kN, "county_rank", kI64, V::kNone, true,
               "The county's own order among its needs, 1 first; null: not ranked."},
    ColumnSpec{kN, "effective_urgency", kI64, V::kNone, true,
               "Urgency derived from evidence, 1 low to 3 high."},
    ColumnSpec{kN, "min_grade", kI64, V::kNone, false,
               "Lowest grade of an agency that may come, 1 to 5; 0: any."},
    ColumnSpec{kN, "budget_fen", kI64, V::kNone, false, "Money the county adds, fen."},
    ColumnSpec{kN, "category", kCode, V::kCategories, false, "The field of service."},
    ColumnSpec{kN, "category.ancestors", kList, V::kCategories, false,
               "The field itself, then the broader fields, nearest first."},
    ColumnSpec{kN, "category.mapped", kList, V::kCategories, false,
               "Fields of the same or nearly the same meaning (exact and close mappings)."},
    ColumnSpec{kN, "target_group", kCode, V::kCategories, true, "The group of people."},
    ColumnSpec{
        kN, "target_group.ancestors", kList, V::kCategories, false,
        "The group itself, then the broader groups, nearest first; empty when none is given."},
    ColumnSpec{kN, "required_languages", kList, V::kLanguages, false,
               "Languages a worker must speak, BCP 47 in lower case."},
    ColumnSpec{kN, "altitude_m", kI64, V::kNone, true,
               "Height above the sea where workers would live, metres: the need's, else its "
               "region's."},
    ColumnSpec{kN, "start_day", kI64, V::kNone, true, "First day wanted, days since 1970-01-01."},
    ColumnSpec{kN, "end_day", kI64, V::kNone, true, "Last day wanted, days since 1970-01-01."},
    ColumnSpec{kN, "preferences", kList, V::kAgencies, false,
               "Agencies the county prefers, best first."},
    // Needs: the county.
    ColumnSpec{kN, "region.code", kCode, V::kRegions, false, "The county."},
    ColumnSpec{kN, "region.level", kI64, V::kNone, true,
               "1 province, 2 prefecture, 3 county, 4 township."},
    ColumnSpec{kN, "region.ancestors", kList, V::kRegions, false,
               "The county itself, then the units above, nearest first."},
    ColumnSpec{kN, "region.designations", kList, V::kDesignations, false,
               "Designation ids the county or a unit above it holds, sorted by code."},
    ColumnSpec{kN, "region.languages", kList, V::kLanguages, false,
               "Languages spoken there that a worker should speak; of the nearest unit that names "
               "any."},
    ColumnSpec{kN, "region.economic_index_permille", kI64, V::kNone, true,
               "Economic index, 0 weakest to 1000; the nearest unit's that has one."},
    ColumnSpec{kN, "region.sector_index_permille", kI64, V::kNone, true,
               "Strength of the social-work sector, 0 weakest to 1000; the nearest unit's that has "
               "one."},
    ColumnSpec{kN, "region.latitude_e7", kI64, V::kNone, true, "Latitude of a point in it, 1e-7°."},
    ColumnSpec{kN, "region.longitude_e7", kI64, V::kNone, true,
               "Longitude of a point in it, 1e-7°."},
    // Needs: the receiving agency.
    ColumnSpec{kN, "receiver.name", kCode, V::kAgencies, true,
               "The agency that would be helped; null: still to be founded."},
    ColumnSpec{kN, "receiver.home_region", kCode, V::kRegions, true, "Where that agency is."},
    // Offers: the consent itself.
    ColumnSpec{kO, "id", kCode, V::kOffers, false, "The offer."},
    ColumnSpec{kO, "slots", kI64, V::kNone, false, "Slots the agency would send."},
    ColumnSpec{kO, "agency", kCode, V::kAgencies, false, "The assisting agency."},
    ColumnSpec{kO, "corridor", kCode, V::kCorridors, true, "The corridor's id in the round."},
    ColumnSpec{kO, "categories", kList, V::kCategories, false,
               "Fields it would work in; the agency's when the offer names none."},
    ColumnSpec{kO, "target_groups", kList, V::kCategories, false,
               "Groups it would work with; empty: all."},
    ColumnSpec{kO, "languages", kList, V::kLanguages, false,
               "Working languages; the agency's when the offer names none."},
    ColumnSpec{kO, "accepted_regions", kList, V::kRegions, false,
               "Regions it would go to; empty: anywhere in its corridor."},
    ColumnSpec{kO, "max_altitude_m", kI64, V::kNone, true,
               "Highest place its workers may live at, metres; null: no limit."},
    ColumnSpec{kO, "start_day", kI64, V::kNone, true, "First day it could start."},
    ColumnSpec{kO, "end_day", kI64, V::kNone, true, "Last day it could stay."},
    ColumnSpec{kO, "preferences", kList, V::kPlacesAndNeeds, false,
               "Needs or regions the agency prefers, best first."},
    // Offers: the agency.
    ColumnSpec{kO, "agency.grade", kI64, V::kNone, false,
               "Assessment grade, 1 to 5; 0: none, or no longer valid on the day of the run."},
    ColumnSpec{kO, "agency.points", kI64, V::kNone, true,
               "Assessment points, 0 to 1000; null also when the assessment has expired."},
    ColumnSpec{kO, "agency.categories", kList, V::kCategories, false, "Fields it is able in."},
    ColumnSpec{kO, "agency.category_levels", kList, V::kSmallNumbers, false,
               "Beside agency.categories: level 1 to 5; code 0: not reported."},
    ColumnSpec{kO, "agency.category_years", kList, V::kSmallNumbers, false,
               "Beside agency.categories: full years of practice plus 1; code 0: not reported."},
    ColumnSpec{kO, "agency.target_groups", kList, V::kCategories, false, "Groups it serves."},
    ColumnSpec{kO, "agency.languages", kList, V::kLanguages, false, "Its working languages."},
    ColumnSpec{kO, "agency.staff_total", kI64, V::kNone, true, "Paid staff."},
    ColumnSpec{kO, "agency.staff_certified", kI64, V::kNone, true,
               "Staff with any of the three certificates; null when none of them is reported."},
    ColumnSpec{kO, "agency.staff_senior", kI64, V::kNone, true,
               "Staff with the senior certificate."},
    ColumnSpec{kO, "agency.retention_permille", kI64, V::kNone, true,
               "Share of last year's social workers still there."},
    ColumnSpec{kO, "agency.government_share_permille", kI64, V::kNone, true,
               "Share of government purchase in the newest year's income."},
    ColumnSpec{kO, "agency.ethnic_area_experience", kList, V::kRegions, false,
               "Ethnic areas it has worked in."},
    ColumnSpec{kO, "agency.adapted_methods_regions", kList, V::kRegions, false,
               "Regions one of its methods was adapted for, each once."},
    ColumnSpec{kO, "agency.earlier_regions", kList, V::kRegions, false,
               "Receiving regions of its running and completed pairings, each once."},
    ColumnSpec{kO, "agency.earlier_receivers", kList, V::kAgencies, false,
               "Agencies helped in its running and completed pairings, each once."},
    ColumnSpec{kO, "agency.completed_pairings", kI64, V::kNone, false,
               "Pairings it brought to their end."},
    ColumnSpec{kO, "agency.failed_pairings", kI64, V::kNone, false, "Pairings that broke off."},
    // Offers: the agency's home.
    ColumnSpec{kO, "home.code", kCode, V::kRegions, true, "The region the agency is at home in."},
    ColumnSpec{kO, "home.ancestors", kList, V::kRegions, false,
               "That region, then the units above, nearest first; empty when not reported."},
    ColumnSpec{kO, "home.economic_index_permille", kI64, V::kNone, true,
               "Its economic index, 0 weakest to 1000."},
    ColumnSpec{kO, "home.sector_index_permille", kI64, V::kNone, true,
               "Its sector index, 0 weakest to 1000."},
    ColumnSpec{kO, "home.latitude_e7", kI64, V::kNone, true,
               "Latitude of the agency's office, else of a point in its region, 1e-7°."},
    ColumnSpec{kO, "home.longitude_e7", kI64, V::kNone, true, "Longitude likewise."},
};

}  // namespace

absl::Span<const ColumnSpec> AllColumns() { return kColumns; }

const ColumnSpec* FindColumn(ColumnTable table, std::string_view name) {
  for (const ColumnSpec& column : kColumns) {
    if (column.table == table && column.name == name) return &column;
  }
  return nullptr;
}

}  // namespace tandem::match
