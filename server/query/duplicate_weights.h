// SPDX-License-Identifier: Apache-2.0

// How much speaks for two records being one body: named reasons with whole weights, per mille, from
// one table. The order of what people look at first, no probability; the same on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/tree.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/agency_identity.pb.h"

namespace tandem::query {

// Least weight that is reported unless the caller says otherwise.
inline constexpr int32_t kDuplicateThreshold = 500;
// Names that share less of their character pairs are not near, per mille.
inline constexpr int32_t kNearNamePermille = 700;
// Offices that are farther apart are not near, metres.
inline constexpr int64_t kNearOfficeMetres = 500;

// The weight of a reason that holds; of kSimilarName the full one, for a name that is the same.
// proto/tandem/v1/agency_identity.proto tells clients the same numbers; a test holds that.
int32_t WeightOf(v1::DuplicateReasonKind kind);

// The reasons that hold, the heaviest first.
struct DuplicateWeight {
  // The sum, between 0 and 1,000.
  int32_t total = 0;
  std::vector<v1::DuplicateReason> reasons;
};

// The names of a record that are compared, its display name first, at most `limit`.
std::vector<std::string> NamesToCompare(const v1::Agency& agency, int limit);

// The parts that two names of `parts` parts each must share at least to be near.
size_t MinSharedParts(size_t parts);

// Compares one record with others. Keeps its folded names. One thread.
class DuplicateWeigher {
 public:
  // Both must outlive this object; `regions` is the tree of regions of the same view.
  DuplicateWeigher(const v1::Agency& subject, const catalog::Tree& regions);

  DuplicateWeight Weigh(const v1::Agency& other) const;

 private:
  // A name as it is compared.
  struct Name {
    std::string shown;
    // Folded characters, and their neighbouring pairs in order.
    std::u32string folded;
    std::vector<uint64_t> pairs;
  };
  static Name Fold(const std::string& name);
  static int32_t SharedPermille(const Name& a, const Name& b);

  void WeighNumbers(const v1::Agency& other, DuplicateWeight* weight) const;
  void WeighNames(const v1::Agency& other, DuplicateWeight* weight) const;
  void WeighPlaces(const v1::Agency& other, DuplicateWeight* weight) const;

  const v1::Agency& subject_;
  const catalog::Tree& regions_;
  // The display name first.
  std::vector<Name> names_;
};

}  // namespace tandem::query
