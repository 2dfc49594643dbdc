// SPDX-License-Identifier: Apache-2.0

// HSDS data as tables, the form of its tabular data package, whatever form it came in: nested
// objects become rows that name each other by id. Where the rows lie is told by the class below it:
// HsdsMemoryTables for the few rows of one record, HsdsDiskTables for a whole directory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "nlohmann/json.hpp"

#include "cli/hsds/hsds_row.h"

namespace tandem::cli {

// One thread. Rows that are handed out are valid until the next Add, AddObject, ForEach or Release.
class HsdsTables {
 public:
  HsdsTables() = default;
  HsdsTables(const HsdsTables&) = delete;
  HsdsTables& operator=(const HsdsTables&) = delete;
  virtual ~HsdsTables() = default;

  // Takes a record in; one whose id is there already fills what that lacks. Columns of older
  // versions get their HSDS 3 names. The error of status().
  absl::Status Add(const std::string& entity, std::map<std::string, std::string> values);
  // Takes an object and all that is nested in it in. The error of status().
  absl::Status AddObject(const std::string& entity, const nlohmann::json& object);

  // Calls `visit` for each row of a table, in the order they came. A visit may look other rows up;
  // they and its own are valid until it returns.
  virtual void ForEach(const std::string& entity, const std::function<void(HsdsRow*)>& visit) = 0;
  // The row at a place; nullptr when there is none.
  virtual HsdsRow* At(int64_t place) = 0;
  // The row of a table with this id; nullptr when there is none.
  virtual HsdsRow* Find(const std::string& entity, const std::string& id) = 0;
  // The rows of a table whose `column`, one that ends with "_id", names `id`, in their order.
  virtual std::vector<HsdsRow*> Children(const std::string& entity, const std::string& column,
                                         const std::string& id) = 0;
  // Ends the rows that were handed out; what was taken out of them is remembered.
  virtual void Release() = 0;
  // The first fault of whatever keeps the rows (FILE_UNWRITABLE); what is looked up after it may
  // not be found.
  virtual absl::Status status() const = 0;

  // The tables that have rows.
  std::vector<std::string> Entities() const;
  // Rows of a table.
  int64_t Count(const std::string& entity) const;
  // Records of a table that came again under the same id.
  int64_t Repeated(const std::string& entity) const;
  // Values of such records that contradict the first, by "entity.column".
  const std::map<std::string, int64_t>& contradictions() const { return contradictions_; }

 protected:
  // Whether a column's value is the id of another row: those can be asked for with Children.
  static bool NamesARow(const std::string& column) { return column.ends_with("_id"); }

 private:
  // Keeps a new row; its id is new in the table.
  virtual void Insert(const std::string& entity, const std::string& id,
                      std::map<std::string, std::string> values) = 0;
  // `row` has got a value for `column`.
  virtual void Filled(const std::string& entity, HsdsRow* row, const std::string& column) = 0;

  std::string Flatten(const std::string& entity, const nlohmann::json& object,
                      const std::string& parent_entity, const std::string& parent_id, size_t depth);

  struct Counts {
    int64_t rows = 0;
    int64_t repeated = 0;
  };
  std::map<std::string, Counts> counts_;
  std::map<std::string, int64_t> contradictions_;
};

}  // namespace tandem::cli
