// SPDX-License-Identifier: Apache-2.0

// HSDS data as tables, the form of its tabular data package, whatever form it came in: nested
// objects become rows that name each other by id. Held in memory: a join takes all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nlohmann/json.hpp"

namespace tandem::cli {

// One record. What is taken out of it is carried; the rest is told as lost.
class HsdsRow {
 public:
  HsdsRow(std::string id, std::map<std::string, std::string> values)
      : id_(std::move(id)), values_(std::move(values)) {}

  const std::string& id() const { return id_; }
  const std::map<std::string, std::string>& values() const { return values_; }
  // The value of a column, empty when there is none; not marked as carried.
  std::string Look(const std::string& column) const;
  // The same, and it counts as carried.
  std::string Take(const std::string& column);
  // Counts a value as not carried again.
  void PutBack(const std::string& column) { taken_.erase(column); }
  bool Taken(const std::string& column) const { return taken_.count(column) > 0; }

 private:
  friend class HsdsTables;

  std::string id_;
  std::map<std::string, std::string> values_;
  std::set<std::string> taken_;
};

// The name HSDS 3 gives the table of a key or file in any version: "organization" for
// "organizations", "address" for "physical_addresses". The word itself when it is none of them.
std::string HsdsEntity(std::string_view word);
// Whether HsdsEntity knows the word.
bool IsHsdsEntity(std::string_view word);

// One thread.
class HsdsTables {
 public:
  // Most bytes of values held.
  static constexpr size_t kMostBytes = size_t{1} << 30;

  // Takes a record in; one whose id is there already fills what that lacks. False when there is too
  // much. Columns of older versions get their HSDS 3 names.
  bool Add(const std::string& entity, std::map<std::string, std::string> values);
  // Takes an object and all that is nested in it in. False when there is too much.
  bool AddObject(const std::string& entity, const nlohmann::json& object);

  // The rows of a table, in the order they came; empty when there is none.
  std::vector<HsdsRow>& Rows(const std::string& entity);
  // The row of a table with this id; nullptr when there is none. Valid until the next Add.
  HsdsRow* Find(const std::string& entity, const std::string& id);
  // The rows of a table whose `column` names `id`, in their order.
  std::vector<HsdsRow*> Children(const std::string& entity, const std::string& column,
                                 const std::string& id);
  // The tables that have rows.
  std::vector<std::string> Entities() const;
  // Records of a table that came again under the same id.
  int64_t Repeated(const std::string& entity) const;
  // Values of such records that contradict the first, by "entity.column".
  const std::map<std::string, int64_t>& contradictions() const { return contradictions_; }

 private:
  struct Table {
    std::vector<HsdsRow> rows;
    std::unordered_map<std::string, size_t> by_id;
    int64_t repeated = 0;
    // By column: who names whom.
    std::map<std::string, std::unordered_multimap<std::string, size_t>> children;
  };

  std::string Flatten(const std::string& entity, const nlohmann::json& object,
                      const std::string& parent_entity, const std::string& parent_id, size_t depth);

  std::map<std::string, Table> tables_;
  std::map<std::string, int64_t> contradictions_;
  size_t bytes_ = 0;
  bool full_ = false;
};

}  // namespace tandem::cli
