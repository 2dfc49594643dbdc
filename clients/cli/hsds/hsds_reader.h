// SPDX-License-Identifier: Apache-2.0

// Reads HSDS data of any form into tables: a folder or a single file; JSON objects and lists,
// NDJSON, the tabular data package and older CSV files, with the column mapping of hsds-transformer
// if any. One record of a file is in memory at a time.
#pragma once

#include <istream>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "cli/hsds/hsds_tables.h"
#include "cli/hsds/loss_report.h"

namespace tandem::cli {

// Where the column of a file goes.
struct HsdsColumn {
  std::string entity;
  std::string column;
  // Of another table than the file's own: the column there that names the file's record, and the
  // column here that holds its id.
  std::string foreign_key;
  std::string foreign_key_from;
};

// By file name without ".csv", by column: the form of hsds-transformer's mapping files.
using HsdsColumnMapping = std::map<std::string, std::map<std::string, HsdsColumn>>;

// Reads such a mapping file. Errors name file, line and column.
absl::StatusOr<HsdsColumnMapping> ReadHsdsColumnMapping(const std::string& path);

// One thread.
class HsdsReader {
 public:
  // Takes records into `tables` and tells in `report` what it can't take. Both must outlive it.
  HsdsReader(HsdsColumnMapping mapping, HsdsTables* tables, LossReport* report)
      : mapping_(std::move(mapping)), tables_(*tables), report_(*report) {}

  // Reads a file, or the .csv, .json and .ndjson files of a folder (not those below it) in the
  // order of their names. FILE_UNREADABLE, FILE_INVALID or LIMIT_EXCEEDED; they name the file and
  // line.
  absl::Status Read(const std::string& path);

  // The same for a file's text; `name` is what errors call it and tells its form and table.
  absl::Status ReadText(const std::string& name, const std::string& text);

 private:
  absl::Status ReadFile(const std::string& path);
  absl::Status ReadStream(const std::string& name, std::istream& in);
  absl::Status ReadCsv(const std::string& name, std::istream& in);
  absl::Status ReadJson(const std::string& name, std::istream& in);
  absl::Status TakeObject(const std::string& name, const nlohmann::json& object);

  HsdsColumnMapping mapping_;
  HsdsTables& tables_;
  LossReport& report_;
};

}  // namespace tandem::cli
