// SPDX-License-Identifier: Apache-2.0

// One HSDS record, and what became of it and of each of its values.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace tandem::cli {

// What is taken out of a row is carried; the rest is told as lost. One thread.
class HsdsRow {
 public:
  // What became of the record as a whole.
  enum Outcome : uint8_t {
    kLeft = 0,
    // It is part of another record.
    kMerged = 1,
    // It is sent as a record of its own.
    kRecord = 2,
  };

  // `place` tells it from every other row of its tables.
  HsdsRow(int64_t place, std::string id, std::map<std::string, std::string> values)
      : place_(place), id_(std::move(id)), values_(std::move(values)) {}
  // One that was put aside, with what was taken out of it so far.
  HsdsRow(int64_t place, std::string id, std::map<std::string, std::string> values,
          std::set<std::string> taken, Outcome outcome)
      : place_(place),
        id_(std::move(id)),
        values_(std::move(values)),
        taken_(std::move(taken)),
        outcome_(outcome) {}

  int64_t place() const { return place_; }
  const std::string& id() const { return id_; }
  const std::map<std::string, std::string>& values() const { return values_; }
  // The value of a column, empty when there is none; not marked as carried.
  std::string Look(const std::string& column) const;
  // The same, and it counts as carried.
  std::string Take(const std::string& column);
  // Counts a value as not carried again.
  void PutBack(const std::string& column);
  const std::set<std::string>& taken() const { return taken_; }

  // Gives it a value for a column that it lacks. False when it says something already; then
  // `*differs` tells whether that is something else.
  bool Fill(const std::string& column, const std::string& value, bool* differs);

  Outcome outcome() const { return outcome_; }
  void set_outcome(Outcome outcome);

  // Whether anything changed since it was made or kept.
  bool changed() const { return changed_; }
  void set_kept() { changed_ = false; }

 private:
  int64_t place_;
  std::string id_;
  std::map<std::string, std::string> values_;
  std::set<std::string> taken_;
  Outcome outcome_ = kLeft;
  bool changed_ = false;
};

}  // namespace tandem::cli
