// SPDX-License-Identifier: Apache-2.0

// Answers searches from a view: text, filter, scope and a place together, by relevance or in
// another order. Positions of records, not their bytes, as lists give them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "query/list_query.h"
#include "query/page_token.h"
#include "query/place.h"
#include "query/search_words.h"

namespace tandem::query {

// Where to look: at most `radius_metres` from `place`; 0 means anywhere, the place only orders.
struct NearPlace {
  Place place;
  int64_t radius_metres = 0;
};

// One search. `list` carries type, filter, order, page and scope as for a List; its order may also
// be "relevance" (the default) or "distance" (near must be given). It never shows deleted records.
struct SearchQuery {
  ListQuery list;
  // Blank: every record that the rest selects.
  std::string text;
  // Look at names only, not at descriptions, codes and numbers.
  bool names_only = false;
  std::optional<NearPlace> near;
  // Fields whose values to count over all results; the first page only.
  std::vector<std::string> facets;
};

// One value of a field and how many results have it.
struct FacetValue {
  // A resource name, an enum value's name, or the text itself.
  std::string value;
  int64_t count = 0;
};

struct Facet {
  std::string field;
  // The commonest first, at most kMaxFacetValues.
  std::vector<FacetValue> values;
};

inline constexpr size_t kMaxFacets = 8;
inline constexpr size_t kMaxFacetValues = 100;

struct SearchRow {
  std::string id;
  store::Revision revision = 0;
  // Metres from `near`; absent when there is none or the record has no place.
  std::optional<int64_t> distance_metres;
};

struct SearchPage {
  std::vector<SearchRow> rows;
  std::string next_page_token;
  store::Revision revision = 0;
  // Nothing had all words as typed: these have them with one typo, or apart.
  bool loose = false;
  // The results in all; -1 unless facets were asked for.
  int64_t total = -1;
  std::vector<Facet> facets;
};

// What a search did, for tests and benchmarks.
struct SearchStats {
  // Levels of relevance that were looked at one after the other; 0 when all results were ranked at
  // once.
  int levels_filled = 0;
};

// One page. FIELD_INVALID (text, page_size, near, facets), FILTER_INVALID, ORDER_INVALID,
// PAGE_TOKEN_INVALID, PAGE_TOKEN_MISMATCH, DEADLINE_EXCEEDED, CANCELLED. Any number of threads.
absl::StatusOr<SearchPage> Search(const catalog::View& view, const PageTokens& tokens,
                                  const SearchQuery& query, SearchStats* stats = nullptr);

}  // namespace tandem::query
