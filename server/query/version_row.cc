// SPDX-License-Identifier: Apache-2.0

#include "query/version_row.h"

#include <optional>
#include <utility>

#include "catalog/wire_extractor.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "query/row_condition.h"

namespace tandem::query {
namespace {

using catalog::FieldId;

// Nobody asks when the only row was born or died, so all of them share this.
const std::shared_ptr<catalog::RowLife>& NoLife() {
  static const auto* life =
      new std::shared_ptr<catalog::RowLife>(std::make_shared<catalog::RowLife>(1));
  return *life;
}

}  // namespace

absl::StatusOr<std::unique_ptr<const VersionRow>> VersionRow::Read(model::RecordType type,
                                                                   std::string_view id,
                                                                   std::string_view bytes,
                                                                   size_t body_size) {
  const catalog::WireExtractor& extractor = catalog::WireExtractor::Of(type);
  catalog::RowItems values;
  catalog::RowHeader header;
  absl::Status read = extractor.Extract(bytes.substr(0, body_size), &values);
  if (read.ok()) read = catalog::ReadTail(bytes.substr(body_size), &header);
  if (!read.ok()) {
    return model::ResourceError(
        model::Reason::kRecordCorrupt, model::CollectionOf(type),
        StrCat(catalog::NamePrefix(type), id),
        StrCat("a stored version of ", catalog::NamePrefix(type), id, " can't be read"));
  }
  return std::unique_ptr<const VersionRow>(
      new VersionRow(extractor.table(), id, header, catalog::RowBlob(extractor.table(), values)));
}

VersionRow::VersionRow(const catalog::FieldTable& table, std::string_view id,
                       catalog::RowHeader header, catalog::RowBlob values)
    : Segment(table, /*sealed=*/false, NoLife()),
      prefix_size_(catalog::NamePrefix(table.type()).size()),
      name_(StrCat(catalog::NamePrefix(table.type()), id)),
      header_(header),
      values_(std::move(values)) {}

bool VersionRow::Fits(const Condition& condition, const catalog::View& view) const {
  return RowCondition(condition, view).Fits(*this, 0);
}

std::string_view VersionRow::id(uint32_t /*row*/) const {
  return std::string_view(name_).substr(prefix_size_);
}

std::optional<int64_t> VersionRow::Integer(FieldId field, uint32_t /*row*/) const {
  int64_t time = 0;
  switch (field) {
    case catalog::kCreateTimeField:
      time = header_.create_time_ns;
      break;
    case catalog::kUpdateTimeField:
      time = header_.update_time_ns;
      break;
    case catalog::kDeleteTimeField:
      time = header_.delete_time_ns;
      break;
    case catalog::kPurgeTimeField:
      time = header_.purge_time_ns;
      break;
    default: {
      const catalog::IndexedField& described = table().field(field);
      if (values_.Size(described) == 0) return std::nullopt;
      return values_.Integer(described, 0);
    }
  }
  if (time == 0) return std::nullopt;
  return time;
}

std::optional<std::string_view> VersionRow::Text(FieldId field, uint32_t /*row*/) const {
  if (field == catalog::kNameField) return std::string_view(name_);
  const catalog::IndexedField& described = table().field(field);
  if (values_.Size(described) == 0) return std::nullopt;
  return values_.Text(described, 0);
}

uint32_t VersionRow::ListSize(FieldId field, uint32_t /*row*/) const {
  return values_.Size(table().field(field));
}

int64_t VersionRow::ListInteger(FieldId field, uint32_t /*row*/, uint32_t i) const {
  return values_.Integer(table().field(field), i);
}

std::string_view VersionRow::ListText(FieldId field, uint32_t /*row*/, uint32_t i) const {
  return values_.Text(table().field(field), i);
}

std::optional<uint32_t> VersionRow::FindRow(std::string_view id, uint64_t /*id_hash*/,
                                            store::Revision revision) const {
  if (id != this->id(0) || header_.revision > revision) return std::nullopt;
  return 0;
}

}  // namespace tandem::query
