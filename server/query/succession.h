// SPDX-License-Identifier: Apache-2.0

// What became of units (regions or categories) by a day. Whole numbers that stand at units are
// carried from ended ones to their successors by share, one step after the other; each step is cut
// into whole parts by largest remainder, so that nothing is lost or made. Only the units that are
// met are looked at.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "catalog/unit_validity.h"
#include "catalog/view.h"
#include "model/record_type.h"

namespace tandem::query {

// `amount` (not negative) in whole parts by weight: each part is rounded down, and what is left
// goes one by one to the largest remainders, of equal ones to the first. Weights are not negative
// and have a sum above 0; amount × weight must fit in int64.
std::vector<int64_t> SplitByWeight(int64_t amount, absl::Span<const int64_t> weights);

// By unit name.
using UnitAmounts = std::map<std::string, int64_t, std::less<>>;

// Where amounts came to stand.
struct CarriedAmounts {
  struct Amount {
    int64_t all = 0;
    // The part of it that came from other units.
    int64_t carried = 0;
  };
  std::map<std::string, Amount, std::less<>> units;
  // What has no unit: the unit ended without a successor, starts after the day or does not exist.
  int64_t unresolved = 0;
};

// Names a unit by its code.
struct UnitCode {
  std::string list;
  std::string code;
  // The day the code is meant on.
  std::string day;
};

// The units of one type on one day. Borrows the view. Any number of threads.
class Succession {
 public:
  // `type` has validity; `day` is YYYY-MM-DD.
  Succession(const catalog::View& view, model::RecordType type, std::string day);

  // Carries every amount to the units that have it on the day. A successor counts from the day
  // after its predecessor's last, also when its own first day is later.
  CarriedAmounts Carry(const UnitAmounts& amounts) const;

  // The live unit with the code: the one valid on the code's day; else the last that ended before
  // it; else the first that starts after it. Of several, the first by name. Nullopt: none.
  std::optional<std::string> FindByCode(const UnitCode& code) const;

  // The unit's days; nullopt when there is no such live unit. Valid as long as the view.
  std::optional<catalog::UnitValidity> Validity(std::string_view name) const;

  const std::string& day() const { return day_; }

 private:
  struct Node;
  class Walk;

  std::optional<catalog::RowRef> FindLive(std::string_view name) const;
  catalog::UnitValidity ValidityOf(const catalog::RowRef& row) const;

  const catalog::View& view_;
  const model::RecordType type_;
  const catalog::UnitFields& fields_;
  const std::string day_;
};

}  // namespace tandem::query
