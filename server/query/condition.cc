// SPDX-License-Identifier: Apache-2.0

#include "query/condition.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace tandem::query {
namespace {

// `order` is < 0, 0 or > 0 as the left side is smaller, equal or larger.
bool Holds(int order, Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual:
      return order == 0;
    case Comparison::kNotEqual:
      return order != 0;
    case Comparison::kLess:
      return order < 0;
    case Comparison::kLessEqual:
      return order <= 0;
    case Comparison::kGreater:
      return order > 0;
    case Comparison::kGreaterEqual:
      return order >= 0;
  }
  return false;
}

}  // namespace

bool TextPattern::Matches(std::string_view value) const {
  if (any_prefix && any_suffix) return value.find(text) != std::string_view::npos;
  if (any_prefix) return value.ends_with(text);
  if (any_suffix) return value.starts_with(text);
  return value == text;
}

bool AbsentIsEmptyText(const catalog::IndexedField& field) {
  return (field.kind == catalog::FieldKind::kText ||
          field.kind == catalog::FieldKind::kReference) &&
         !field.repeated && field.path.find('.') == std::string::npos;
}

bool ContainsWord(std::string_view haystack, std::string_view needle) {
  auto same = [](char a, char b) {
    return absl::ascii_tolower(static_cast<unsigned char>(a)) ==
           absl::ascii_tolower(static_cast<unsigned char>(b));
  };
  return std::search(haystack.begin(), haystack.end(), needle.begin(), needle.end(), same) !=
             haystack.end() ||
         needle.empty();
}

bool Compares(int64_t left, Comparison comparison, int64_t right) {
  return Holds(left < right ? -1 : (left > right ? 1 : 0), comparison);
}

bool Compares(std::string_view left, Comparison comparison, const TextPattern& right) {
  if (comparison == Comparison::kEqual) return right.Matches(left);
  if (comparison == Comparison::kNotEqual) return !right.Matches(left);
  // Bytes of UTF-8 order like code points.
  return Holds(left.compare(right.text), comparison);
}

}  // namespace tandem::query
