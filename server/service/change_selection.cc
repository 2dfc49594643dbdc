// SPDX-License-Identifier: Apache-2.0

#include "service/change_selection.h"

#include <memory>
#include <utility>
#include <vector>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_traits.h"
#include "model/status_macros.h"
#include "query/filter_check.h"

namespace tandem::service {
namespace {

using model::RecordType;
using query::Condition;
using storage::v1::ChangeKind;

std::string WatchedCollections() {
  std::string names;
  for (const model::ResourceTraits& resource : model::AllResources()) {
    if (!IsWatched(resource.type)) continue;
    StrAppend(&names, names.empty() ? "" : ", ", model::CollectionOf(resource.type));
  }
  return names;
}

std::optional<RecordType> TypeOf(std::string_view collection) {
  for (const model::ResourceTraits& resource : model::AllResources()) {
    if (model::CollectionOf(resource.type) == collection) return resource.type;
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<RecordType>> ParseCollections(absl::Span<const std::string> names) {
  std::vector<RecordType> types;
  std::vector<model::FieldViolation> violations;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::optional<RecordType> type = TypeOf(names[i]);
    if (type && IsWatched(*type)) {
      types.push_back(*type);
      continue;
    }
    const std::string_view why =
        type ? "holds personal data, whose changes are not told" : "is no collection";
    violations.push_back({StrCat("collections[", i, "]"),
                          StrCat("\"", names[i], "\" ", why, "; one of ", WatchedCollections())});
  }
  if (!violations.empty()) return model::FieldsInvalid(violations);
  if (!types.empty()) return types;
  for (const model::ResourceTraits& resource : model::AllResources()) {
    if (IsWatched(resource.type)) types.push_back(resource.type);
  }
  return types;
}

}  // namespace

absl::StatusOr<ChangeSelection> ChangeSelection::Make(absl::Span<const std::string> collections,
                                                      std::string_view filter,
                                                      bool include_previous,
                                                      const query::Scope& scope) {
  ASSIGN_OR_RETURN(std::vector<RecordType> types, ParseCollections(collections));
  if (!filter.empty() && collections.size() != 1) {
    return model::FieldsInvalid({{"filter", "goes with exactly one collection"}});
  }
  ChangeSelection selection;
  selection.include_previous_ = include_previous;
  selection.scoped_ = !scope.everything();
  for (RecordType type : types) {
    TypeRule& rule = selection.rules_[static_cast<size_t>(type)];
    rule.wanted = true;
    if (filter.empty() && !selection.scoped_) continue;
    Condition both;
    ASSIGN_OR_RETURN(Condition fits, query::CompileFilter(filter, type));
    both.children.push_back(std::move(fits));
    both.children.push_back(query::ScopeCondition(scope, type));
    rule.condition = std::move(both);
  }
  return selection;
}

absl::StatusOr<std::optional<grpc::Slice>> ChangeSelection::Select(const ChangeBatch& batch,
                                                                   size_t i,
                                                                   const catalog::Catalog& catalog,
                                                                   VersionSource* source) const {
  const ChangeHeader& header = batch.header(i);
  const TypeRule& rule = rules_[static_cast<size_t>(header.type)];
  if (!rule.wanted) return std::nullopt;
  if (rule.condition) return SelectFitting(batch, i, *rule.condition, catalog, source);
  absl::StatusOr<grpc::Slice> framed =
      include_previous_ && header.previous_revision != 0
          ? batch.Reframed(i, header.kind, /*with_record=*/true, /*with_previous=*/true, source)
          : batch.Framed(i, source);
  if (!framed.ok()) return framed.status();
  return *std::move(framed);
}

absl::StatusOr<std::optional<grpc::Slice>> ChangeSelection::SelectFitting(
    const ChangeBatch& batch, size_t i, const Condition& condition, const catalog::Catalog& catalog,
    VersionSource* source) const {
  const ChangeHeader& header = batch.header(i);
  const ChangeKind kind = header.kind;
  if (kind == storage::v1::CHANGE_KIND_PURGED) {
    // Nothing is left to ask. Whoever sees the whole directory may know the name.
    if (scoped_) return std::nullopt;
    ASSIGN_OR_RETURN(grpc::Slice purged, batch.Framed(i, source));
    return purged;
  }
  ASSIGN_OR_RETURN(const query::VersionRow* after, batch.After(i, source));
  // Purged since: that change comes later in the same stream.
  if (after == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(const query::VersionRow* before, batch.Before(i, source));
  const std::shared_ptr<const catalog::View> view = catalog.view();
  const bool fits = after->Fits(condition, *view);
  const bool fitted = before != nullptr && before->Fits(condition, *view);
  if (!fits && !fitted) return std::nullopt;
  ChangeKind told = kind;
  if (!fits) told = storage::v1::CHANGE_KIND_DELETED;
  if (kind == storage::v1::CHANGE_KIND_UPDATED && !fitted) told = storage::v1::CHANGE_KIND_CREATED;
  const bool with_previous = include_previous_ && fitted;
  absl::StatusOr<grpc::Slice> framed =
      told == kind && fits && !with_previous
          ? batch.Framed(i, source)
          : batch.Reframed(i, told, /*with_record=*/fits, with_previous, source);
  if (!framed.ok()) return framed.status();
  return *std::move(framed);
}

}  // namespace tandem::service
