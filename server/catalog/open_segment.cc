// SPDX-License-Identifier: Apache-2.0

#include "catalog/open_segment.h"

#include "catalog/view.h"
#include "model/absl_strings.h"

namespace tandem::catalog {

OpenSegment::OpenSegment(const FieldTable& table, uint32_t capacity)
    : Segment(table, false, std::make_shared<RowLife>(capacity)),
      prefix_size_(NamePrefix(table.type()).size()),
      rows_(capacity),
      ids_(capacity),
      postings_(capacity),
      terms_(TextSourcesOf(table.type()).empty() ? nullptr : std::make_unique<OpenTerms>()) {}

OpenSegment::~OpenSegment() {
  for (uint32_t row = 0; row < row_count_; ++row) delete rows_[row];
}

void OpenSegment::Append(std::string_view id, const RowHeader& header, RowBlob values) {
  const uint32_t row = row_count_;
  rows_[row] = new Row{StrCat(NamePrefix(table().type()), id), header, std::move(values)};
  life().Born(row, header.revision);
  if (terms_ != nullptr) terms_->Add(row, TermBlock(rows_[row]->values.terms()));
  postings_.Add(table(), rows_[row]->values, row);
  // Readers of older views may meet the row from here on; its birth tells them to pass over it.
  ids_.Add(HashId(id), row, [&](uint32_t other) { return this->id(other) == id; });
  row_count_ = row + 1;
}

std::string_view OpenSegment::id(uint32_t row) const {
  return std::string_view(rows_[row]->name).substr(prefix_size_);
}

std::optional<int64_t> OpenSegment::Integer(FieldId field, uint32_t row) const {
  const RowHeader& header = rows_[row]->header;
  int64_t time = 0;
  switch (field) {
    case kCreateTimeField:
      time = header.create_time_ns;
      break;
    case kUpdateTimeField:
      time = header.update_time_ns;
      break;
    case kDeleteTimeField:
      time = header.delete_time_ns;
      break;
    case kPurgeTimeField:
      time = header.purge_time_ns;
      break;
    default: {
      const IndexedField& described = table().field(field);
      const RowBlob& values = rows_[row]->values;
      if (values.Size(described) == 0) return std::nullopt;
      return values.Integer(described, 0);
    }
  }
  if (time == 0) return std::nullopt;
  return time;
}

std::optional<std::string_view> OpenSegment::Text(FieldId field, uint32_t row) const {
  if (field == kNameField) return std::string_view(rows_[row]->name);
  const IndexedField& described = table().field(field);
  const RowBlob& values = rows_[row]->values;
  if (values.Size(described) == 0) return std::nullopt;
  return values.Text(described, 0);
}

uint32_t OpenSegment::ListSize(FieldId field, uint32_t row) const {
  return rows_[row]->values.Size(table().field(field));
}

int64_t OpenSegment::ListInteger(FieldId field, uint32_t row, uint32_t i) const {
  return rows_[row]->values.Integer(table().field(field), i);
}

std::string_view OpenSegment::ListText(FieldId field, uint32_t row, uint32_t i) const {
  return rows_[row]->values.Text(table().field(field), i);
}

std::optional<uint32_t> OpenSegment::FindRow(std::string_view id, uint64_t id_hash,
                                             store::Revision revision) const {
  std::optional<uint32_t> found;
  ids_.Find(
      id_hash, [&](uint32_t row) { return this->id(row) == id; },
      [&](uint32_t row) {
        // A row that is not yet visible hides none behind it; one that is, or was, ends the search.
        if (life().born_at(row) > revision) return false;
        if (life().VisibleAt(row, revision)) found = row;
        return true;
      });
  return found;
}

std::vector<uint16_t> OpenSegment::RowsWithTerm(const TermQuery& query, uint32_t row_count) const {
  std::vector<uint16_t> rows;
  if (terms_ == nullptr) return rows;
  if (auto found = terms_->Find(query, row_count)) return *std::move(found);
  for (uint32_t row = 0; row < row_count; ++row) {
    if (TermBlock(terms(row)).Has(query)) rows.push_back(static_cast<uint16_t>(row));
  }
  return rows;
}

size_t OpenSegment::MemoryBytes() const {
  size_t bytes = ids_.MemoryBytes() + postings_.MemoryBytes() + life().MemoryBytes(row_count_);
  if (terms_ != nullptr) bytes += terms_->MemoryBytes();
  for (uint32_t row = 0; row < row_count_; ++row) {
    bytes += sizeof(Row) + rows_[row]->name.size() + rows_[row]->values.size_bytes();
  }
  return bytes;
}

}  // namespace tandem::catalog
