// SPDX-License-Identifier: Apache-2.0

// What differs from one resource to the next: its type, message and names. The standard methods are
// written once over this table; a resource that joins gets a row here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "model/record_type.h"

namespace tandem::model {

struct ResourceTraits {
  RecordType type;
  // The message's name and the stem of its methods: "ServiceCategory".
  std::string_view message_name;
  // Its field in Create and Update requests: "service_category".
  std::string_view singular;
  // Its field in list answers and imports: "service_categories".
  std::string_view plural;
  // The stem of list and import methods: "ServiceCategories".
  std::string_view plural_name;
  // The service that serves it: "tandem.v1.ServiceCategoryService".
  std::string_view service;
  // An empty message of the type.
  const google::protobuf::Message* prototype;

  // The type its records lie below; nullopt at the top.
  std::optional<RecordType> parent() const { return ParentTypeOf(type); }
  // Whether its records are personal data.
  bool personal() const { return IsPersonal(type); }
};

// Every resource that is stored and served, in the order of RecordType.
absl::Span<const ResourceTraits> AllResources();

// The row of `type`; null for types that are no resource of their own (match chunks).
const ResourceTraits* FindResource(RecordType type);

}  // namespace tandem::model
