// SPDX-License-Identifier: Apache-2.0

// Units over time against plain oracles, on open and sealed segments: who is valid on a day, what
// is carried to whom, what is counted where, and who still refers to what has ended.

#include "query/succession.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/reference_day.h"
#include "query/executor.h"
#include "query/stale_references.h"
#include "query/unit_counts.h"
#include "support/record_catalog.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/service_category.pb.h"

namespace tandem::query {
namespace {

using model::RecordType;
using testing::RecordCatalog;

const PageTokens& Tokens() {
  static const PageTokens tokens(std::array<uint8_t, PageTokens::kKeyBytes>{7});
  return tokens;
}

catalog::CatalogOptions SmallSegments() {
  catalog::CatalogOptions options;
  options.segment_rows = 16;
  options.open_rows = 16;
  options.background = false;
  return options;
}

std::string Day(int number) { return StrCat("20", number < 10 ? "0" : "", number, "-06-15"); }

// Random regions that keep the rules, and agencies and needs at them.
class World {
 public:
  explicit World(uint32_t seed) : engine_(seed), catalog_(SmallSegments()) {
    for (int i = 0; i < kUnits; ++i) AddRegion(i);
    for (int i = 0; i < 60; ++i) AddAgency(i);
    for (int i = 0; i < 20; ++i) AddNeed(i);
    if (Below(2) == 0) {
      while (catalog_.catalog().Maintain()) {
      }
    }
  }

  static constexpr int kUnits = 40;

  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(engine_); }
  std::string RandomUnit() { return StrCat("regions/r", Below(kUnits)); }
  RecordCatalog& catalog() { return catalog_; }
  const v1::Region& region(const std::string& name) {
    return static_cast<const v1::Region&>(*catalog_.records(RecordType::kRegion).at(name));
  }
  template <typename T>
  std::vector<const T*> All(RecordType type) {
    std::vector<const T*> all;
    for (const auto& [name, record] : catalog_.records(type)) {
      all.push_back(static_cast<const T*>(record.get()));
    }
    return all;
  }

 private:
  // The higher a unit's number, the earlier it ends; the first four never do.
  void AddRegion(int i) {
    auto region = std::make_shared<v1::Region>();
    region->set_name(StrCat("regions/r", i));
    region->set_display_name(StrCat("Unit ", i));
    region->set_code(StrCat("c", i % 11));
    region->set_code_scheme(i % 3 == 0 ? "old" : "new");
    region->set_level(i % 2 == 0 ? v1::REGION_LEVEL_COUNTY : v1::REGION_LEVEL_PREFECTURE);
    if (Below(2) == 0) region->set_valid_from_date(Day(Below(30)));
    if (i > 3) {
      region->set_valid_to_date(Day(99 - i));
      std::set<int> next;
      for (int n = Below(4); n > 0; --n) next.insert(Below(i));
      const bool with_shares = Below(2) == 0;
      int left = 1000;
      for (int successor : next) {
        auto* added = region->add_successors();
        added->set_region(StrCat("regions/r", successor));
        const bool last = region->successors_size() == static_cast<int>(next.size());
        const int share = last ? left : 1 + Below(std::max(1, left - 10) / 2);
        if (with_shares) added->set_share_permille(share);
        left -= share;
      }
    }
    if (i > 4 && i % 2 == 0) region->set_parent_region(StrCat("regions/r", 1 + 2 * Below(2)));
    catalog_.Put(RecordType::kRegion, region);
  }

  void AddAgency(int i) {
    auto agency = std::make_shared<v1::Agency>();
    agency->set_name(StrCat("agencies/a", i));
    agency->set_display_name(StrCat("Agency ", i));
    if (Below(8) != 0) agency->set_home_region(RandomUnit());
    if (Below(3) == 0) agency->set_registration_region(RandomUnit());
    if (Below(20) == 0) agency->mutable_delete_time()->set_seconds(1);
    catalog_.Put(RecordType::kAgency, agency);
    auto offer = std::make_shared<v1::Offer>();
    offer->set_name(StrCat("offers/o", i));
    offer->set_agency(agency->name());
    if (Below(4) == 0) offer->add_accepted_regions(RandomUnit());
    catalog_.Put(RecordType::kOffer, offer);
  }

