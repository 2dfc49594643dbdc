// SPDX-License-Identifier: Apache-2.0

// HSDS tables in a temporary SQLite database: a directory of any size is joined with little memory.
// SQLite keeps the database in a nameless file of its own under SQLITE_TMPDIR, TMPDIR or /var/tmp,
// and in memory as long as it fits into its cache.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/hsds/hsds_tables.h"

namespace tandem::cli {

// One thread.
class HsdsDiskTables final : public HsdsTables {
 public:
  // Memory for pages of the database; beyond it they lie on disk.
  static constexpr int64_t kCacheKib = 64 * 1024;

  // `cache_kib` is smaller in tests.
  explicit HsdsDiskTables(int64_t cache_kib = kCacheKib);
  ~HsdsDiskTables() override = default;

  void ForEach(const std::string& entity, const std::function<void(HsdsRow*)>& visit) override;
  HsdsRow* At(int64_t place) override;
  HsdsRow* Find(const std::string& entity, const std::string& id) override;
  std::vector<HsdsRow*> Children(const std::string& entity, const std::string& column,
                                 const std::string& id) override;
  void Release() override;
  absl::Status status() const override { return status_; }

  // For tests: the database may grow to so many pages, as if the disk were full beyond them.
  void LimitPages(int64_t pages);

 private:
  struct DatabaseCloser {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  struct StatementCloser {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, StatementCloser>;

  void Insert(const std::string& entity, const std::string& id,
              std::map<std::string, std::string> values) override;
  void Filled(const std::string& entity, HsdsRow* row, const std::string& column) override;

  void Execute(const char* sql);
  Statement Prepare(const char* sql);
  // Whether there is a row of the result; the statement is reset when there is none.
  bool Step(sqlite3_stmt* statement);
  void Fail();
  void AddLink(const std::string& entity, const std::string& column, const std::string& parent,
               int64_t place);
  // The number of a table's or column's name.
  int64_t NumberOf(std::string_view word);
  // The row that a result of id, cells and outcome stands for; the one handed out already if any.
  HsdsRow* Loaded(int64_t place, sqlite3_stmt* row);

  absl::Status status_;
  // Before the statements, which end before it.
  std::unique_ptr<sqlite3, DatabaseCloser> database_;
  Statement insert_row_, update_row_, insert_link_, place_of_id_, row_at_, children_, rows_after_;
  std::map<std::string, int64_t, std::less<>> numbers_;
  int64_t next_place_ = 0;
  // Handed out, by place.
  std::unordered_map<int64_t, std::unique_ptr<HsdsRow>> loaded_;
};

}  // namespace tandem::cli
