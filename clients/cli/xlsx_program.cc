// SPDX-License-Identifier: Apache-2.0

#include "cli/xlsx_program.h"

#include <cstdlib>
#include <filesystem>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace tandem::cli {
namespace {

constexpr char kName[] = "tandem-xlsx";

std::string ProgramPath() {
  if (const char* named = std::getenv("TANDEM_XLSX"); named != nullptr && *named != '\0')
    return named;
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / kName).string();
}

// The text of one cell, or what is wrong with it.
bool ReadCell(const nlohmann::json& cell, std::string* text, std::string* problem) {
  if (cell.is_null()) return true;
  if (cell.is_string()) {
    *text = cell.get<std::string>();
    return true;
  }
  if (!cell.is_object() || cell.size() != 1) return false;
  const std::string& kind = cell.begin().key();
  const nlohmann::json& value = cell.begin().value();
  if (kind == "b" && value.is_boolean()) {
    *text = value.get<bool>() ? "true" : "false";
    return true;
  }
  if (!value.is_string()) return false;
  *text = value.get<std::string>();
  if (kind == "n" || kind == "d") return true;
  if (kind == "e") {
    *problem = "the cell holds the error " + *text;
  } else if (kind == "f") {
    *problem = fmt::format(
        "the file holds no result of the formula {}; open and save it in a spreadsheet program",
        *text);
  } else {
    return false;
  }
  text->clear();
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> StartXlsxProgram(const std::string& action,
                                                               const std::string& file,
                                                               const std::string& sheet) {
  // A file whose name begins with a dash is a file all the same.
  std::vector<std::string> arguments = {action, file.starts_with("-") ? "./" + file : file};
  if (!sheet.empty()) arguments.push_back("--sheet=" + sheet);
  return ChildProcess::Start(ProgramPath(), arguments);
}

bool ParseXlsxRow(std::string_view line, XlsxRow* row) {
  *row = XlsxRow();
  const nlohmann::json document = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!document.is_array() || document.empty() || !document[0].is_number_unsigned()) return false;
  row->number = document[0].get<size_t>();
  row->cells.resize(document.size() - 1);
  for (size_t i = 0; i < row->cells.size(); ++i) {
    std::string problem;
    if (!ReadCell(document[i + 1], &row->cells[i], &problem)) return false;
    if (problem.empty()) continue;
    row->problems.resize(i + 1);
    row->problems[i] = std::move(problem);
  }
  return true;
}

int64_t XlsxEnd(std::string_view line) {
  const nlohmann::json document = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("end")) return -1;
  const nlohmann::json& end = document["end"];
  return end.is_number_unsigned() ? end.get<int64_t>() : -1;
}

std::string XlsxColumnName(size_t index) {
  std::string name;
  for (size_t left = index + 1; left > 0; left = (left - 1) / 26) {
    name.insert(name.begin(), static_cast<char>('A' + (left - 1) % 26));
  }
  return name;
}

}  // namespace tandem::cli
