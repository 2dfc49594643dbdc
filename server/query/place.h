// SPDX-License-Identifier: Apache-2.0

// Places on the earth and how far records are from them: an agency's office, a region's centroid.
#pragma once

#include <cstdint>
#include <optional>

#include "catalog/segment.h"
#include "model/record_type.h"

namespace tandem::query {

// A point, WGS 84, degrees × 10^7.
struct Place {
  int32_t latitude_e7 = 0;
  int32_t longitude_e7 = 0;
};

// More than any distance on the earth.
inline constexpr int64_t kFarthestMetres = 100'000'000;

// Great-circle distance in whole metres on a sphere of the earth's mean radius: up to half a per
// cent off the ellipsoid.
int64_t DistanceMetres(Place a, Place b);

// The field of the latitude of records of `type`; null when they have no place. The longitude's
// follows it in the table.
const catalog::IndexedField* LatitudeField(model::RecordType type);

// The place of a row; nullopt when its record has none.
std::optional<Place> PlaceOf(const catalog::Segment& segment, uint32_t row);

// How far the row's record is from `from`; nullopt when it has no place.
std::optional<int64_t> DistanceFrom(Place from, const catalog::Segment& segment, uint32_t row);

}  // namespace tandem::query
