// SPDX-License-Identifier: Apache-2.0

// The kinds of records the directory keeps, by the number that keys on disk carry.
// Never renumber, never reuse: the numbers are part of the storage format.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tandem::model {

enum class RecordType : uint8_t {
  kAgency = 1,
  kServiceCategory = 2,
  kRegion = 3,
  kRound = 4,
  kOffer = 5,
  kNeed = 6,
  kPairing = 7,
  kMatchProfile = 8,
  kMatchRun = 9,
  // Part of a match run's results: storage.v1.MatchChunk, id "{run}/{kind}-{number}". Not a
  // resource.
  kMatchChunk = 10,
  kContact = 11,
};

inline constexpr std::array<RecordType, 11> kAllRecordTypes = {
    RecordType::kAgency,     RecordType::kServiceCategory, RecordType::kRegion,
    RecordType::kRound,      RecordType::kOffer,           RecordType::kNeed,
    RecordType::kPairing,    RecordType::kMatchProfile,    RecordType::kMatchRun,
    RecordType::kMatchChunk, RecordType::kContact};

// The collection, the first part of the resource name: "agencies". "matchChunks" for chunks.
constexpr std::string_view CollectionOf(RecordType type) {
  switch (type) {
    case RecordType::kAgency:
      return "agencies";
    case RecordType::kServiceCategory:
      return "serviceCategories";
    case RecordType::kRegion:
      return "regions";
    case RecordType::kRound:
      return "rounds";
    case RecordType::kOffer:
      return "offers";
    case RecordType::kNeed:
      return "needs";
    case RecordType::kPairing:
      return "pairings";
    case RecordType::kMatchProfile:
      return "matchProfiles";
    case RecordType::kMatchRun:
      return "matchRuns";
    case RecordType::kMatchChunk:
      return "matchChunks";
    case RecordType::kContact:
      return "contacts";
  }
  return "";
}

// The type of a top-level collection; nullopt for an unknown one.
constexpr std::optional<RecordType> TypeOfCollection(std::string_view collection) {
  for (RecordType type : kAllRecordTypes) {
    if (CollectionOf(type) == collection) return type;
  }
  return std::nullopt;
}

}  // namespace tandem::model
