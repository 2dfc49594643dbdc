// SPDX-License-Identifier: Apache-2.0

// Where and in which form a command prints.
#pragma once

#include <ostream>

namespace tandem::cli {

// The values of -o.
enum class OutputFormat { kTable, kJson, kYaml, kName };

// The stream of results with its form. Results go to `out`, progress and errors elsewhere.
struct Output {
  OutputFormat format = OutputFormat::kTable;
  std::ostream& out;
  // Colour codes are allowed: a terminal, and neither NO_COLOR nor --no-color.
  bool colour = false;
};

}  // namespace tandem::cli
