// SPDX-License-Identifier: Apache-2.0

#include "query/place.h"

#include <algorithm>
#include <cmath>

namespace tandem::query {
namespace {

constexpr double kEarthMetres = 6371008.8;
constexpr double kRadiansPerE7 = 3.14159265358979323846 / 180 / 1e7;

}  // namespace

int64_t DistanceMetres(Place a, Place b) {
  const double from = a.latitude_e7 * kRadiansPerE7, to = b.latitude_e7 * kRadiansPerE7;
  const double north = std::sin((to - from) / 2);
  const double east =
      std::sin((static_cast<double>(b.longitude_e7) - a.longitude_e7) * kRadiansPerE7 / 2);
  const double chord = north * north + std::cos(from) * std::cos(to) * east * east;
  return std::llround(2 * kEarthMetres * std::asin(std::sqrt(std::clamp(chord, 0.0, 1.0))));
}

const catalog::IndexedField* LatitudeField(model::RecordType type) {
  const catalog::FieldTable& table = catalog::FieldTable::Of(type);
  return table.Find(type == model::RecordType::kRegion ? "centroid.latitude_e7"
                                                       : "location.latitude_e7");
}

std::optional<Place> PlaceOf(const catalog::Segment& segment, uint32_t row) {
  const catalog::IndexedField* latitude = LatitudeField(segment.table().type());
  if (latitude == nullptr) return std::nullopt;
  const std::optional<int64_t> north = segment.Integer(latitude->id, row);
  const std::optional<int64_t> east =
      segment.Integer(static_cast<catalog::FieldId>(latitude->id + 1), row);
  if (!north || !east) return std::nullopt;
  return Place{static_cast<int32_t>(*north), static_cast<int32_t>(*east)};
}

std::optional<int64_t> DistanceFrom(Place from, const catalog::Segment& segment, uint32_t row) {
  const std::optional<Place> place = PlaceOf(segment, row);
  if (!place) return std::nullopt;
  return DistanceMetres(from, *place);
}

}  // namespace tandem::query
