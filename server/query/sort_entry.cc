// SPDX-License-Identifier: Apache-2.0

#include "query/sort_entry.h"

#include <string>

namespace tandem::query {
namespace {

int Sign(int64_t left, int64_t right) { return left < right ? -1 : static_cast<int>(left > right); }

int InDirection(const OrderKey& key, int order) { return key.descending ? -order : order; }

}  // namespace

int64_t RowOrder::Number(const OrderKey& key, const SortEntry& entry) const {
  if (key.from) {
    return DistanceFrom(*key.from, segments_[entry.segment].segment(), entry.row)
        .value_or(kFarthestMetres);
  }
  return segments_[entry.segment].segment().Integer(key.field->id, entry.row).value_or(0);
}

std::string_view RowOrder::Text(const OrderKey& key, const SortEntry& entry) const {
  return segments_[entry.segment]
      .segment()
      .Text(key.field->id, entry.row)
      .value_or(std::string_view());
}

SortEntry RowOrder::Entry(uint32_t segment, uint32_t row) const {
  SortEntry entry{segment, row, 0, {}};
  const OrderKey& first = order_.keys.front();
  if (first.field->is_text()) {
    entry.text = Text(first, entry);
  } else {
    entry.number = Number(first, entry);
  }
  return entry;
}

bool RowOrder::Before(const SortEntry& left, const SortEntry& right) const {
  const OrderKey& first = order_.keys.front();
  int order =
      first.field->is_text() ? left.text.compare(right.text) : Sign(left.number, right.number);
  order = InDirection(first, order);
  for (size_t i = 1; order == 0 && i < order_.keys.size(); ++i) {
    const OrderKey& key = order_.keys[i];
    order = InDirection(key, key.field->is_text() ? Text(key, left).compare(Text(key, right))
                                                  : Sign(Number(key, left), Number(key, right)));
  }
  return order < 0;
}

bool RowOrder::After(const SortEntry& entry, const std::vector<SortValue>& last) const {
  for (size_t i = 0; i < order_.keys.size(); ++i) {
    const OrderKey& key = order_.keys[i];
    int order = 0;
    if (key.field->is_text()) {
      const std::string_view text = i == 0 ? entry.text : Text(key, entry);
      order = text.compare(std::get<std::string>(last[i]));
    } else {
      order = Sign(i == 0 ? entry.number : Number(key, entry), std::get<int64_t>(last[i]));
    }
    order = InDirection(key, order);
    if (order != 0) return order > 0;
  }
  return false;
}

std::vector<SortValue> RowOrder::Values(const SortEntry& entry) const {
  std::vector<SortValue> values;
  for (const OrderKey& key : order_.keys) {
    if (key.field->is_text()) {
      values.emplace_back(std::string(Text(key, entry)));
    } else {
      values.emplace_back(Number(key, entry));
    }
  }
  return values;
}

}  // namespace tandem::query
