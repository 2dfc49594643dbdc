// SPDX-License-Identifier: Apache-2.0

// HSDS tables in memory: for the rows of one record, as exports make and check them.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "cli/hsds/hsds_tables.h"

namespace tandem::cli {

// One thread. Its rows stay where they are until it ends.
class HsdsMemoryTables final : public HsdsTables {
 public:
  void ForEach(const std::string& entity, const std::function<void(HsdsRow*)>& visit) override;
  HsdsRow* At(int64_t place) override;
  HsdsRow* Find(const std::string& entity, const std::string& id) override;
  std::vector<HsdsRow*> Children(const std::string& entity, const std::string& column,
                                 const std::string& id) override;
  void Release() override {}
  absl::Status status() const override { return absl::OkStatus(); }

 private:
  struct Table {
    std::vector<HsdsRow*> rows;
    std::unordered_map<std::string, HsdsRow*> by_id;
    // By column: who names whom.
    std::map<std::string, std::unordered_multimap<std::string, HsdsRow*>> children;
  };

  void Insert(const std::string& entity, const std::string& id,
              std::map<std::string, std::string> values) override;
  void Filled(const std::string& entity, HsdsRow* row, const std::string& column) override;

  std::deque<HsdsRow> rows_;
  std::map<std::string, Table> tables_;
};

}  // namespace tandem::cli
