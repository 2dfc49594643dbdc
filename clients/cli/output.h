// SPDX-License-Identifier: Apache-2.0

// Where and in which form a command prints.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::cli {

// How results are written.
enum class OutputFormat { kTable, kJson, kYaml, kName };

// A value of -o.
struct OutputChoice {
  const char* word;
  OutputFormat format;
  // A table with more columns.
  bool wide;
};

// "table", "wide", "json", "yaml", "name".
const std::vector<std::string>& OutputFormatWords();

// The choice called `word`; nullptr when there is none.
const OutputChoice* FindOutputChoice(std::string_view word);

// The stream of results with its form. Results go to `out`, progress and errors elsewhere.
struct Output {
  OutputFormat format = OutputFormat::kTable;
  std::ostream& out;
  // Colour codes are allowed: a terminal, and neither NO_COLOR nor --no-color.
  bool colour = false;
  // Of tables of records: the columns that are marked wide too.
  bool wide = false;
  // Of tables: whether the first line names the columns.
  bool headers = true;
  // Of tables of records: paths of the columns to show instead of the type's own; empty: those.
  std::vector<std::string> columns = {};
};

}  // namespace tandem::cli
