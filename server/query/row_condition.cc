// SPDX-License-Identifier: Apache-2.0

#include "query/row_condition.h"

#include <optional>
#include <string_view>

#include "catalog/text_fold.h"

namespace tandem::query {
namespace {

using catalog::IndexedField;
using catalog::Segment;

// Whether one of the row's texts in `field` satisfies `fits`.
template <typename Fits>
bool AnyText(const IndexedField& field, const Segment& segment, uint32_t row, Fits&& fits) {
  if (!field.repeated) {
    const std::optional<std::string_view> value = segment.Text(field.id, row);
    return value && fits(*value);
  }
  const uint32_t size = segment.ListSize(field.id, row);
  for (uint32_t i = 0; i < size; ++i) {
    if (fits(segment.ListText(field.id, row, i))) return true;
  }
  return false;
}

bool TextFits(const Condition& condition, const Segment& segment, uint32_t row) {
  const IndexedField& field = *condition.field;
  if (!field.repeated && AbsentIsEmptyText(field)) {
    return Compares(segment.Text(field.id, row).value_or(std::string_view()), condition.comparison,
                    condition.pattern);
  }
  return AnyText(field, segment, row, [&](std::string_view value) {
    return Compares(value, condition.comparison, condition.pattern);
  });
}

bool IntegerFits(const Condition& condition, const Segment& segment, uint32_t row) {
  const IndexedField& field = *condition.field;
  if (!field.repeated) {
    const std::optional<int64_t> value = segment.Integer(field.id, row);
    return value && Compares(*value, condition.comparison, condition.integer);
  }
  const uint32_t size = segment.ListSize(field.id, row);
  for (uint32_t i = 0; i < size; ++i) {
    if (Compares(segment.ListInteger(field.id, row, i), condition.comparison, condition.integer)) {
      return true;
    }
  }
  return false;
}

bool IsPresent(const IndexedField& field, const Segment& segment, uint32_t row) {
  if (field.repeated) return segment.ListSize(field.id, row) > 0;
  if (field.is_text()) return segment.Text(field.id, row).has_value();
  const std::optional<int64_t> value = segment.Integer(field.id, row);
  return field.optional ? value.has_value() : value.value_or(0) != 0;
}

// The value of the entry with that key; nullopt for entries of other keys.
std::optional<std::string_view> ValueOfKey(std::string_view entry, std::string_view key) {
  const size_t end = key.size();
  if (entry.size() <= end || entry[end] != '\0' || !entry.starts_with(key)) return std::nullopt;
  return entry.substr(end + 1);
}

bool HasTerm(const catalog::TermQuery& query, const Segment& segment, uint32_t row) {
  const catalog::TextPostings* postings = segment.postings();
  if (postings == nullptr) return catalog::TermBlock(segment.terms(row)).Has(query);
  bool found = false;
  postings->ForEachCode(query, [&](catalog::TermCode code) {
    for (size_t field = 0; field <= static_cast<size_t>(query.farthest); ++field) {
      found = found || postings->Rows(code, static_cast<catalog::TextField>(field)).Contains(row);
    }
  });
  return found;
}

}  // namespace

RowCondition::RowCondition(const Condition& condition, const catalog::View& view)
    : condition_(condition) {
  TakeTrees(condition, view);
}

void RowCondition::TakeTrees(const Condition& condition, const catalog::View& view) {
  for (const Condition& child : condition.children) TakeTrees(child, view);
  if (condition.kind != Condition::Kind::kWithin) return;
  const model::RecordType target = *condition.field->target;
  (target == model::RecordType::kRegion ? regions_ : categories_) = &view.tree(target);
}

const catalog::Tree& RowCondition::TreeOf(const IndexedField& field) const {
  return field.target == model::RecordType::kRegion ? *regions_ : *categories_;
}

bool RowCondition::Fits(const Condition& condition, const Segment& segment, uint32_t row) const {
  const IndexedField* field = condition.field;
  switch (condition.kind) {
    case Condition::Kind::kAll:
      for (const Condition& child : condition.children) {
        if (!Fits(child, segment, row)) return false;
      }
      return true;
    case Condition::Kind::kAny:
      for (const Condition& child : condition.children) {
        if (Fits(child, segment, row)) return true;
      }
      return false;
    case Condition::Kind::kNot:
      return !Fits(condition.children.front(), segment, row);
    case Condition::Kind::kInteger:
      return IntegerFits(condition, segment, row);
    case Condition::Kind::kText:
      return TextFits(condition, segment, row);
    case Condition::Kind::kMap:
      return AnyText(*field, segment, row, [&](std::string_view entry) {
        const auto value = ValueOfKey(entry, condition.map_key);
        return value && Compares(*value, condition.comparison, condition.pattern);
      });
    case Condition::Kind::kMapKey:
      return AnyText(*field, segment, row, [&](std::string_view entry) {
        return ValueOfKey(entry, condition.map_key).has_value();
      });
    case Condition::Kind::kPresent:
      return IsPresent(*field, segment, row);
    case Condition::Kind::kWithin:
      return AnyText(*field, segment, row, [&](std::string_view name) {
        return TreeOf(*field).IsWithin(name, condition.pattern.text);
      });
    case Condition::Kind::kTerm:
      return HasTerm(condition.term, segment, row);
    case Condition::Kind::kNameBegins:
      return catalog::FoldedUtf8(segment.Text(field->id, row).value_or(std::string_view()))
          .starts_with(condition.pattern.text);
    case Condition::Kind::kNear: {
      const std::optional<int64_t> metres = DistanceFrom(condition.place, segment, row);
      return metres && *metres <= condition.integer;
    }
    case Condition::Kind::kWord:
      return ContainsWord(segment.Text(field->id, row).value_or(std::string_view()),
                          condition.pattern.text);
  }
  return false;
}

}  // namespace tandem::query
