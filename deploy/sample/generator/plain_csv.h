// SPDX-License-Identifier: Apache-2.0

// Reads the sample's own CSV files: UTF-8, one header line, no quotes. A row with another number of
// cells than the header ends the program with file and line.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace tandem::sample {

using CsvRow = std::map<std::string, std::string>;

inline std::vector<std::string> SplitCells(const std::string& line) {
  std::vector<std::string> cells(1);
  for (char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back().push_back(c);
    }
  }
  return cells;
}

inline std::vector<CsvRow> ReadPlainCsv(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  if (!std::getline(in, line)) {
    std::fprintf(stderr, "tandem-sample: can't read %s\n", path.c_str());
    std::exit(1);
  }
  const std::vector<std::string> header = SplitCells(line);
  std::vector<CsvRow> rows;
  for (int number = 2; std::getline(in, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> cells = SplitCells(line);
    if (cells.size() != header.size()) {
      std::fprintf(stderr, "tandem-sample: %s:%d: %zu cells, the header has %zu\n", path.c_str(),
                   number, cells.size(), header.size());
      std::exit(1);
    }
    CsvRow row;
    for (size_t i = 0; i < header.size(); ++i) row[header[i]] = cells[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tandem::sample
