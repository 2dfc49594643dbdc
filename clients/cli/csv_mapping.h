// SPDX-License-Identifier: Apache-2.0

// Turns CSV records into messages by a mapping file (MAPPING.md): which column fills which field,
// and how its text is transformed. Without a file the header names the fields.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

#include "cli/csv_reader.h"
#include "cli/region_names.h"
#include "cli/value_transform.h"

namespace tandem::cli {

// A place in a message: fields from the record down, at most one of them a list element.
struct TargetPath {
  // As written, for example "categories[0].level".
  std::string text;
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  // Position in `fields` of the list of messages that is gone into; -1: none.
  int list_at = -1;
  // Element of that list; -1 for "[]", an element a value.
  int element = -1;
  // Key, when the last field is a map.
  std::string map_key;
  // The last field is a message, a list or a map as a whole: its text is JSON.
  bool whole = false;
};

// A column of the file.
struct MappingColumn {
  std::string name;
  // Its position in the header; set by Bind.
  size_t index = 0;
};

// One line of a mapping.
struct MappingRule {
  TargetPath target;
  // Most often one; the texts of several are joined. None: a constant.
  std::vector<MappingColumn> columns;
  // Between the texts of several columns; empty ones are left out.
  std::string join;
  std::string constant;
  // The text names a region; see RegionNames.
  bool region_by_name = false;
  // An empty field is a problem.
  bool required = false;
  ValueTransform transform;
};

// What is wrong with one record.
struct MappingProblem {
  // The field of the message.
  std::string field;
  // The CSV field it came from; nullopt when it came from none.
  std::optional<size_t> index;
  std::string message;
};

// Immutable once bound; Fill is safe from any thread.
class CsvMapping {
 public:
  // Reads a mapping file's text for records of `type`. Errors name file, line and column.
  static absl::StatusOr<CsvMapping> Parse(const std::string& text, const std::string& file,
                                          const google::protobuf::Descriptor* type);
  // The mapping in which every column is named like the field it fills; a column of a list, a map
  // or a message holds JSON.
  static absl::StatusOr<CsvMapping> FromHeader(const std::vector<std::string>& header,
                                               const google::protobuf::Descriptor* type);

  // Makes the names in a header fit to be found: no blanks around them, none of the empty ones that
  // spreadsheets leave at the end.
  static void TidyHeader(std::vector<std::string>* header);

  // Finds the columns in the file's header. The error names a missing column and the nearest one.
  absl::Status Bind(const std::vector<std::string>& header);

  // Fills `message`, which is cleared first. Fields whose columns are empty stay unset.
  std::optional<MappingProblem> Fill(const std::vector<std::string>& fields,
                                     google::protobuf::Message* message) const;

  // The column that fills `field` (a path as the server writes it); nullopt when none does.
  std::optional<size_t> ColumnOf(const std::string& field) const;

  // Whether the column at `index` fills some field.
  bool Uses(size_t index) const;
  // Whether some rule finds regions by name; then SetRegions comes before the first Fill.
  bool NeedsRegions() const;
  void SetRegions(std::shared_ptr<const RegionNames> regions) { regions_ = std::move(regions); }

  char delimiter() const { return delimiter_; }
  void SetDelimiter(char delimiter) { delimiter_ = delimiter; }
  const std::vector<MappingRule>& rules() const { return rules_; }

 private:
  std::optional<MappingProblem> FillRule(const MappingRule& rule,
                                         const std::vector<std::string>& values, int element,
                                         google::protobuf::Message* message) const;

  TransformResult Values(const MappingRule& rule, const std::vector<std::string>& fields) const;
  std::optional<MappingProblem> FindDamagedCode(const google::protobuf::Message& message) const;

  char delimiter_ = ',';
  std::shared_ptr<const RegionNames> regions_;
  std::vector<MappingRule> rules_;
};

// Reads a path for records of `type`; the message of the error says what is wrong with it. With
// `whole` the path may end at a message, a list or a map.
absl::StatusOr<TargetPath> ParseTargetPath(const std::string& text,
                                           const google::protobuf::Descriptor* type,
                                           bool whole = false);

// Whether the field holds a number, a date, a code or a name of a record, so that full-width
// characters in it are read as ASCII.
bool IsCodeField(const google::protobuf::FieldDescriptor* field);

}  // namespace tandem::cli
