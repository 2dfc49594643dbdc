// SPDX-License-Identifier: Apache-2.0

// Names of resources: `agencies/{id}`, `agencies/{id}/contacts/{id}`. The record id that storage
// and catalog use is the name without its collection; a contact's is
// `{agency}/contacts/{contact}`.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/record_type.h"

namespace tandem::model {

// Longest id, in characters.
inline constexpr size_t kMaxIdLength = 63;

// A parsed name.
struct ResourceName {
  RecordType type;
  std::string id;

  friend bool operator==(const ResourceName&, const ResourceName&) = default;
};

// Whether `id` fits `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`.
bool IsResourceId(std::string_view id);

// Whether `name` is `{collection}/{id}` with a well-formed id. `collection` has no slash.
bool IsNameIn(std::string_view collection, std::string_view name);

// The id in `{collection}/{id}`. FIELD_INVALID for `field` when the name has another shape.
absl::StatusOr<std::string> ParseNameIn(std::string_view collection, std::string_view name,
                                        std::string_view field = "name");

// The record id in a name of a resource of `type`. FIELD_INVALID for `field` when the name has
// another shape.
absl::StatusOr<std::string> ParseNameOf(RecordType type, std::string_view name,
                                        std::string_view field = "name");

// Any resource's name. FIELD_INVALID when it has no known shape.
absl::StatusOr<ResourceName> ParseResourceName(std::string_view name,
                                               std::string_view field = "name");

// The name of a record. `id` must be well-formed.
std::string FormatName(RecordType type, std::string_view id);

// A fresh id for a resource whose creator chose none: 20 characters, 100 random bits.
std::string MakeRandomId();

// A fresh random UUID (version 4), lowercase with dashes.
std::string MakeUuid();

// Whether `text` is a UUID: 32 hexadecimal digits with dashes after the 8th, 12th, 16th and 20th.
bool IsUuid(std::string_view text);

}  // namespace tandem::model
