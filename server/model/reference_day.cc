// SPDX-License-Identifier: Apache-2.0

#include "model/reference_day.h"

namespace tandem::model {
namespace {

constexpr ReferenceDayRow kRows[] = {
    {RecordType::kAgency, "home_region", ReferenceDay::kToday},
    // A code of registration may have ended long ago.
    {RecordType::kAgency, "registration_region", ReferenceDay::kAny},
    {RecordType::kAgency, "categories.category", ReferenceDay::kToday},
    {RecordType::kAgency, "target_groups", ReferenceDay::kToday},
    {RecordType::kAgency, "ethnic_area_experience", ReferenceDay::kAny},
    {RecordType::kAgency, "methods.adapted_for", ReferenceDay::kAny},
    {RecordType::kAgency, "contracts.region", ReferenceDay::kOwn},
    {RecordType::kAgency, "contracts.category", ReferenceDay::kOwn},
    {RecordType::kServiceCategory, "parent_category", ReferenceDay::kAny},
    {RecordType::kServiceCategory, "replaced_by", ReferenceDay::kAny},
    {RecordType::kServiceCategory, "successors.category", ReferenceDay::kAny},
    {RecordType::kServiceCategory, "mappings.category", ReferenceDay::kAny},
    {RecordType::kRegion, "parent_region", ReferenceDay::kAny},
    {RecordType::kRegion, "successors.region", ReferenceDay::kAny},
    {RecordType::kRegion, "same_as", ReferenceDay::kAny},
    {RecordType::kRegion, "economic_index.inherited_from", ReferenceDay::kAny},
    {RecordType::kRegion, "sector_index.inherited_from", ReferenceDay::kAny},
    {RecordType::kRound, "corridors.supporting_region", ReferenceDay::kToday},
    {RecordType::kRound, "corridors.receiving_region", ReferenceDay::kToday},
    {RecordType::kOffer, "categories", ReferenceDay::kToday},
    {RecordType::kOffer, "target_groups", ReferenceDay::kToday},
    {RecordType::kOffer, "accepted_regions", ReferenceDay::kToday},
    {RecordType::kOffer, "refused_regions", ReferenceDay::kAny},
    {RecordType::kNeed, "region", ReferenceDay::kToday},
    {RecordType::kNeed, "category", ReferenceDay::kToday},
    {RecordType::kNeed, "target_group", ReferenceDay::kToday},
    // A pairing keeps what its need said.
    {RecordType::kPairing, "receiving_region", ReferenceDay::kAny},
    {RecordType::kPairing, "category", ReferenceDay::kAny},
};

}  // namespace

absl::Span<const ReferenceDayRow> ReferenceDays() { return kRows; }

}  // namespace tandem::model
