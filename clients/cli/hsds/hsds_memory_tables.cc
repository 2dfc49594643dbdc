// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/hsds_memory_tables.h"

#include <algorithm>

namespace tandem::cli {

void HsdsMemoryTables::ForEach(const std::string& entity,
                               const std::function<void(HsdsRow*)>& visit) {
  const auto table = tables_.find(entity);
  if (table == tables_.end()) return;
  for (HsdsRow* row : table->second.rows) visit(row);
}

HsdsRow* HsdsMemoryTables::At(int64_t place) {
  return place >= 0 && static_cast<size_t>(place) < rows_.size() ? &rows_[place] : nullptr;
}

HsdsRow* HsdsMemoryTables::Find(const std::string& entity, const std::string& id) {
  const auto table = tables_.find(entity);
  if (table == tables_.end()) return nullptr;
  const auto found = table->second.by_id.find(id);
  return found == table->second.by_id.end() ? nullptr : found->second;
}

std::vector<HsdsRow*> HsdsMemoryTables::Children(const std::string& entity,
                                                 const std::string& column, const std::string& id) {
  std::vector<HsdsRow*> rows;
  const auto table = tables_.find(entity);
  if (table == tables_.end()) return rows;
  auto [index, is_new] = table->second.children.try_emplace(column);
  if (is_new) {
    for (HsdsRow* row : table->second.rows) {
      std::string parent = row->Look(column);
      if (!parent.empty()) index->second.emplace(std::move(parent), row);
    }
  }
  auto [from, to] = index->second.equal_range(id);
  for (auto at = from; at != to; ++at) rows.push_back(at->second);
  std::sort(rows.begin(), rows.end(),
            [](const HsdsRow* a, const HsdsRow* b) { return a->place() < b->place(); });
  return rows;
}

void HsdsMemoryTables::Insert(const std::string& entity, const std::string& id,
                              std::map<std::string, std::string> values) {
  HsdsRow& row = rows_.emplace_back(static_cast<int64_t>(rows_.size()), id, std::move(values));
  Table& table = tables_[entity];
  table.rows.push_back(&row);
  table.by_id[id] = &row;
  table.children.clear();
}

void HsdsMemoryTables::Filled(const std::string& entity, HsdsRow* /*row*/,
                              const std::string& /*column*/) {
  tables_[entity].children.clear();
}

}  // namespace tandem::cli
