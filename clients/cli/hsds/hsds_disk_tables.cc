// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/hsds_disk_tables.h"

#include <set>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "cpp/call_error.h"

namespace tandem::cli {
namespace {

// Rows that ForEach holds at a time.
constexpr int64_t kRowsAtATime = 256;

// A row's values and the columns taken out of it, as one blob.
std::vector<uint8_t> CellsOf(const std::map<std::string, std::string>& values,
                             const std::set<std::string>& taken) {
  return nlohmann::json::to_msgpack(nlohmann::json::array({values, taken}));
}

void BindText(sqlite3_stmt* statement, int index, const std::string& text) {
  sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void BindBlob(sqlite3_stmt* statement, int index, const std::vector<uint8_t>& bytes) {
  sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}

}  // namespace

HsdsDiskTables::HsdsDiskTables(int64_t cache_kib) {
  sqlite3* opened = nullptr;
  // The empty name: a temporary database of this connection alone.
  const int result = sqlite3_open("", &opened);
  database_.reset(opened);
  if (result != SQLITE_OK) {
    Fail();
    return;
  }
  // Nobody needs it after a crash, and one transaction spans all of it.
  Execute("PRAGMA journal_mode = OFF");
  Execute("PRAGMA synchronous = OFF");
  Execute(fmt::format("PRAGMA cache_size = -{}", cache_kib).c_str());
  Execute(
      "CREATE TABLE row (place INTEGER PRIMARY KEY, entity INTEGER NOT NULL, id TEXT NOT NULL,"
      " cells BLOB NOT NULL, outcome INTEGER NOT NULL)");
  Execute("CREATE UNIQUE INDEX row_by_id ON row (entity, id)");
  Execute("CREATE INDEX row_by_entity ON row (entity, place)");
  Execute(
      "CREATE TABLE link (entity INTEGER, name INTEGER, parent TEXT, place INTEGER,"
      " PRIMARY KEY (entity, name, parent, place)) WITHOUT ROWID");
  insert_row_ = Prepare("INSERT INTO row VALUES (?1, ?2, ?3, ?4, 0)");
  update_row_ = Prepare("UPDATE row SET cells = ?2, outcome = ?3 WHERE place = ?1");
  insert_link_ = Prepare("INSERT OR IGNORE INTO link VALUES (?1, ?2, ?3, ?4)");
  place_of_id_ = Prepare("SELECT place FROM row WHERE entity = ?1 AND id = ?2");
  row_at_ = Prepare("SELECT id, cells, outcome FROM row WHERE place = ?1");
  children_ = Prepare(
      "SELECT place FROM link WHERE entity = ?1 AND name = ?2 AND parent = ?3 ORDER BY place");
  rows_after_ =
      Prepare("SELECT place FROM row WHERE entity = ?1 AND place > ?2 ORDER BY place LIMIT ?3");
  Execute("BEGIN");
}

void HsdsDiskTables::ForEach(const std::string& entity,
                             const std::function<void(HsdsRow*)>& visit) {
  int64_t after = -1;
  for (;;) {
    std::vector<int64_t> places;
    if (!status_.ok()) return;
    sqlite3_bind_int64(rows_after_.get(), 1, NumberOf(entity));
    sqlite3_bind_int64(rows_after_.get(), 2, after);
    sqlite3_bind_int64(rows_after_.get(), 3, kRowsAtATime);
    while (Step(rows_after_.get())) places.push_back(sqlite3_column_int64(rows_after_.get(), 0));
    if (places.empty()) return;
    for (int64_t place : places) {
      if (HsdsRow* row = At(place)) visit(row);
    }
    Release();
    after = places.back();
  }
}

HsdsRow* HsdsDiskTables::At(int64_t place) {
  const auto known = loaded_.find(place);
  if (known != loaded_.end()) return known->second.get();
  if (!status_.ok()) return nullptr;
  sqlite3_bind_int64(row_at_.get(), 1, place);
  if (!Step(row_at_.get())) return nullptr;
  HsdsRow* row = Loaded(place, row_at_.get());
  sqlite3_reset(row_at_.get());
  return row;
}

HsdsRow* HsdsDiskTables::Find(const std::string& entity, const std::string& id) {
  if (!status_.ok() || id.empty()) return nullptr;
  sqlite3_bind_int64(place_of_id_.get(), 1, NumberOf(entity));
  BindText(place_of_id_.get(), 2, id);
  if (!Step(place_of_id_.get())) return nullptr;
  const int64_t place = sqlite3_column_int64(place_of_id_.get(), 0);
  sqlite3_reset(place_of_id_.get());
  return At(place);
}

std::vector<HsdsRow*> HsdsDiskTables::Children(const std::string& entity, const std::string& column,
                                               const std::string& id) {
  std::vector<HsdsRow*> rows;
  if (!status_.ok()) return rows;
  sqlite3_bind_int64(children_.get(), 1, NumberOf(entity));
  sqlite3_bind_int64(children_.get(), 2, NumberOf(column));
  BindText(children_.get(), 3, id);
  std::vector<int64_t> places;
  while (Step(children_.get())) places.push_back(sqlite3_column_int64(children_.get(), 0));
  for (int64_t place : places) {
    if (HsdsRow* row = At(place)) rows.push_back(row);
  }
  return rows;
}

void HsdsDiskTables::Release() {
  for (auto& [place, row] : loaded_) {
    if (!row->changed() || !status_.ok()) continue;
    sqlite3_bind_int64(update_row_.get(), 1, place);
    BindBlob(update_row_.get(), 2, CellsOf(row->values(), row->taken()));
    sqlite3_bind_int64(update_row_.get(), 3, row->outcome());
    Step(update_row_.get());
  }
  loaded_.clear();
}

void HsdsDiskTables::Insert(const std::string& entity, const std::string& id,
                            std::map<std::string, std::string> values) {
  const int64_t place = next_place_++;
  sqlite3_bind_int64(insert_row_.get(), 1, place);
  sqlite3_bind_int64(insert_row_.get(), 2, NumberOf(entity));
  BindText(insert_row_.get(), 3, id);
  BindBlob(insert_row_.get(), 4, CellsOf(values, {}));
  Step(insert_row_.get());
  for (const auto& [column, value] : values) AddLink(entity, column, value, place);
}

void HsdsDiskTables::Filled(const std::string& entity, HsdsRow* row, const std::string& column) {
  AddLink(entity, column, row->Look(column), row->place());
}

void HsdsDiskTables::AddLink(const std::string& entity, const std::string& column,
                             const std::string& parent, int64_t place) {
  if (!NamesARow(column) || parent.empty() || !status_.ok()) return;
  sqlite3_bind_int64(insert_link_.get(), 1, NumberOf(entity));
  sqlite3_bind_int64(insert_link_.get(), 2, NumberOf(column));
  BindText(insert_link_.get(), 3, parent);
  sqlite3_bind_int64(insert_link_.get(), 4, place);
  Step(insert_link_.get());
}

int64_t HsdsDiskTables::NumberOf(std::string_view word) {
  const auto known = numbers_.find(word);
  if (known != numbers_.end()) return known->second;
  const auto number = static_cast<int64_t>(numbers_.size());
  numbers_.emplace(word, number);
  return number;
}

HsdsRow* HsdsDiskTables::Loaded(int64_t place, sqlite3_stmt* row) {
  const auto* id = static_cast<const char*>(sqlite3_column_blob(row, 0));
  const int id_bytes = sqlite3_column_bytes(row, 0);
  const auto* cells = static_cast<const uint8_t*>(sqlite3_column_blob(row, 1));
  const int cell_bytes = sqlite3_column_bytes(row, 1);
  const nlohmann::json read = nlohmann::json::from_msgpack(cells, cells + cell_bytes);
  auto made = std::make_unique<HsdsRow>(
      place, std::string(id, id_bytes), read[0].get<std::map<std::string, std::string>>(),
      read[1].get<std::set<std::string>>(),
      static_cast<HsdsRow::Outcome>(sqlite3_column_int64(row, 2)));
  return (loaded_[place] = std::move(made)).get();
}

void HsdsDiskTables::LimitPages(int64_t pages) {
  Execute(fmt::format("PRAGMA max_page_count = {}", pages).c_str());
}

void HsdsDiskTables::Execute(const char* sql) {
  if (!status_.ok()) return;
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) Fail();
}

HsdsDiskTables::Statement HsdsDiskTables::Prepare(const char* sql) {
  if (!status_.ok()) return nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                         nullptr) != SQLITE_OK) {
    Fail();
  }
  return Statement(statement);
}

bool HsdsDiskTables::Step(sqlite3_stmt* statement) {
  const int result = sqlite3_step(statement);
  if (result == SQLITE_ROW) return true;
  sqlite3_reset(statement);
  if (result != SQLITE_DONE) Fail();
  return false;
}

void HsdsDiskTables::Fail() {
  if (!status_.ok()) return;
  status_ = client::MakeClientError(
      absl::StatusCode::kResourceExhausted, "FILE_UNWRITABLE",
      fmt::format("the temporary database in which HSDS records are joined: {}; set TMPDIR to a "
                  "folder with room for twice the size of the data",
                  database_ ? sqlite3_errmsg(database_.get()) : "out of memory"));
}

}  // namespace tandem::cli
