// SPDX-License-Identifier: Apache-2.0

// A mapping the other way: from a record to the row that fills it. Also the mapping that a table
// has when nobody gave one: a column a field.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"

#include "cli/csv_mapping.h"
#include "cli/export_writer.h"
#include "cli/table_writer.h"

namespace tandem::cli {

// The header of a table that carries every field of `type` which is not the server's: fields of
// single messages by their paths ("assessment.points"), lists and maps as JSON in one column.
std::vector<std::string> DefaultHeader(const google::protobuf::Descriptor* type);

// The columns of a mapping, in its order, each once.
std::vector<std::string> HeaderOf(const CsvMapping& mapping);

// The row of `record`, given as its JSON document, under a bound mapping. `regions` finds the names
// of regions where the mapping asks for them; else null. What can't be written as the mapping would
// read it stays empty.
std::vector<TableCell> RowOf(const CsvMapping& mapping, const nlohmann::ordered_json& record,
                             size_t columns, const RegionNames* regions);

// Writes records as rows of `table` under `mapping`, with what is lost in `report`. `kind` begins
// the paths there ("agency").
std::unique_ptr<ExportWriter> MakeRowWriter(std::string kind, std::unique_ptr<TableWriter> table,
                                            CsvMapping mapping, std::vector<std::string> header,
                                            std::shared_ptr<const RegionNames> regions,
                                            LossReport* report);

}  // namespace tandem::cli
