// SPDX-License-Identifier: Apache-2.0

// Reads `order_by` into a total order. Text orders by code point; a record without a value counts
// as the type's default (0, or the empty text). Equal records are told apart by name, always the
// last key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/indexed_fields.h"
#include "model/record_type.h"
#include "query/place.h"

namespace tandem::query {

// One key.
struct OrderKey {
  const catalog::IndexedField* field = nullptr;
  bool descending = false;
  // Searches: the distance from here in metres instead of the field's value; records without a
  // place come last. `field` is then the latitude.
  std::optional<Place> from = std::nullopt;
};

// A total order: the keys asked for, ending with the name.
struct Order {
  std::vector<OrderKey> keys;
};

// Reads a comma-separated list of fields, each with an optional " desc". Empty: by name. Keys after
// `name` never decide and are left out. ORDER_INVALID for a field that no order is offered for, one
// named twice or anything else than " desc"; metadata `text` and `allowed`.
absl::StatusOr<Order> ParseOrderBy(std::string_view order_by, model::RecordType type);

// The fields a resource can be ordered by, separated by ", ".
std::string OrderableFields(model::RecordType type);

}  // namespace tandem::query
