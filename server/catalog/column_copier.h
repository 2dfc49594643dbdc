// SPDX-License-Identifier: Apache-2.0

// Copies rows of a sealed column into a builder. Each distinct value is looked up once, not once a
// row. Used when segments are merged.
#pragma once

#include <cstdint>
#include <vector>

#include "catalog/column.h"
#include "catalog/column_builder.h"

namespace tandem::catalog {

// One thread. Both must outlive it.
class ColumnCopier {
 public:
  // `to` is a builder of the same kind of values.
  ColumnCopier(const Column& from, ColumnBuilder* to);
  // Adds the values of `row` to the builder's current row; the caller ends it.
  void CopyRow(uint32_t row);

 private:
  void Copy(Code code);

  const Column& from_;
  ColumnBuilder& to_;
  // Of each code: its code in the builder plus one, 0 before it was met.
  std::vector<Code> codes_;
};

}  // namespace tandem::catalog