  void AddNeed(int i) {
    auto need = std::make_shared<v1::Need>();
    need->set_name(StrCat("needs/n", i));
    need->set_region(RandomUnit());
    catalog_.Put(RecordType::kNeed, need);
  }

  std::mt19937 engine_;
  RecordCatalog catalog_;
};

bool Ended(const v1::Region& region, const std::string& day) {
  return !region.valid_to_date().empty() && region.valid_to_date() < day;
}
bool Valid(const v1::Region& region, const std::string& day) {
  return !Ended(region, day) && region.valid_from_date() <= day;
}

// By the book: whole parts, then one more to whoever is furthest below its due, until none is left.
std::vector<int64_t> NaiveSplit(int64_t amount, const std::vector<int64_t>& weights) {
  const int64_t sum = std::accumulate(weights.begin(), weights.end(), int64_t{0});
  std::vector<int64_t> parts;
  for (int64_t weight : weights) parts.push_back(amount * weight / sum);
  while (std::accumulate(parts.begin(), parts.end(), int64_t{0}) < amount) {
    size_t furthest = 0;
    for (size_t i = 1; i < parts.size(); ++i) {
      if (amount * weights[i] - parts[i] * sum >
          amount * weights[furthest] - parts[furthest] * sum) {
        furthest = i;
      }
    }
    ++parts[furthest];
  }
  return parts;
}

// Unit by unit in the order they end: a successor always ends later.
UnitAmounts NaiveCarry(World& world, UnitAmounts amounts, const std::string& day,
                       int64_t* unresolved) {
  *unresolved = 0;
  for (auto it = amounts.begin(); it != amounts.end();) {
    const v1::Region& region = world.region(it->first);
    const bool not_begun = !Ended(region, day) && region.valid_from_date() > day;
    if (not_begun) *unresolved += it->second;
    it = not_begun ? amounts.erase(it) : std::next(it);
  }
  std::vector<const v1::Region*> in_order = world.All<v1::Region>(RecordType::kRegion);
  std::sort(in_order.begin(), in_order.end(),
            [](const auto* a, const auto* b) { return a->valid_to_date() < b->valid_to_date(); });
  for (const v1::Region* region : in_order) {
    auto it = amounts.find(region->name());
    if (it == amounts.end() || !Ended(*region, day)) continue;
    const int64_t amount = it->second;
    amounts.erase(it);
    if (region->successors_size() == 0) {
      *unresolved += amount;
      continue;
    }
    std::vector<int64_t> weights;
    for (const auto& successor : region->successors()) {
      weights.push_back(region->successors(0).share_permille() == 0 ? 1
                                                                    : successor.share_permille());
    }
    const std::vector<int64_t> parts = NaiveSplit(amount, weights);
    for (int i = 0; i < region->successors_size(); ++i) {
      amounts[region->successors(i).region()] += parts[static_cast<size_t>(i)];
    }
  }
  for (auto it = amounts.begin(); it != amounts.end();) {
    it = it->second == 0 ? amounts.erase(it) : std::next(it);
  }
  return amounts;
}

UnitAmounts AllOf(const CarriedAmounts& carried) {
  UnitAmounts all;
  for (const auto& [unit, amount] : carried.units) all[unit] = amount.all;
  return all;
}

TEST(SplitByWeightTest, NothingIsLostAndEachPartIsNextToItsDue) {
  std::mt19937 engine(3);
  for (int round = 0; round < 2000; ++round) {
    const int64_t amount = static_cast<int64_t>(engine() % 5000);
    std::vector<int64_t> weights(1 + engine() % 8);
    for (int64_t& weight : weights) weight = static_cast<int64_t>(engine() % 1000);
    weights.front() += 1;
    const std::vector<int64_t> parts = SplitByWeight(amount, weights);
    EXPECT_EQ(parts, NaiveSplit(amount, weights));
    EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), int64_t{0}), amount);
  }
}

