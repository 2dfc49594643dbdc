// SPDX-License-Identifier: Apache-2.0

// What can be filtered and ordered: one table of fields a record type. The catalog keeps a column
// for each row of these tables, filters and orders name nothing else, and `tandem explain` prints
// them. Every reference field of a message is in its table, so the same columns answer who refers
// to a record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "catalog/text_hash.h"
#include "google/protobuf/descriptor.h"
#include "model/record_type.h"
#include "model/resource_name.h"

namespace tandem::catalog {

// What a field's values are. Text-like kinds (text, date, reference, map) are kept as text, the
// others as int64.
enum class FieldKind : uint8_t {
  kText,
  // int32 or int64.
  kInteger,
  // 0 or 1.
  kBool,
  // The enum's number; `enum_type` names its values.
  kEnum,
  // Nanoseconds since the Unix epoch.
  kTimestamp,
  // Text YYYY-MM-DD: text order is date order.
  kDate,
  // A resource name, for example "regions/33".
  kReference,
  // One text "key\0value" an entry (MapEntry); always repeated.
  kMap,
};

// Position of a field in its type's table.
using FieldId = uint16_t;

struct IndexedField {
  FieldId id = 0;
  // Path of proto field names, for example "assessment.points" or "categories.category".
  std::string path;
  FieldKind kind = FieldKind::kText;
  // The field or a message above it is repeated, or it is a map: a record has any number of values.
  bool repeated = false;
  // Integer-like fields only: a record may have no value ("not reported"). Others are 0 when not
  // set. Text is absent when empty.
  bool optional = false;
  // References: the type referred to.
  std::optional<model::RecordType> target;
  // References to a type whose records form a tree: within() applies.
  bool tree = false;
  // Enums: its values.
  const google::protobuf::EnumDescriptor* enum_type = nullptr;

  // Whether values are text rather than int64.
  bool is_text() const {
    return kind == FieldKind::kText || kind == FieldKind::kDate || kind == FieldKind::kReference ||
           kind == FieldKind::kMap;
  }
};

// The fields every type has, at the same position in each table.
inline constexpr FieldId kNameField = 0;
inline constexpr FieldId kCreateTimeField = 1;
inline constexpr FieldId kUpdateTimeField = 2;
inline constexpr FieldId kDeleteTimeField = 3;
inline constexpr FieldId kPurgeTimeField = 4;
// The first field that is read from the record's body.
inline constexpr FieldId kFirstBodyField = 5;

// The fields of one type. Immutable; one a type for the life of the process.
class FieldTable {
 public:
  // The table of `type`.
  static const FieldTable& Of(model::RecordType type);

  model::RecordType type() const { return type_; }
  // By FieldId.
  absl::Span<const IndexedField> fields() const { return fields_; }
  const IndexedField& field(FieldId id) const { return fields_[id]; }
  // The field of that path; null when it is not indexed.
  const IndexedField* Find(std::string_view path) const;
  // The record's message type; null for match chunks, which carry no indexed body fields.
  const google::protobuf::Descriptor* message_type() const { return message_type_; }
  // The reference to the record above it in its tree (parent_region, parent_category); null for
  // flat types.
  const IndexedField* parent() const { return parent_; }
  // The reference `parent` to the record it lies below, read from its name (an agency's contacts);
  // null for types at the top.
  const IndexedField* child_of() const { return child_of_; }
  // The name of the record this one tells about and is purged with (a conflict's agency). Text, not
  // a reference, and null for types that tell about none.
  const IndexedField* subject() const { return subject_; }
  // The record this one was merged into. Text, not a reference: it keeps nobody from deleting that
  // record, and it is never missing. Null for types that are not merged.
  const IndexedField* merged_into() const { return merged_into_; }
  // Verified identifiers: parallel lists of scheme, value and flag. Null for types without them.
  const IndexedField* identifier_scheme() const { return identifier_scheme_; }
  const IndexedField* identifier_value() const { return identifier_value_; }
  const IndexedField* identifier_verified() const { return identifier_verified_; }

 private:
  explicit FieldTable(model::RecordType type);
  void Add(std::string_view path);

  model::RecordType type_;
  const google::protobuf::Descriptor* message_type_;
  const IndexedField* parent_ = nullptr;
  const IndexedField* child_of_ = nullptr;
  const IndexedField* subject_ = nullptr;
  const IndexedField* merged_into_ = nullptr;
  const IndexedField* identifier_scheme_ = nullptr;
  const IndexedField* identifier_value_ = nullptr;
  const IndexedField* identifier_verified_ = nullptr;
  std::vector<IndexedField> fields_;
  TextMap<FieldId> by_path_;
};

// Names as the catalog's columns hold them.
using model::NamePrefix;
using model::ParseRecordName;
using model::RecordKey;

// The text a map entry is kept as.
std::string MapEntry(std::string_view key, std::string_view value);

}  // namespace tandem::catalog
