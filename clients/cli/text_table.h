// SPDX-License-Identifier: Apache-2.0

// A table of text whose columns line up in a terminal, wide characters included. Knows nothing of
// records; one thread.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace tandem::cli {

// One column.
struct TableColumn {
  std::string header;
  bool align_right = false;
  // Widest cell in terminal columns; longer ones are cut. 0: no limit.
  size_t max_width = 0;
};

// Collects rows and prints them in groups.
class TextTable {
 public:
  // Cells are separated by `gap` spaces; every line begins with `indent` spaces.
  explicit TextTable(std::vector<TableColumn> columns, size_t gap = 2, size_t indent = 0);

  // Leaves out the line that names the columns. Before the first Flush.
  void OmitHeader();

  // Adds a row. Missing cells are empty, additional ones are dropped.
  void AddRow(std::vector<std::string> cells);

  // Prints the rows collected so far and forgets them; the header comes before the first of all,
  // bold when `colour`. Columns never get narrower from one call to the next. No line ends in a
  // space.
  void Flush(std::ostream& out, bool colour);

 private:
  std::vector<TableColumn> columns_;
  size_t gap_;
  size_t indent_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<size_t> widths_;
  bool header_printed_ = false;
};

}  // namespace tandem::cli