TEST(SuccessionTest, AmountsAreCarriedAsByHand) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    World world(seed);
    const auto view = world.catalog().view();
    UnitAmounts amounts;
    int64_t sum = 0;
    for (int i = 0; i < 15; ++i) {
      const int64_t amount = world.Below(2000);
      amounts[world.RandomUnit()] += amount;
      sum += amount;
    }
    for (int number = 0; number <= 99; number += 9) {
      SCOPED_TRACE(StrCat("seed ", seed, ", ", Day(number)));
      const CarriedAmounts carried =
          Succession(*view, RecordType::kRegion, Day(number)).Carry(amounts);
      int64_t unresolved = 0;
      UnitAmounts expected = NaiveCarry(world, amounts, Day(number), &unresolved);
      EXPECT_EQ(AllOf(carried), expected);
      EXPECT_EQ(carried.unresolved, unresolved);
      int64_t there = carried.unresolved;
      for (const auto& [unit, amount] : carried.units) {
        there += amount.all;
        EXPECT_LE(amount.carried, amount.all);
      }
      EXPECT_EQ(there, sum);
    }
  }
}

// The rules of writing keep circles out; data that has one must not hang a reader.
TEST(SuccessionTest, ACircleEnds) {
  RecordCatalog records(SmallSegments());
  for (int i = 0; i < 3; ++i) {
    auto category = std::make_shared<v1::ServiceCategory>();
    category->set_name(StrCat("serviceCategories/c", i));
    category->set_state(v1::CATEGORY_STATE_SUPERSEDED);
    category->add_replaced_by(StrCat("serviceCategories/c", (i + 1) % 3));
    if (i == 1) category->add_replaced_by("serviceCategories/live");
    records.Put(RecordType::kServiceCategory, category);
  }
  auto live = std::make_shared<v1::ServiceCategory>();
  live->set_name("serviceCategories/live");
  records.Put(RecordType::kServiceCategory, live);
  const auto view = records.view();
  const CarriedAmounts carried = Succession(*view, RecordType::kServiceCategory, "2026-01-01")
                                     .Carry({{"serviceCategories/c0", 1001}});
  EXPECT_EQ(AllOf(carried), (UnitAmounts{{"serviceCategories/live", 500}}));
  EXPECT_EQ(carried.unresolved, 501);
}

TEST(SuccessionTest, LongChainsAreFollowed) {
  RecordCatalog records(SmallSegments());
  constexpr int kLength = 5000;
  for (int i = 0; i < kLength; ++i) {
    auto category = std::make_shared<v1::ServiceCategory>();
    category->set_name(StrCat("serviceCategories/c", i));
    if (i + 1 < kLength) {
      category->set_state(v1::CATEGORY_STATE_SUPERSEDED);
      category->add_replaced_by(StrCat("serviceCategories/c", i + 1));
    }
    records.Put(RecordType::kServiceCategory, category);
  }
  const auto view = records.view();
  const CarriedAmounts carried = Succession(*view, RecordType::kServiceCategory, "2026-01-01")
                                     .Carry({{"serviceCategories/c0", 7}});
  EXPECT_EQ(AllOf(carried), (UnitAmounts{{StrCat("serviceCategories/c", kLength - 1), 7}}));
}

TEST(SuccessionTest, ACodeIsTheUnitOfItsDay) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    World world(seed);
    const auto view = world.catalog().view();
    const Succession units(*view, RecordType::kRegion, Day(50));
    for (int i = 0; i < 60; ++i) {
      const std::string list = world.Below(2) == 0 ? "old" : "new";
      const std::string code = StrCat("c", world.Below(12)), day = Day(world.Below(100));
      // Valid before ended (the last first) before not begun (the first first), then by name.
      std::vector<std::tuple<int, int, std::string>> ranked;
      for (const v1::Region* region : world.All<v1::Region>(RecordType::kRegion)) {
        if (region->code() != code || region->code_scheme() != list) continue;
        auto number = [](const std::string& date) { return std::stoi(date.substr(0, 4)); };
        if (Ended(*region, day)) {
          ranked.emplace_back(1, -number(region->valid_to_date()), region->name());
        } else if (region->valid_from_date() > day) {
          ranked.emplace_back(2, number(region->valid_from_date()), region->name());
        } else {
          ranked.emplace_back(0, 0, region->name());
        }
      }
      std::sort(ranked.begin(), ranked.end());
      const std::optional<std::string> found = units.FindByCode({list, code, day});
      EXPECT_EQ(found.value_or(""), ranked.empty() ? "" : std::get<2>(ranked.front()))
          << list << " " << code << " on " << day;
    }
  }
}

