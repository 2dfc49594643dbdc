// SPDX-License-Identifier: Apache-2.0

// Which changes one caller gets and in which form: its collections, its filter, what it may see.
// A record that comes to fit is told as created, one that no longer does as deleted.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "catalog/catalog.h"
#include "grpcpp/support/slice.h"
#include "model/record_type.h"
#include "query/condition.h"
#include "query/scope.h"
#include "service/change_batch.h"

namespace tandem::service {

// Immutable; any number of threads.
class ChangeSelection {
 public:
  // `collections`: empty for all. FIELD_INVALID for one that does not exist or is never told, and
  // for a filter over several; FILTER_INVALID.
  static absl::StatusOr<ChangeSelection> Make(absl::Span<const std::string> collections,
                                              std::string_view filter, bool include_previous,
                                              const query::Scope& scope);

  // Change `i` of `batch` as this caller gets it: an element of `events`; nullopt when it gets
  // none. Trees are the newest ones.
  absl::StatusOr<std::optional<grpc::Slice>> Select(const ChangeBatch& batch, size_t i,
                                                    const catalog::Catalog& catalog,
                                                    VersionSource* source) const;

 private:
  struct TypeRule {
    bool wanted = false;
    // Nullopt: every record.
    std::optional<query::Condition> condition;
  };

  absl::StatusOr<std::optional<grpc::Slice>> SelectFitting(const ChangeBatch& batch, size_t i,
                                                           const query::Condition& condition,
                                                           const catalog::Catalog& catalog,
                                                           VersionSource* source) const;

  std::array<TypeRule, model::kRecordTypeSlots> rules_;
  bool include_previous_ = false;
  // The caller sees only a part of the directory.
  bool scoped_ = false;
};

}  // namespace tandem::service
