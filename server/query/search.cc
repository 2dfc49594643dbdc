// SPDX-License-Identifier: Apache-2.0

#include "query/search.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "query/executor.h"
#include "query/facets.h"
#include "query/name_list.h"
#include "query/page_filler.h"
#include "query/planner.h"
#include "query/search_levels.h"

namespace tandem::query {
namespace {

using catalog::SegmentView;
using catalog::TextField;
using model::RecordType;

// So few results are ranked all at once; more are filled in level by level.
constexpr uint64_t kRankAtOnce = 2048;
// What a search's page token holds before the values of the order: loose, word and weight of each
// ranked word, level.
constexpr size_t kLeading = 2 + 2 * kRankedWords;
constexpr double kMetresPerLatitudeE7 = 0.0111;

// The order inside a level, or of the whole search.
struct SearchOrder {
  bool by_relevance = false;
  Order order;
};

OrderKey KeyOf(RecordType type, std::string_view path, bool descending) {
  return {catalog::FieldTable::Of(type).Find(path), descending, std::nullopt};
}

Order OrderInsideLevels(RecordType type) {
  Order order;
  if (type == RecordType::kAgency) order.keys.push_back(KeyOf(type, "assessment.points", true));
  if (type == RecordType::kRegion) order.keys.push_back(KeyOf(type, "level", false));
  order.keys.push_back(KeyOf(type, "name", false));
  return order;
}

absl::StatusOr<SearchOrder> ReadOrder(const SearchQuery& query) {
  const RecordType type = query.list.type;
  const std::string_view wanted = WithoutBlanks(query.list.order_by);
  SearchOrder order;
  if (wanted.empty() || wanted == "relevance") {
    order.by_relevance = true;
    order.order = OrderInsideLevels(type);
    return order;
  }
  if (wanted == "rating" && type == RecordType::kAgency) {
    order.order = OrderInsideLevels(type);
    return order;
  }
  if (wanted == "distance") {
    if (!query.near || LatitudeField(type) == nullptr) {
      return model::FieldsInvalid({{"order_by", "distance needs `near`"}});
    }
    order.order.keys.push_back({LatitudeField(type), false, query.near->place});
    order.order.keys.push_back(KeyOf(type, "name", false));
    return order;
  }
  absl::StatusOr<Order> listed = ParseOrderBy(wanted, type);
  if (!listed.ok()) {
    return model::MakeError(
        model::Reason::kOrderInvalid,
        StrCat("order_by: allowed are relevance, ",
               LatitudeField(type) == nullptr ? "" : "distance, ",
               type == RecordType::kAgency ? "rating, " : "", OrderableFields(type)),
        {{"field", "order_by"}, {"allowed", OrderableFields(type)}});
  }
  order.order = *std::move(listed);
  return order;
}

absl::Status AddNear(const SearchQuery& query, Condition* all) {
  if (!query.near) return absl::OkStatus();
  const catalog::IndexedField* latitude = LatitudeField(query.list.type);
  if (latitude == nullptr) {
    return model::FieldsInvalid(
        {{"near", StrCat(model::CollectionOf(query.list.type), " have no place")}});
  }
  if (query.near->radius_metres < 0) {
    return model::FieldsInvalid({{"near.radius_metres", "is negative"}});
  }
  if (query.near->radius_metres == 0) return absl::OkStatus();
  // A band of latitudes holds the circle and is a range of the column.
  const auto reach = static_cast<int64_t>(std::ceil(static_cast<double>(query.near->radius_metres) /
                                                    kMetresPerLatitudeE7)) +
                     1;
  for (const bool north : {false, true}) {
    Condition edge;
    edge.kind = Condition::Kind::kInteger;
    edge.field = latitude;
    edge.comparison = north ? Comparison::kLessEqual : Comparison::kGreaterEqual;
    edge.integer = query.near->place.latitude_e7 + (north ? reach : -reach);
    all->children.push_back(std::move(edge));
  }
  Condition within;
  within.kind = Condition::Kind::kNear;
  within.field = latitude;
  within.place = query.near->place;
  within.integer = query.near->radius_metres;
  all->children.push_back(std::move(within));
  return absl::OkStatus();
}

Condition With(const Condition& base, Condition more) {
  Condition all = base;
  if (more.kind == Condition::Kind::kAll) {
    for (Condition& child : more.children) all.children.push_back(std::move(child));
  } else {
    all.children.push_back(std::move(more));
  }
  return all;
}

// A row with its level.
struct RankedEntry {
  int32_t level = 0;
  SortEntry entry;
};

// One search on one view.
class SearchRun {
 public:
  SearchRun(const catalog::View& view, const SearchQuery& query, const SearchText& text,
            const Condition& base, const SearchOrder& order, size_t wanted)
      : view_(view),
        query_(query),
        text_(text),
        base_(base),
        order_(order),
        wanted_(wanted),
        farthest_(query.names_only ? TextField::kOtherName : TextField::kBody),
        segments_(view.segments(query.list.type)),
        row_order_(order.order, segments_),
        stop_(query.list.deadline, query.list.cancelled) {}