TEST(ValidOnTest, ListsAndFiltersShowTheUnitsOfTheDay) {
  for (uint32_t seed = 0; seed < 30; ++seed) {
    World world(seed);
    const auto view = world.catalog().view();
    for (int number = 0; number <= 99; number += 7) {
      SCOPED_TRACE(StrCat("seed ", seed, ", ", Day(number)));
      std::set<std::string> expected;
      for (const v1::Region* region : world.All<v1::Region>(RecordType::kRegion)) {
        if (Valid(*region, Day(number))) expected.insert(region->name().substr(8));
      }
      ListQuery by_date, by_filter;
      by_date.type = by_filter.type = RecordType::kRegion;
      by_date.page_size = by_filter.page_size = 1000;
      by_date.as_of_date = Day(number);
      by_filter.filter = StrCat("valid_on(\"", Day(number), "\")");
      for (const ListQuery& query : {by_date, by_filter}) {
        auto page = List(*view, Tokens(), query);
        ASSERT_TRUE(page.ok()) << page.status();
        std::set<std::string> listed;
        for (const ListRow& row : page->rows) listed.insert(row.id);
        EXPECT_EQ(listed, expected);
      }
    }
  }
}

TEST(ValidOnTest, ADayThatIsNoneOrHasNoMeaningIsRefused) {
  World world(1);
  const auto view = world.catalog().view();
  ListQuery query;
  query.type = RecordType::kRegion;
  query.as_of_date = "2026-02-30";
  EXPECT_EQ(model::ErrorReason(List(*view, Tokens(), query).status()),
            model::Reason::kFieldInvalid);
  query.type = RecordType::kAgency;
  query.as_of_date = "2026-02-28";
  EXPECT_EQ(model::ErrorReason(List(*view, Tokens(), query).status()),
            model::Reason::kFieldInvalid);
  query.type = RecordType::kRegion;
  query.page_size = 1;
  auto page = List(*view, Tokens(), query);
  ASSERT_TRUE(page.ok());
  query.page_token = page->next_page_token;
  query.as_of_date = "2026-02-27";
  EXPECT_EQ(model::ErrorReason(List(*view, Tokens(), query).status()),
            model::Reason::kPageTokenMismatch);
}

TEST(UnitCountsTest, CountsAddUpToTheRecords) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    World world(seed);
    const auto view = world.catalog().view();
    for (const char* collection : {"agencies", "offers", "needs"}) {
      for (int number = 0; number <= 99; number += 11) {
        SCOPED_TRACE(StrCat("seed ", seed, " ", collection, ", ", Day(number)));
        const UnitPlacement& placement = *FindPlacement(RecordType::kRegion, collection);
        UnitAmounts direct;
        int64_t total = 0, without = 0;
        for (const auto& [name, record] : world.catalog().records(placement.counted)) {
          std::string at;
          if (placement.counted == RecordType::kNeed) {
            at = static_cast<const v1::Need&>(*record).region();
          } else {
            const std::string agency = placement.counted == RecordType::kOffer
                                           ? static_cast<const v1::Offer&>(*record).agency()
                                           : name;
            const auto& held = static_cast<const v1::Agency&>(
                *world.catalog().records(RecordType::kAgency).at(agency));
            if (placement.counted == RecordType::kAgency && held.has_delete_time()) continue;
            at = held.home_region();
          }
          ++total;
          if (at.empty()) {
            ++without;
          } else {
            ++direct[at];
          }
        }
        ListQuery query;
        query.type = placement.counted;
        auto counts = CountAtUnits(*view, placement, query, Day(number), std::nullopt);
        ASSERT_TRUE(counts.ok()) << counts.status();
        int64_t unresolved = 0;
        const UnitAmounts expected = NaiveCarry(world, direct, Day(number), &unresolved);
        UnitAmounts found;
        int64_t sum = counts->unplaced, carried = 0;
        for (const UnitCount& count : counts->units) {
          found[count.unit] = count.count;
          sum += count.count;
          carried += count.carried;
        }
        EXPECT_EQ(found, expected);
        EXPECT_EQ(counts->total, total);
        EXPECT_EQ(sum, total);
        EXPECT_EQ(carried, counts->carried);
        EXPECT_EQ(counts->unplaced, without + unresolved);
        // The same at a level: what lies in no prefecture has no place.
        auto by_level = CountAtUnits(*view, placement, query, Day(number),
                                     int64_t{v1::REGION_LEVEL_PREFECTURE});
        ASSERT_TRUE(by_level.ok());
        int64_t rolled = by_level->unplaced;
        for (const UnitCount& count : by_level->units) {
          rolled += count.count;
          EXPECT_EQ(world.region(count.unit).level(), v1::REGION_LEVEL_PREFECTURE);
        }
        EXPECT_EQ(rolled, total);
      }
    }
  }
}

