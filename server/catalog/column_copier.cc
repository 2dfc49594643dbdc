// SPDX-License-Identifier: Apache-2.0

#include "catalog/column_copier.h"

namespace tandem::catalog {

ColumnCopier::ColumnCopier(const Column& from, ColumnBuilder* to)
    : from_(from), to_(*to), codes_(from.distinct(), 0) {}

void ColumnCopier::Copy(Code code) {
  Code& copy = codes_[code];
  if (copy == 0) {
    copy = (from_.is_text() ? to_.Intern(from_.text_value(code))
                            : to_.Intern(from_.integer_value(code))) +
           1;
  }
  to_.AddCode(copy - 1);
}

void ColumnCopier::CopyRow(uint32_t row) {
  if (!from_.repeated()) {
    const Code code = from_.code(row);
    if (code < from_.distinct()) Copy(code);
    return;
  }
  const uint32_t size = from_.list_size(row);
  for (uint32_t i = 0; i < size; ++i) Copy(from_.list_code(row, i));
}

}  // namespace tandem::catalog
