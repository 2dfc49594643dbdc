// SPDX-License-Identifier: Apache-2.0

// The kinds of records the directory keeps, by the number that keys on disk carry.
// Never renumber, never reuse: the numbers are part of the storage format.
#pragma once

#include <array>
#include <cstddef>
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
  kSource = 12,
  // What a source says and the directory does not hold.
  kFieldConflict = 13,
  // Words that searches take for each other.
  kSynonymSet = 14,
  // What was done in a pairing.
  kActivity = 15,
};

inline constexpr std::array<RecordType, 15> kAllRecordTypes = {
    RecordType::kAgency,        RecordType::kServiceCategory, RecordType::kRegion,
    RecordType::kRound,         RecordType::kOffer,           RecordType::kNeed,
    RecordType::kPairing,       RecordType::kMatchProfile,    RecordType::kMatchRun,
    RecordType::kMatchChunk,    RecordType::kContact,         RecordType::kSource,
    RecordType::kFieldConflict, RecordType::kSynonymSet,      RecordType::kActivity};

// One more than the highest number a type may have: the size of tables by type.
inline constexpr size_t kRecordTypeSlots = 16;

// The collection: the part of the resource name before the id, "agencies". "matchChunks" for
// chunks.
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
    case RecordType::kSource:
      return "sources";
    case RecordType::kFieldConflict:
      return "fieldConflicts";
    case RecordType::kSynonymSet:
      return "synonymSets";
    case RecordType::kActivity:
      return "activities";
  }
  return "";
}

// The type whose records those of `type` lie below and are owned by: agencies for contacts,
// pairings for activities. A child's name begins with its parent's, a live child has a live parent,
// and it goes when that goes. Nullopt for types at the top; one level is as deep as it gets.
constexpr std::optional<RecordType> ParentTypeOf(RecordType type) {
  switch (type) {
    case RecordType::kContact:
      return RecordType::kAgency;
    case RecordType::kActivity:
      return RecordType::kPairing;
    default:
      return std::nullopt;
  }
}

// The type of the records that those of `type` tell about and are purged with, so that a new record
// of an old id does not inherit them: agencies for field conflicts. Unlike children they stay when
// their subject is deleted, which can be taken back.
constexpr std::optional<RecordType> SubjectTypeOf(RecordType type) {
  if (type == RecordType::kFieldConflict) return RecordType::kAgency;
  return std::nullopt;
}

// The type of a collection at the top; nullopt for an unknown one.
constexpr std::optional<RecordType> TypeOfCollection(std::string_view collection) {
  for (RecordType type : kAllRecordTypes) {
    if (!ParentTypeOf(type) && CollectionOf(type) == collection) return type;
  }
  return std::nullopt;
}

// The type of a collection below the records of `parent`; nullopt for an unknown one.
constexpr std::optional<RecordType> ChildTypeOf(RecordType parent, std::string_view collection) {
  for (RecordType type : kAllRecordTypes) {
    if (ParentTypeOf(type) == parent && CollectionOf(type) == collection) return type;
  }
  return std::nullopt;
}

// Whether records of `type` are personal data: never in a change feed, an export, a text index, a
// plugin's tables or a log.
constexpr bool IsPersonal(RecordType type) { return type == RecordType::kContact; }

}  // namespace tandem::model
