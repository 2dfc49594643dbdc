// SPDX-License-Identifier: Apache-2.0

#include "query/duplicate_weights.h"

#include <algorithm>
#include <utility>

#include "catalog/text_fold.h"
#include "model/absl_strings.h"
#include "query/duplicate_candidates.h"
#include "query/place.h"

namespace tandem::query {
namespace {

using Kind = v1::DuplicateReasonKind;

constexpr std::pair<Kind, int32_t> kWeights[] = {
    {v1::DUPLICATE_REASON_KIND_VERIFIED_IDENTIFIER, 700},
    {v1::DUPLICATE_REASON_KIND_STATED_IDENTIFIER, 500},
    {v1::DUPLICATE_REASON_KIND_SAME_NAME, 500},
    {v1::DUPLICATE_REASON_KIND_OTHER_NAME, 400},
    {v1::DUPLICATE_REASON_KIND_SIMILAR_NAME, 450},
    {v1::DUPLICATE_REASON_KIND_SAME_REGION, 150},
    {v1::DUPLICATE_REASON_KIND_NEAR, 150},
    {v1::DUPLICATE_REASON_KIND_DIFFERENT_IDENTIFIER, -400},
    {v1::DUPLICATE_REASON_KIND_DIFFERENT_REGION, -150},
};
constexpr int32_t kWholePermille = 1000;

void AddReason(Kind kind, int32_t weight, std::string detail, DuplicateWeight* out) {
  v1::DuplicateReason& reason = out->reasons.emplace_back();
  reason.set_kind(kind);
  reason.set_weight_permille(weight);
  reason.set_detail(std::move(detail));
}

void AddReason(Kind kind, std::string detail, DuplicateWeight* out) {
  AddReason(kind, WeightOf(kind), std::move(detail), out);
}

Place PlaceOf(const v1::GeoPoint& point) { return {point.latitude_e7(), point.longitude_e7()}; }

}  // namespace

int32_t WeightOf(v1::DuplicateReasonKind kind) {
  for (const auto& [each, weight] : kWeights) {
    if (each == kind) return weight;
  }
  return 0;
}

std::vector<std::string> NamesToCompare(const v1::Agency& agency, int limit) {
  std::vector<std::string> names;
  auto add = [&](const std::string& name) {
    if (name.empty() || static_cast<int>(names.size()) >= limit) return;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  add(agency.display_name());
  for (const std::string& name : agency.former_names()) add(name);
  for (const v1::LocalizedText& name : agency.names()) add(name.text());
  return names;
}

size_t MinSharedParts(size_t parts) {
  // Of n and m parts o shared ones are 2o / (n + m), and m is o at least: o >= t n / (2 - t).
  const size_t numerator = parts * kNearNamePermille;
  const size_t denominator = 2 * kWholePermille - kNearNamePermille;
  return (numerator + denominator - 1) / denominator;
}

DuplicateWeigher::DuplicateWeigher(const v1::Agency& subject, const catalog::Tree& regions)
    : subject_(subject), regions_(regions) {
  for (const std::string& name : NamesToCompare(subject, kMaxDuplicateNames)) {
    names_.push_back(Fold(name));
  }
}

DuplicateWeigher::Name DuplicateWeigher::Fold(const std::string& name) {
  Name out;
  out.shown = name;
  std::u32string characters;
  catalog::FoldText(name, &characters);
  bool apart = false;
  for (char32_t c : characters) {
    const catalog::CharacterKind kind = catalog::KindOf(c);
    if (kind == catalog::CharacterKind::kSeparator) {
      apart = true;
      continue;
    }
    // Words stay apart; between Chinese characters blanks and brackets mean nothing.
    const bool word = kind == catalog::CharacterKind::kWord;
    if (apart && word && !out.folded.empty() &&
        catalog::KindOf(out.folded.back()) == catalog::CharacterKind::kWord) {
      out.folded.push_back(U' ');
    }
    out.folded.push_back(c);
    apart = false;
  }
  for (size_t i = 0; i + 1 < out.folded.size(); ++i) {
    out.pairs.push_back(uint64_t{out.folded[i]} << 32U | out.folded[i + 1]);
  }
  std::sort(out.pairs.begin(), out.pairs.end());
  return out;
}

int32_t DuplicateWeigher::SharedPermille(const Name& a, const Name& b) {
  const size_t both = a.pairs.size() + b.pairs.size();
  if (both == 0) return 0;
  size_t shared = 0;
  for (size_t i = 0, k = 0; i < a.pairs.size() && k < b.pairs.size();) {
    if (a.pairs[i] == b.pairs[k]) {
      ++shared, ++i, ++k;
    } else if (a.pairs[i] < b.pairs[k]) {
      ++i;
    } else {
      ++k;
    }
  }
  return static_cast<int32_t>(2 * kWholePermille * shared / both);
}

DuplicateWeight DuplicateWeigher::Weigh(const v1::Agency& other) const {
  DuplicateWeight weight;
  WeighNumbers(other, &weight);
  WeighNames(other, &weight);
  WeighPlaces(other, &weight);
  std::stable_sort(weight.reasons.begin(), weight.reasons.end(),
                   [](const v1::DuplicateReason& a, const v1::DuplicateReason& b) {
                     return a.weight_permille() > b.weight_permille();
                   });
  for (const v1::DuplicateReason& reason : weight.reasons) {
    weight.total += reason.weight_permille();
  }
  weight.total = std::clamp(weight.total, 0, kWholePermille);
  return weight;
}

void DuplicateWeigher::WeighNumbers(const v1::Agency& other, DuplicateWeight* weight) const {
  const v1::Identifier *verified = nullptr, *stated = nullptr, *different = nullptr;
  for (const v1::Identifier& ours : subject_.identifiers()) {
    for (const v1::Identifier& theirs : other.identifiers()) {
      if (ours.scheme() != theirs.scheme()) continue;
      if (ours.value() == theirs.value()) {
        (ours.verified() || theirs.verified() ? verified : stated) = &ours;
      } else if (ours.verified() && theirs.verified() && !ours.former() && !theirs.former()) {
        different = &theirs;
      }
    }
  }
  auto text = [](const v1::Identifier& number) {
    return StrCat(number.scheme(), " ", number.value());
  };
  if (verified != nullptr) {
    AddReason(v1::DUPLICATE_REASON_KIND_VERIFIED_IDENTIFIER, text(*verified), weight);
  } else if (stated != nullptr) {
    AddReason(v1::DUPLICATE_REASON_KIND_STATED_IDENTIFIER, text(*stated), weight);
  }
  if (different != nullptr) {
    AddReason(v1::DUPLICATE_REASON_KIND_DIFFERENT_IDENTIFIER, text(*different), weight);
  }
}

void DuplicateWeigher::WeighNames(const v1::Agency& other, DuplicateWeight* weight) const {
  const std::vector<std::string> theirs = NamesToCompare(other, kMaxDuplicateNames);
  if (names_.empty() || theirs.empty()) return;
  const Name first = Fold(theirs.front());
  const bool both_shown = !subject_.display_name().empty() && !other.display_name().empty();
  if (both_shown && names_.front().folded == first.folded && !first.folded.empty()) {
    return AddReason(v1::DUPLICATE_REASON_KIND_SAME_NAME, first.shown, weight);
  }
  const int32_t shared = both_shown ? SharedPermille(names_.front(), first) : 0;
  const int32_t similar =
      shared < kNearNamePermille
          ? 0
          : WeightOf(v1::DUPLICATE_REASON_KIND_SIMILAR_NAME) * shared / kWholePermille;
  const Name* same = nullptr;
  for (const std::string& name : theirs) {
    const Name folded = Fold(name);
    for (const Name& ours : names_) {
      if (!folded.folded.empty() && ours.folded == folded.folded) same = &ours;
    }
  }
  if (same != nullptr && similar <= WeightOf(v1::DUPLICATE_REASON_KIND_OTHER_NAME)) {
    AddReason(v1::DUPLICATE_REASON_KIND_OTHER_NAME, same->shown, weight);
  } else if (similar > 0) {
    AddReason(v1::DUPLICATE_REASON_KIND_SIMILAR_NAME, similar,
              StrCat(first.shown, ": ", shared / 10, "% of the character pairs"), weight);
  }
}

void DuplicateWeigher::WeighPlaces(const v1::Agency& other, DuplicateWeight* weight) const {
  const std::string& ours = subject_.home_region();
  const std::string& theirs = other.home_region();
  if (!ours.empty() && ours == theirs) {
    AddReason(v1::DUPLICATE_REASON_KIND_SAME_REGION, ours, weight);
  } else if (!ours.empty() && !theirs.empty() && !regions_.IsWithin(ours, theirs) &&
             !regions_.IsWithin(theirs, ours)) {
    AddReason(v1::DUPLICATE_REASON_KIND_DIFFERENT_REGION, theirs, weight);
  }
  if (!subject_.has_location() || !other.has_location()) return;
  const int64_t metres = DistanceMetres(PlaceOf(subject_.location()), PlaceOf(other.location()));
  if (metres > kNearOfficeMetres) return;
  AddReason(v1::DUPLICATE_REASON_KIND_NEAR, StrCat(metres, " m"), weight);
}

}  // namespace tandem::query
