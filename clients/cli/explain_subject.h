// SPDX-License-Identifier: Apache-2.0

// What `tandem explain` was asked about.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

#include "cli/noun.h"
#include "cli/queryable_fields.h"

namespace tandem::cli {

// Exactly one of `type`, `field` and `method` is the subject; the others are nullptr.
struct ExplainSubject {
  // As the page calls it: "agency.assessment.points", "AgencyService/GetAgency".
  std::string title;
  const google::protobuf::Descriptor* type = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
  const google::protobuf::MethodDescriptor* method = nullptr;
  // Of a record or one of its fields: the noun, and the field's path in it, of proto names.
  const Noun* noun = nullptr;
  std::string path;
  // What the server says can be filtered and ordered.
  std::optional<QueryableFields> queryable;

  // The message whose fields the page lists; nullptr for a field that has none.
  const google::protobuf::Descriptor* Fields() const;
};

// Reads "agency", "agency.assessment.points" (or its lowerCamel names), "MatchRun.counts" or
// "AgencyService/ListAgencies". The error names the nearest word.
absl::StatusOr<ExplainSubject> FindSubject(const std::string& written);

}  // namespace tandem::cli
