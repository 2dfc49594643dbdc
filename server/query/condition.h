// SPDX-License-Identifier: Apache-2.0

// A filter after checking: fields resolved to the catalog's, values in the field's type. The
// planner evaluates it; nothing in it can be wrong any more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/indexed_fields.h"
#include "catalog/text_terms.h"
#include "query/place.h"

namespace tandem::query {

// A text to compare with, open at either end.
struct TextPattern {
  std::string text;
  // Anything may stand before / after `text`.
  bool any_prefix = false;
  bool any_suffix = false;

  bool exact() const { return !any_prefix && !any_suffix; }
  // Whether the whole of `value` fits.
  bool Matches(std::string_view value) const;
};

// How a value stands to the one in the condition.
enum class Comparison { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

// One node. A condition on a repeated field holds when one of its values fits.
struct Condition {
  enum class Kind {
    kAll,      // all of `children`; without children: every record
    kAny,      // one of `children`; without children: no record
    kNot,      // not the only child
    kInteger,  // `field` `comparison` `integer`; fields without a value never fit
    kText,     // `field` `comparison` `pattern`; absent texts: AbsentIsEmptyText
    kMap,  // the entry `map_key` of `field` `comparison` `pattern`; records without the key never
           // fit
    kPresent,     // `field` has a value (integers that can't be absent: one that is not 0)
    kMapKey,      // `field` has an entry `map_key`
    kWithin,      // `field` (a tree reference) names `pattern.text` or something below it
    kTerm,        // one of the record's search terms is `term`
    kNameBegins,  // the folded `field` begins with `pattern.text`
    kNear,        // the record's place is at most `integer` metres from `place`
    kWord,        // `field` contains `pattern.text`; ASCII letters in either case
  };

  Kind kind = Kind::kAll;
  std::vector<Condition> children;
  const catalog::IndexedField* field = nullptr;
  Comparison comparison = Comparison::kEqual;
  int64_t integer = 0;
  TextPattern pattern;
  std::string map_key;
  catalog::TermQuery term;
  Place place;
};

// Whether a record without a value in text field `field` is compared as the empty text. True for
// the single-valued text and reference fields of the record itself. Dates, and texts inside an
// embedded message, count as not reported instead and fit no comparison at all.
bool AbsentIsEmptyText(const catalog::IndexedField& field);

// Whether `haystack` contains `needle`, ASCII letters in either case, all else by code point.
bool ContainsWord(std::string_view haystack, std::string_view needle);

// Whether `left` `comparison` `right`.
bool Compares(int64_t left, Comparison comparison, int64_t right);
// The same for texts, by code point. Patterns that are not exact only with kEqual and kNotEqual.
bool Compares(std::string_view left, Comparison comparison, const TextPattern& right);

}  // namespace tandem::query