  // Takes the levels; `ranked` are the weights of the first page, or null on it.
  void Prepare(bool loose, const std::vector<RankedWord>* ranked) {
    if (text_.words.empty()) {
      levels_.levels.assign(1, Condition());
      levels_.any = Condition();
      return;
    }
    ranked_.clear();
    if (ranked != nullptr) {
      ranked_ = *ranked;
    } else if (order_.by_relevance) {
      ranked_ = RankWords(text_, view_, query_.list.type, farthest_);
    }
    levels_ = MakeLevels(text_, query_.list.type, farthest_, loose, ranked_);
    if (!order_.by_relevance) levels_.levels.assign(1, levels_.any);
  }

  // The first rows after `level` and `after`; null for the first page.
  absl::StatusOr<std::vector<RankedEntry>> Fill(int32_t level, const std::vector<SortValue>* after,
                                                SearchStats* stats) {
    if (!stop_.Check()) return stop_.status();
    if (levels_.levels.size() == 1) return FillLevels(level, after, stats);
    any_ = With(base_, levels_.any);
    uint64_t bound = 0;
    std::vector<std::unique_ptr<SegmentRows>> rows;
    PlanHint hint;
    for (const SegmentView& part : segments_) {
      rows.push_back(std::make_unique<SegmentRows>(any_, view_, part, false, &hint));
      bound += rows.back()->bound();
    }
    if (bound > kRankAtOnce) return FillLevels(level, after, stats);
    return RankAtOnce(rows, level, after);
  }

  const std::vector<RankedWord>& ranked() const { return ranked_; }
  const std::vector<SegmentView>& segments() const { return segments_; }
  const RowOrder& row_order() const { return row_order_; }
  // What every result meets.
  Condition any() const { return With(base_, levels_.any); }

 private:
  absl::StatusOr<std::vector<RankedEntry>> RankAtOnce(
      const std::vector<std::unique_ptr<SegmentRows>>& rows, int32_t level,
      const std::vector<SortValue>* after) {
    std::vector<RankedEntry> found;
    for (uint32_t i = 0; i < segments_.size(); ++i) {
      // Made when a row needs them: most segments of a narrow search have none.
      std::vector<std::unique_ptr<const RowTest>> tests(levels_.levels.size());
      const bool finished = rows[i]->ForEach([&](uint32_t row) {
        int32_t at = 0;
        for (const auto last = static_cast<int32_t>(tests.size()) - 1; at < last; ++at) {
          auto& test = tests[static_cast<size_t>(at)];
          if (test == nullptr) {
            test = PlanSegment(levels_.levels[static_cast<size_t>(at)], view_, segments_[i]);
          }
          if (test->Matches(row)) break;
        }
        const SortEntry entry = row_order_.Entry(i, row);
        const bool later =
            after == nullptr || at > level || (at == level && row_order_.After(entry, *after));
        if (later) found.push_back({at, entry});
        return stop_.Step();
      });
      if (!finished) return stop_.status();
    }
    auto before = [this](const RankedEntry& a, const RankedEntry& b) {
      return a.level != b.level ? a.level < b.level : row_order_.Before(a.entry, b.entry);
    };
    const size_t kept = std::min(wanted_, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<ptrdiff_t>(kept), found.end(),
                      before);
    found.resize(kept);
    return found;
  }

