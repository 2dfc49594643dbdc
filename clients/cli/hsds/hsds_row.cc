// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/hsds_row.h"

namespace tandem::cli {

std::string HsdsRow::Look(const std::string& column) const {
  auto found = values_.find(column);
  return found == values_.end() ? "" : found->second;
}

std::string HsdsRow::Take(const std::string& column) {
  auto found = values_.find(column);
  if (found == values_.end()) return "";
  changed_ = taken_.insert(column).second || changed_;
  return found->second;
}

void HsdsRow::PutBack(const std::string& column) {
  changed_ = taken_.erase(column) > 0 || changed_;
}

bool HsdsRow::Fill(const std::string& column, const std::string& value, bool* differs) {
  auto [held, is_new] = values_.emplace(column, value);
  changed_ = changed_ || is_new;
  *differs = held->second != value;
  return is_new;
}

void HsdsRow::set_outcome(Outcome outcome) {
  changed_ = changed_ || outcome != outcome_;
  outcome_ = outcome;
}

}  // namespace tandem::cli
