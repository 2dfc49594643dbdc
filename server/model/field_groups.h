// SPDX-License-Identifier: Apache-2.0

// Field groups: the parts of a record that a source speaks about as a whole (source.proto names
// them). A value of a group is a record with the fields of the group alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "model/record_type.h"

namespace tandem::model {

struct FieldGroup {
  std::string_view id;
  // Its place among the groups of the type.
  size_t index = 0;
  std::vector<const google::protobuf::FieldDescriptor*> fields;
};

// The groups of a type, for the life of the process; empty for types that no source speaks about.
// Every field that a writer fills in, the provenance apart, is in exactly one of them.
absl::Span<const FieldGroup> FieldGroupsOf(RecordType type);

// The group called `id`; null when there is none.
const FieldGroup* FindFieldGroup(RecordType type, std::string_view id);

// The group that a provenance entry's path names or lies in: "staff", "assessment.grade". Null for
// "*" and for paths outside every group.
const FieldGroup* FieldGroupOfPath(RecordType type, std::string_view path);

// Whether `record` says anything about the group.
bool SpeaksAbout(const google::protobuf::Message& record, const FieldGroup& group);

// The group's value in `record`.
std::unique_ptr<google::protobuf::Message> ValueOfGroup(const google::protobuf::Message& record,
                                                        const FieldGroup& group);

// Replaces the group in `record` by its value in `value`.
void SetGroup(const google::protobuf::Message& value, const FieldGroup& group,
              google::protobuf::Message* record);

// Whether both say the same about the group.
bool SameInGroup(const google::protobuf::Message& a, const google::protobuf::Message& b,
                 const FieldGroup& group);

// The id of the one conflict record of an agency, a group and a source.
std::string FieldConflictId(std::string_view agency, std::string_view group,
                            std::string_view source);

}  // namespace tandem::model
