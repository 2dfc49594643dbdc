// SPDX-License-Identifier: Apache-2.0

#include "cli/text_table.h"

#include <algorithm>
#include <utility>

#include "cli/display_width.h"

namespace tandem::cli {

TextTable::TextTable(std::vector<TableColumn> columns, size_t gap, size_t indent)
    : columns_(std::move(columns)), gap_(gap), indent_(indent) {
  for (const TableColumn& column : columns_) widths_.push_back(DisplayWidth(column.header));
}

void TextTable::OmitHeader() {
  header_printed_ = true;
  widths_.assign(widths_.size(), 0);
}

void TextTable::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    cells[i] = OneLine(cells[i]);
    if (columns_[i].max_width > 0) cells[i] = CutToWidth(cells[i], columns_[i].max_width);
  }
  rows_.push_back(std::move(cells));
}

void TextTable::Flush(std::ostream& out, bool colour) {
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], DisplayWidth(row[i]));
  }
  auto line = [&](auto&& cell_of) {
    std::string text(indent_, ' ');
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) text.append(gap_, ' ');
      const std::string& cell = cell_of(i);
      text += columns_[i].align_right ? PadLeft(cell, widths_[i]) : PadRight(cell, widths_[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  if (!header_printed_) {
    header_printed_ = true;
    out << (colour ? "\x1b[1m" : "")
        << line([&](size_t i) -> const std::string& { return columns_[i].header; })
        << (colour ? "\x1b[0m\n" : "\n");
  }
  for (const auto& row : rows_) {
    out << line([&](size_t i) -> const std::string& { return row[i]; }) << '\n';
  }
  rows_.clear();
}

}  // namespace tandem::cli
