// SPDX-License-Identifier: Apache-2.0

// What became of everything an import or export met: every record by kind and outcome, every field
// that was not carried, by path. Nothing is lost without a line here.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <utility>

#include "nlohmann/json.hpp"

namespace tandem::cli {

// One thread.
class LossReport {
 public:
  // A record of `kind` ("service") was met, and what became of it: "created", "merged into its
  // agency", "skipped: contact data".
  void Record(const std::string& kind, const std::string& outcome, int64_t count = 1);
  // A value at `path` ("service.fees") is not carried.
  void Lost(const std::string& path, const std::string& why, int64_t count = 1);

  // Records met of a kind, and in all.
  int64_t Records(const std::string& kind) const;
  int64_t records() const;
  int64_t values_lost() const;
  bool empty() const { return records_.empty() && lost_.empty(); }

  // For people: a line a kind and outcome, a line a path.
  void Print(std::ostream& out) const;
  // {"records": [{"kind", "in", "outcomes": {…}}], "lost": [{"path", "why", "count"}]}
  nlohmann::ordered_json ToJson() const;

 private:
  std::map<std::string, std::map<std::string, int64_t>> records_;
  std::map<std::pair<std::string, std::string>, int64_t> lost_;
};

}  // namespace tandem::cli
