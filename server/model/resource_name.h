// SPDX-License-Identifier: Apache-2.0

// Names of resources: `agencies/{id}`, and for children `agencies/{id}/contacts/{id}`. The record
// id that storage and catalog use is the name without the collection at its start; a child's is
// `{agency}/contacts/{contact}`.
#pragma once

#include <optional>
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

// What stands before the record id in a name of `type`: "agencies/" for agencies and for contacts.
std::string_view NamePrefix(RecordType type);

// The type and record id that a well-formed name is cut into; nullopt when it lies in no known
// collection. Ids are not looked at: for names that were checked when they were stored.
struct RecordKey {
  RecordType type;
  std::string_view id;
};
std::optional<RecordKey> ParseRecordName(std::string_view name);

// The name a child's name begins with, "agencies/x" for "agencies/x/contacts/y"; empty for a name
// at the top.
std::string_view ParentNameOf(std::string_view name);

// The record id of the parent in a child's record id: "x" of "x/contacts/y".
std::string_view ParentIdOf(std::string_view child_id);

// The record id of a child of `type`: "x/contacts/y".
std::string ChildRecordId(RecordType type, std::string_view parent_id, std::string_view id);

// The `parent` of a Create of `type`: empty for types at the top, else the name of the parent whose
// id it answers. FIELD_INVALID.
absl::StatusOr<std::string> ParseCreateParent(RecordType type, std::string_view parent);
// The `parent` of a List: the same, and `agencies/-` for the children of all parents, which answers
// an empty id. FIELD_INVALID.
absl::StatusOr<std::string> ParseListParent(RecordType type, std::string_view parent);

// A fresh id for a resource whose creator chose none: 20 characters, 100 random bits.
std::string MakeRandomId();

// A fresh random UUID (version 4), lowercase with dashes.
std::string MakeUuid();

// Whether `text` is a UUID: 32 hexadecimal digits with dashes after the 8th, 12th, 16th and 20th.
bool IsUuid(std::string_view text);

}  // namespace tandem::model
