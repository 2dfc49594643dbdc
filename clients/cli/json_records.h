// SPDX-License-Identifier: Apache-2.0

// Reads JSON records of mixed types: one object, an array, objects after each other (NDJSON), or
// the document that `list -o json` prints.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cli/json_reader.h"
#include "cli/named_record.h"

namespace tandem::cli {

// Appends the records of `text`. A problem's offset counts from the start of `text`.
std::optional<ReadProblem> ReadNamedJson(std::string_view text, const PrototypeOf& prototype_of,
                                         std::vector<NamedRecord>* records);

}  // namespace tandem::cli