  absl::StatusOr<std::vector<RankedEntry>> FillLevels(int32_t level,
                                                      const std::vector<SortValue>* after,
                                                      SearchStats* stats) {
    std::vector<RankedEntry> found;
    for (auto k = static_cast<size_t>(after == nullptr ? 0 : level);
         k < levels_.levels.size() && found.size() < wanted_; ++k) {
      Condition condition = With(base_, levels_.levels[k]);
      for (size_t earlier = 0; earlier < k; ++earlier) {
        Condition no;
        no.kind = Condition::Kind::kNot;
        no.children.push_back(levels_.levels[earlier]);
        condition.children.push_back(std::move(no));
      }
      const bool goes_on = after != nullptr && k == static_cast<size_t>(level);
      PageFiller filler(view_, query_.list.type, condition, order_.order, false,
                        goes_on ? after : nullptr, wanted_ - found.size(), stop_);
      ListStats list_stats;
      ASSIGN_OR_RETURN(std::vector<SortEntry> entries, filler.Fill(&list_stats));
      for (const SortEntry& entry : entries) found.push_back({static_cast<int32_t>(k), entry});
      ++stats->levels_filled;
    }
    return found;
  }

  const catalog::View& view_;
  const SearchQuery& query_;
  const SearchText& text_;
  const Condition& base_;
  const SearchOrder& order_;
  const size_t wanted_;
  const TextField farthest_;
  const std::vector<SegmentView> segments_;
  const RowOrder row_order_;
  StopCheck stop_;
  std::vector<RankedWord> ranked_;
  SearchLevels levels_;
  Condition any_;
};

// Everything but page and facets that a page token belongs to; the synonyms too, as pages of other
// results can't be put together.
std::string ArgumentsText(const SearchQuery& query, const SearchText& read) {
  std::string text = StrCat(query.text.size(), ":", query.text, query.names_only ? ":names" : ":");
  if (query.near) {
    StrAppend(&text, ":", query.near->place.latitude_e7, ",", query.near->place.longitude_e7, ",",
              query.near->radius_metres);
  }
  if (!read.expansion.empty()) StrAppend(&text, ":synonyms:", read.expansion);
  return text;
}

// Where a page goes on.
struct SearchPosition {
  bool loose = false;
  std::vector<RankedWord> ranked;
  int32_t level = 0;
  std::vector<SortValue> after;
};

std::vector<SortValue> ValuesOf(const SearchPosition& position) {
  std::vector<SortValue> values;
  values.emplace_back(int64_t{position.loose});
  for (size_t i = 0; i < kRankedWords; ++i) {
    const bool there = i < position.ranked.size();
    values.emplace_back(int64_t{there ? position.ranked[i].word : -1});
    values.emplace_back(int64_t{there ? position.ranked[i].weight : 0});
  }
  values.emplace_back(int64_t{position.level});
  values.insert(values.end(), position.after.begin(), position.after.end());
  return values;
}

// Values come from a token this directory sealed for the same text.
SearchPosition PositionOf(const std::vector<SortValue>& values) {
  auto integer = [&](size_t i) { return static_cast<int32_t>(std::get<int64_t>(values[i])); };
  SearchPosition position;
  position.loose = integer(0) != 0;
  for (size_t i = 0; i < kRankedWords; ++i) {
    if (integer(1 + 2 * i) >= 0)
      position.ranked.push_back({integer(1 + 2 * i), integer(2 + 2 * i)});
  }
  position.level = integer(kLeading - 1);
  position.after.assign(values.begin() + kLeading, values.end());
  return position;
}

}  // namespace

absl::StatusOr<SearchPage> Search(const catalog::View& view, const PageTokens& tokens,
                                  const SearchQuery& query, SearchStats* stats) {
  const RecordType type = query.list.type;
  if (query.list.page_size < 0) {
    return model::FieldsInvalid({{"page_size", "must not be negative"}});
  }
  const int32_t page_size =
      query.list.page_size == 0 ? kDefaultPageSize : std::min(query.list.page_size, kMaxPageSize);
  ASSIGN_OR_RETURN(const SearchText text, ReadSearchText(query.text, view.synonyms()));
  ASSIGN_OR_RETURN(const SearchOrder order, ReadOrder(query));
  ASSIGN_OR_RETURN(Condition base, WholeCondition(view, query.list));
  RETURN_IF_ERROR(AddNear(query, &base));
  RETURN_IF_ERROR(CheckFacets(type, query.facets));

  const std::string collection = StrCat(model::CollectionOf(type), ":search");
  const std::string arguments_text = ArgumentsText(query, text);
  const ListArguments arguments{collection, arguments_text, query.list.filter, query.list.order_by,
                                false};
  SearchPosition position;
  const bool first_page = query.list.page_token.empty();
  if (!first_page) {
    ASSIGN_OR_RETURN(PagePosition opened,
                     tokens.Open(query.list.page_token, arguments, kLeading, order.order));
    position = PositionOf(opened.last);
  }
  SearchPage page;
  page.revision = view.revision();
  // Text, but not a word in it: nothing can have it.
  if (text.words.empty() && !text.typed.empty()) {
    for (const std::string& field : query.facets) page.facets.push_back({field, {}});
    if (!query.facets.empty()) page.total = 0;
    return page;
  }
  // One more than the page takes tells whether another page follows.
  const size_t wanted = static_cast<size_t>(page_size) + 1;
  SearchRun run(view, query, text, base, order, wanted);
  SearchStats own_stats;
  if (stats == nullptr) stats = &own_stats;
  run.Prepare(position.loose, first_page ? nullptr : &position.ranked);
  ASSIGN_OR_RETURN(std::vector<RankedEntry> entries,
                   run.Fill(position.level, first_page ? nullptr : &position.after, stats));
  if (entries.empty() && first_page && text.has_loose()) {
    position.loose = true;
    run.Prepare(true, nullptr);
    ASSIGN_OR_RETURN(entries, run.Fill(0, nullptr, stats));
  }
  page.loose = position.loose && !(first_page && entries.empty());
  if (first_page && !query.facets.empty()) {
    ASSIGN_OR_RETURN(FacetCounts counts,
                     CountFacets(view, type, run.any(), query.facets,
                                 StopCheck(query.list.deadline, query.list.cancelled)));
    page.total = counts.total;
    page.facets = std::move(counts.facets);
  }
  if (entries.size() == wanted) {
    entries.pop_back();
    position.ranked = run.ranked();
    position.level = entries.back().level;
    position.after = run.row_order().Values(entries.back().entry);
    page.next_page_token = tokens.Seal(arguments, {ValuesOf(position), view.revision()});
  }
  page.rows.reserve(entries.size());
  for (const RankedEntry& ranked : entries) {
    const catalog::Segment& segment = run.segments()[ranked.entry.segment].segment();
    SearchRow row{std::string(segment.id(ranked.entry.row)), segment.revision(ranked.entry.row),
                  std::nullopt};
    if (query.near)
      row.distance_metres = DistanceFrom(query.near->place, segment, ranked.entry.row);
    page.rows.push_back(std::move(row));
  }
  return page;
}

}  // namespace tandem::query
