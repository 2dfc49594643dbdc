// SPDX-License-Identifier: Apache-2.0

#include "catalog/sealed_segment.h"

#include "catalog/view.h"

namespace tandem::catalog {
namespace {

using model::RecordType;

// Rows by ancestor-or-self of the values of a tree field. Expanding the distinct values once and
// then the rows costs a few look-ups a row; a query then takes one row set instead of one a
// descendant.
std::unique_ptr<const Column> BuildClosure(const Column& column, const Tree& tree) {
  ColumnBuilder builder(true, true, true);
  std::vector<std::vector<Code>> ancestors(column.distinct());
  for (Code code = 0; code < column.distinct(); ++code) {
    for (std::string_view name : tree.AncestorsOrSelf(column.text_value(code))) {
      ancestors[code].push_back(builder.Intern(name));
    }
  }
  for (uint32_t row = 0; row < column.row_count(); ++row) {
    auto add = [&](Code code) {
      for (Code ancestor : ancestors[code]) builder.AddCode(ancestor);
    };
    if (column.repeated()) {
      for (uint32_t i = 0; i < column.list_size(row); ++i) add(column.list_code(row, i));
    } else if (Code code = column.code(row); code < column.distinct()) {
      add(code);
    }
    builder.EndRow();
  }
  return builder.Finish();
}

}  // namespace

const Tree* TreeSet::Of(RecordType type) const {
  return type == RecordType::kRegion ? regions : categories;
}

int64_t TreeSet::VersionOf(RecordType type) const {
  return type == RecordType::kRegion ? region_version : category_version;
}

SealedSegment::SealedSegment(const FieldTable& table, std::shared_ptr<RowLife> life,
                             std::shared_ptr<const Body> body, const TreeSet& trees)
    : Segment(table, true, std::move(life)),
      prefix_size_(NamePrefix(table.type()).size()),
      body_(std::move(body)),
      closures_(table.fields().size()) {
  for (const IndexedField& field : table.fields()) {
    if (!field.tree || trees.Of(*field.target) == nullptr) continue;
    closures_[field.id].tree_version = trees.VersionOf(*field.target);
    closures_[field.id].column = BuildClosure(*body_->columns[field.id], *trees.Of(*field.target));
  }
}

std::shared_ptr<SealedSegment> SealedSegment::WithClosures(const TreeSet& trees) const {
  return std::shared_ptr<SealedSegment>(new SealedSegment(table(), shared_life(), body_, trees));
}

bool SealedSegment::ClosuresMatch(const TreeSet& trees) const {
  for (const IndexedField& field : table().fields()) {
    if (field.tree && closures_[field.id].tree_version != trees.VersionOf(*field.target))
      return false;
  }
  return true;
}

std::string_view SealedSegment::id(uint32_t row) const {
  const Column& names = *body_->columns[kNameField];
  return names.text_value(names.code(row)).substr(prefix_size_);
}

RowHeader SealedSegment::header(uint32_t row) const {
  auto time = [&](FieldId field) { return Integer(field, row).value_or(0); };
  RowHeader header;
  header.revision = revision(row);
  header.create_time_ns = time(kCreateTimeField);
  header.update_time_ns = time(kUpdateTimeField);
  header.delete_time_ns = time(kDeleteTimeField);
  header.purge_time_ns = time(kPurgeTimeField);
  header.body_hash = body_->body_hashes[row];
  return header;
}

std::optional<int64_t> SealedSegment::Integer(FieldId field, uint32_t row) const {
  const Column& values = *body_->columns[field];
  Code code = values.code(row);
  if (code == values.distinct()) return std::nullopt;
  return values.integer_value(code);
}

std::optional<std::string_view> SealedSegment::Text(FieldId field, uint32_t row) const {
  const Column& values = *body_->columns[field];
  Code code = values.code(row);
  if (code == values.distinct()) return std::nullopt;
  return values.text_value(code);
}

uint32_t SealedSegment::ListSize(FieldId field, uint32_t row) const {
  return body_->columns[field]->list_size(row);
}

int64_t SealedSegment::ListInteger(FieldId field, uint32_t row, uint32_t i) const {
  const Column& values = *body_->columns[field];
  return values.integer_value(values.list_code(row, i));
}

std::string_view SealedSegment::ListText(FieldId field, uint32_t row, uint32_t i) const {
  const Column& values = *body_->columns[field];
  return values.text_value(values.list_code(row, i));
}

const Column* SealedSegment::closure(FieldId field, int64_t tree_version) const {
  const Closure& closure = closures_[field];
  return closure.tree_version == tree_version ? closure.column.get() : nullptr;
}

std::optional<uint32_t> SealedSegment::FindRow(std::string_view id, uint64_t id_hash,
                                               store::Revision revision) const {
  std::optional<uint32_t> found;
  body_->ids->Find(
      id_hash, [&](uint32_t row) { return this->id(row) == id; },
      [&](uint32_t row) {
        if (life().VisibleAt(row, revision)) found = row;
        return true;
      });
  return found;
}

size_t SealedSegment::MemoryBytes() const {
  size_t bytes = sizeof(*this) + body_->body_hashes.capacity() * sizeof(uint64_t) +
                 body_->ids->MemoryBytes() + life().MemoryBytes(row_count()) +
                 body_->deleted.getSizeInBytes() + body_->postings->MemoryBytes();
  for (const auto& column : body_->columns) bytes += column->MemoryBytes();
  for (const Closure& closure : closures_) {
    if (closure.column != nullptr) bytes += closure.column->MemoryBytes();
  }
  return bytes;
}

SegmentBuilder::SegmentBuilder(const FieldTable& table) : table_(table) {
  columns_.reserve(table.fields().size());
  for (const IndexedField& field : table.fields()) columns_.emplace_back(field);
}

void SegmentBuilder::AddHead(std::string_view id, const RowHeader& header) {
  name_ = NamePrefix(table_.type());
  name_.append(id);
  columns_[kNameField].Add(name_);
  auto add_time = [&](FieldId field, int64_t time) {
    if (time != 0) columns_[field].Add(time);
  };
  add_time(kCreateTimeField, header.create_time_ns);
  add_time(kUpdateTimeField, header.update_time_ns);
  add_time(kDeleteTimeField, header.delete_time_ns);
  add_time(kPurgeTimeField, header.purge_time_ns);
  headers_.push_back(header);
}

void SegmentBuilder::EndRow() {
  for (ColumnBuilder& column : columns_) column.EndRow();
  postings_.EndRow();
}

void SegmentBuilder::Add(std::string_view id, const RowHeader& header, const RowItems& values) {
  AddHead(id, header);
  for (const RowItem& item : values.items) {
    if (table_.field(item.field).is_text()) {
      columns_[item.field].Add(item.text);
    } else {
      columns_[item.field].Add(item.integer);
    }
  }
  postings_.AddTerms(values.terms);
  EndRow();
}

void SegmentBuilder::Add(const Segment& from, uint32_t row) {
  if (from.sealed()) {
    AddSealed(from, row);
  } else {
    AddOpen(from, row);
  }
  EndRow();
}

void SegmentBuilder::AddSealed(const Segment& from, uint32_t row) {
  if (copied_from_ != &from) {
    copied_from_ = &from;
    column_copiers_.clear();
    for (size_t i = 0; i < columns_.size(); ++i) {
      column_copiers_.emplace_back(*from.column(static_cast<FieldId>(i)), &columns_[i]);
    }
    terms_copier_.emplace(*from.postings());
  }
  headers_.push_back(from.header(row));
  for (ColumnCopier& copier : column_copiers_) copier.CopyRow(row);
  terms_copier_->CopyRow(row, &postings_);
}

void SegmentBuilder::AddOpen(const Segment& from, uint32_t row) {
  AddHead(from.id(row), from.header(row));
  for (size_t i = kFirstBodyField; i < table_.fields().size(); ++i) {
    const auto id = static_cast<FieldId>(i);
    const IndexedField& field = table_.field(id);
    if (field.repeated) {
      const uint32_t size = from.ListSize(id, row);
      for (uint32_t k = 0; k < size; ++k) {
        if (field.is_text()) {
          columns_[i].Add(from.ListText(id, row, k));
        } else {
          columns_[i].Add(from.ListInteger(id, row, k));
        }
      }
    } else if (field.is_text()) {
      if (auto text = from.Text(id, row)) columns_[i].Add(*text);
    } else if (auto integer = from.Integer(id, row)) {
      columns_[i].Add(*integer);
    }
  }
  postings_.AddTerms(TermBlock(from.terms(row)));
}

std::shared_ptr<SealedSegment> SegmentBuilder::Finish(const TreeSet& trees) {
  const uint32_t rows = row_count();
  column_copiers_.clear();
  auto body = std::make_shared<SealedSegment::Body>();
  body->rows = rows;
  for (ColumnBuilder& column : columns_) {
    body->columns.push_back(column.Finish());
    // Frees the builder's memory before the next column takes its own.
    column = ColumnBuilder(false, false);
  }
  terms_copier_.reset();
  body->postings = postings_.Finish();
  postings_ = TextPostingsBuilder();
  auto life = std::make_shared<RowLife>(rows);
  body->ids = std::make_unique<IdTable>(rows);
  body->body_hashes.reserve(rows);
  const Column& names = *body->columns[kNameField];
  const size_t prefix = NamePrefix(table_.type()).size();
  for (uint32_t row = 0; row < rows; ++row) {
    life->Born(row, headers_[row].revision);
    body->body_hashes.push_back(headers_[row].body_hash);
    if (headers_[row].delete_time_ns != 0) body->deleted.add(row);
    std::string_view id = names.text_value(names.code(row)).substr(prefix);
    body->ids->Add(HashId(id), row, [](uint32_t) { return false; });
  }
  return std::shared_ptr<SealedSegment>(
      new SealedSegment(table_, std::move(life), std::move(body), trees));
}

}  // namespace tandem::catalog
