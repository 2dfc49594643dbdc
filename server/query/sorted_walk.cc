// SPDX-License-Identifier: Apache-2.0

#include "query/sorted_walk.h"

#include <algorithm>
#include <string>

namespace tandem::query {
namespace {

using catalog::Code;

// Smaller groups are sorted without a thought.
constexpr size_t kSmallGroup = 256;

}  // namespace

SortedWalk::SortedWalk(const RowOrder& order, uint32_t segment_index,
                       const catalog::Segment& segment, const SegmentRows& rows, size_t wanted,
                       const std::vector<SortValue>* after, WalkBudget* budget)
    : order_(order),
      segment_index_(segment_index),
      segment_(segment),
      rows_(rows),
      wanted_(wanted),
      after_(after),
      budget_(budget),
      key_(order.order().keys.front()),
      column_(*segment.column(key_.field->id)) {
  PlaceAbsent();
  FindStart();
}

void SortedWalk::PlaceAbsent() {
  const auto distinct = static_cast<Code>(column_.distinct());
  absent_ = column_.Rows(distinct).rows();
  group_count_ = distinct;
  if (absent_.empty()) return;
  if (!column_.is_text()) absent_joins_ = column_.FindCode(int64_t{0});
  if (absent_joins_) return;
  // The empty text stands before all others.
  absent_group_ = column_.is_text() ? 0 : column_.LowerBound(int64_t{0});
  ++group_count_;
}

void SortedWalk::FindStart() {
  left_ = group_count_;
  if (after_ == nullptr) return;
  // Codes below the position's value, or up to it when the order falls.
  size_t passed = 0;
  bool absent_passed = false;
  if (column_.is_text()) {
    const std::string& value = std::get<std::string>(after_->front());
    passed = key_.descending ? column_.UpperBound(value) : column_.LowerBound(value);
    absent_passed = key_.descending || !value.empty();
  } else {
    const int64_t value = std::get<int64_t>(after_->front());
    passed = key_.descending ? column_.UpperBound(value) : column_.LowerBound(value);
    absent_passed = key_.descending ? value >= 0 : value > 0;
  }
  if (absent_group_ && absent_passed) ++passed;
  left_ = key_.descending ? passed : group_count_ - passed;
}

SortedWalk::Group SortedWalk::GroupAt(size_t index) const {
  Group group;
  if (absent_group_ && index == *absent_group_) {
    group.absent = absent_;
    return group;
  }
  const auto code = static_cast<Code>(absent_group_ && index > *absent_group_ ? index - 1 : index);
  group.valued = column_.Rows(code).rows();
  if (absent_joins_ && code == *absent_joins_) group.absent = absent_;
  return group;
}

std::optional<SortEntry> SortedWalk::Next() {
  while (!budget_->exceeded) {
    if (!sorted_.empty()) {
      const SortEntry entry = sorted_.back();
      sorted_.pop_back();
      return entry;
    }
    if (by_name_) {
      if (std::optional<SortEntry> entry = NextByName()) return entry;
      by_name_ = false;
      continue;
    }
    if (left_ == 0 || !OpenGroup()) return std::nullopt;
  }
  return std::nullopt;
}

bool SortedWalk::OpenGroup() {
  open_group_ = key_.descending ? left_ - 1 : group_count_ - left_;
  --left_;
  const Group group = GroupAt(open_group_);
  const std::vector<OrderKey>& keys = order_.order().keys;
  const size_t row_count = column_.row_count();
  // About wanted × rows / group rows are looked at in the order of names before the page is full.
  const bool walk_names = group.size() > kSmallGroup && keys.size() == 2 &&
                          group.size() * group.size() > wanted_ * row_count;
  if (!walk_names) {
    if (!budget_->Spend(group.size())) return false;
    SortGroup(group);
  } else {
    const catalog::Column& names = *segment_.column(catalog::kNameField);
    by_name_ = true;
    by_name_at_start_ = at_start_ && after_ != nullptr;
    name_begin_ = 0;
    name_end_ = static_cast<Code>(names.distinct());
    name_row_ = 0;
  }
  at_start_ = false;
  return true;
}

void SortedWalk::SortGroup(const Group& group) {
  const bool check_after = at_start_ && after_ != nullptr;
  for (absl::Span<const uint16_t> part : {group.valued, group.absent}) {
    given_.assign(part.begin(), part.end());
    rows_.Keep(&given_);
    for (uint16_t row : given_) {
      const SortEntry entry = order_.Entry(segment_index_, row);
      if (!check_after || order_.After(entry, *after_)) sorted_.push_back(entry);
    }
  }
  std::sort(sorted_.begin(), sorted_.end(),
            [this](const SortEntry& a, const SortEntry& b) { return order_.Before(b, a); });
}

bool SortedWalk::InOpenGroup(uint32_t row) const {
  const Code code = column_.code(row);
  const auto distinct = static_cast<Code>(column_.distinct());
  if (code == distinct && absent_joins_) return open_group_ == *absent_joins_;
  if (code == distinct) return absent_group_ == open_group_;
  return open_group_ == (absent_group_ && code >= *absent_group_ ? code + size_t{1} : code);
}

std::optional<SortEntry> SortedWalk::NextByName() {
  const catalog::Column& names = *segment_.column(catalog::kNameField);
  const bool falling = order_.order().keys.back().descending;
  if (by_name_at_start_) {
    // When the group is the one the page before ended in, names up to its last one are done.
    by_name_at_start_ = false;
    const Group group = GroupAt(open_group_);
    const uint16_t row = group.valued.empty() ? group.absent.front() : group.valued.front();
    const SortEntry any = order_.Entry(segment_index_, row);
    const bool same_value = column_.is_text() ? any.text == std::get<std::string>(after_->front())
                                              : any.number == std::get<int64_t>(after_->front());
    const std::string& name = std::get<std::string>(after_->back());
    if (same_value && falling) name_end_ = names.LowerBound(name);
    if (same_value && !falling) name_begin_ = names.UpperBound(name);
  }
  while (name_begin_ < name_end_) {
    const Code code = falling ? name_end_ - 1 : name_begin_;
    // A record changed more than once has several rows of the same name here; at most one is
    // current.
    const absl::Span<const uint16_t> same_name = names.Rows(code).rows();
    while (name_row_ < same_name.size()) {
      const uint16_t row = same_name[name_row_++];
      if (!budget_->Spend(1)) return std::nullopt;
      if (InOpenGroup(row) && rows_.Gives(row)) return order_.Entry(segment_index_, row);
    }
    name_row_ = 0;
    falling ? --name_end_ : ++name_begin_;
  }
  return std::nullopt;
}

}  // namespace tandem::query