TEST(StaleReferencesTest, PagesPutTogetherAreTheReport) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    World world(seed);
    const auto view = world.catalog().view();
    for (int number : {0, 60, 75, 99}) {
      std::set<std::tuple<std::string, std::string, std::string>> expected;
      auto add = [&](const std::string& unit, const std::string& record, const std::string& path) {
        if (!unit.empty() && Ended(world.region(unit), Day(number))) {
          expected.emplace(unit, record, path);
        }
      };
      for (const v1::Agency* agency : world.All<v1::Agency>(RecordType::kAgency)) {
        if (!agency->has_delete_time()) add(agency->home_region(), agency->name(), "home_region");
      }
      for (const v1::Need* need : world.All<v1::Need>(RecordType::kNeed)) {
        add(need->region(), need->name(), "region");
      }
      for (const v1::Offer* offer : world.All<v1::Offer>(RecordType::kOffer)) {
        for (const std::string& unit : offer->accepted_regions()) {
          add(unit, offer->name(), "accepted_regions");
        }
      }
      for (int page_size : {1, 7, 1000}) {
        SCOPED_TRACE(StrCat("seed ", seed, ", ", Day(number), ", pages of ", page_size));
        StaleQuery query;
        query.day = Day(number);
        query.page_size = page_size;
        std::vector<std::tuple<std::string, std::string, std::string>> found;
        do {
          auto page = ListStaleReferences(*view, Tokens(), query);
          ASSERT_TRUE(page.ok()) << page.status();
          ASSERT_LE(page->references.size(), static_cast<size_t>(page_size));
          for (const StaleReference& stale : page->references) {
            found.emplace_back(stale.unit, stale.record, stale.path);
          }
          query.page_token = page->next_page_token;
        } while (!query.page_token.empty() && found.size() <= expected.size());
        EXPECT_EQ(found, (std::vector(expected.begin(), expected.end())));
      }
    }
  }
}

TEST(StaleReferencesTest, TheScopeHolds) {
  World world(2);
  const auto view = world.catalog().view();
  StaleQuery query;
  query.day = Day(99);
  query.page_size = 1000;
  query.scope.regions = {"regions/r20"};
  auto page = ListStaleReferences(*view, Tokens(), query);
  ASSERT_TRUE(page.ok());
  for (const StaleReference& stale : page->references) {
    if (stale.path == "home_region" || stale.path == "region") {
      EXPECT_EQ(stale.unit, "regions/r20");
    }
  }
}

// A reference that nobody thought about would never be checked.
TEST(ReferenceDayTest, EveryReferenceToAUnitHasARow) {
  std::set<std::pair<RecordType, std::string>> rows;
  for (const model::ReferenceDayRow& row : model::ReferenceDays()) {
    const auto* field = catalog::FieldTable::Of(row.type).Find(row.path);
    ASSERT_NE(field, nullptr) << row.path;
    EXPECT_TRUE(field->tree) << row.path;
    EXPECT_TRUE(rows.emplace(row.type, row.path).second) << row.path;
  }
  for (RecordType type : model::kAllRecordTypes) {
    for (const auto& field : catalog::FieldTable::Of(type).fields()) {
      if (!field.tree) continue;
      EXPECT_TRUE(rows.contains({type, field.path}))
          << model::CollectionOf(type) << "." << field.path << " has no row";
    }
  }
}

}  // namespace
}  // namespace tandem::query
