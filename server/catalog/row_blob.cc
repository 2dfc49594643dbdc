// SPDX-License-Identifier: Apache-2.0

#include "catalog/row_blob.h"

#include <memory>

#include "absl/container/inlined_vector.h"

namespace tandem::catalog {

RowBlob::RowBlob(const FieldTable& table, const RowItems& items) {
  const size_t fields = table.fields().size() - kFirstBodyField;
  // Items of each field as a chain in record order: first and last item, and the next of each.
  constexpr uint32_t kNone = ~0U;
  absl::InlinedVector<uint32_t, 64> first(fields, kNone), last(fields, kNone);
  absl::InlinedVector<uint32_t, 128> next(items.items.size(), kNone);
  for (uint32_t i = 0; i < items.items.size(); ++i) {
    const FieldId field = items.items[i].field;
    const size_t slot = field - kFirstBodyField;
    if (first[slot] == kNone || !table.field(field).repeated) {
      first[slot] = i;
    } else {
      next[last[slot]] = i;
    }
    last[slot] = i;
  }
  auto for_each = [&](size_t slot, auto&& visit) {
    for (uint32_t i = first[slot]; i != kNone; i = next[i]) visit(items.items[i]);
  };
  absl::InlinedVector<uint32_t, 64> starts(fields + 1);
  uint32_t at = static_cast<uint32_t>((fields + 1) * sizeof(uint32_t));
  for (size_t slot = 0; slot < fields; ++slot) {
    starts[slot] = at;
    const IndexedField& field = table.field(static_cast<FieldId>(slot + kFirstBodyField));
    if (first[slot] == kNone) continue;
    if (field.is_text() && field.repeated) at += sizeof(uint32_t);
    for_each(slot, [&](const RowItem& item) {
      if (!field.is_text()) {
        at += sizeof(int64_t);
      } else {
        at += static_cast<uint32_t>(item.text.size()) + (field.repeated ? sizeof(uint32_t) : 0);
      }
    });
  }
  starts[fields] = at;

  terms_begin_ = at;
  size_ = at + TermBlock::SizeOf(items.terms);
  const std::shared_ptr<char[]> data = std::make_shared_for_overwrite<char[]>(size_);
  TermBlock::Write(items.terms, data.get() + at);
  std::memcpy(data.get(), starts.data(), starts.size() * sizeof(uint32_t));
  for (size_t slot = 0; slot < fields; ++slot) {
    if (first[slot] == kNone) continue;
    const IndexedField& field = table.field(static_cast<FieldId>(slot + kFirstBodyField));
    char* out = data.get() + starts[slot];
    auto put = [&](const void* bytes, size_t size) {
      if (size == 0) return;  // an absent text may have no address
      std::memcpy(out, bytes, size);
      out += size;
    };
    if (field.is_text() && field.repeated) {
      uint32_t count = 0;
      for_each(slot, [&](const RowItem&) { ++count; });
      put(&count, sizeof(count));
      uint32_t end = 0;
      for_each(slot, [&](const RowItem& item) {
        end += static_cast<uint32_t>(item.text.size());
        put(&end, sizeof(end));
      });
    }
    for_each(slot, [&](const RowItem& item) {
      if (field.is_text()) {
        put(item.text.data(), item.text.size());
      } else {
        put(&item.integer, sizeof(item.integer));
      }
    });
  }
  data_ = data;
}

}  // namespace tandem::catalog
