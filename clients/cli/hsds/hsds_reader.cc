// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/hsds_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "fmt/format.h"

#include "cli/csv_reader.h"
#include "cli/json_reader.h"
#include "cli/record_file.h"
#include "cli/text_input.h"
#include "cli/utf8_check.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

constexpr uint64_t kMostFileBytes = HsdsTables::kMostBytes;

absl::Status Invalid(const std::string& text) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_INVALID", text);
}

absl::Status TooMuch() {
  return client::MakeClientError(
      absl::StatusCode::kResourceExhausted, "LIMIT_EXCEEDED",
      fmt::format("HSDS data of more than {} GiB can't be joined in memory; import it in parts",
                  HsdsTables::kMostBytes >> 30));
}

// "services" for "dir/services.csv".
std::string Stem(const std::string& name) {
  return absl::AsciiStrToLower(std::filesystem::path(name).stem().string());
}

// The table that a JSON file's name tells: "service_at_location_full.json"; empty for none.
std::string EntityOfName(const std::string& name) {
  std::string word = Stem(name);
  for (;;) {
    if (IsHsdsEntity(word)) return HsdsEntity(word);
    const size_t cut = word.rfind('_');
    if (cut == std::string::npos) return "";
    word.erase(cut);
  }
}

// The table an object belongs to by what it holds; empty when nothing tells.
std::string EntityOfObject(const nlohmann::json& object) {
  auto has = [&object](const char* key) { return object.contains(key); };
  if (has("service") && has("location")) return "service_at_location";
  if (has("service_at_locations") || has("service_areas") || has("organization") ||
      has("organization_id") || has("service_taxonomys")) {
    return has("latitude") ? "location" : "service";
  }
  if (has("latitude") || has("location_type")) return "location";
  if (has("taxonomy") || has("taxonomy_detail") || has("term_uri") || has("parent_id")) {
    return "taxonomy_term";
  }
  if (has("website") || has("legal_status") || has("services") || has("tax_status") ||
      has("organization_identifiers") || has("year_incorporated")) {
    return "organization";
  }
  if (has("status") && has("name")) return "service";
  return has("version") && has("name") ? "taxonomy" : "";
}

// Whether several files of older versions are one table now (mail_addresses and addresses), each
// with ids of its own.
bool SharesItsTable(const std::string& stem, const std::string& entity) {
  return (entity == "address" && stem != "addresses") ||
         (entity == "schedule" && stem != "schedules");
}

absl::StatusOr<std::string> FileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                                   fmt::format("{}: {}", path, std::strerror(errno)));
  }
  std::error_code error;
  if (std::filesystem::file_size(path, error) > kMostFileBytes || error) return TooMuch();
  TextInput input(file, std::nullopt);
  std::ostringstream text;
  if (input.utf8().peek() != std::istream::traits_type::eof()) text << input.utf8().rdbuf();
  if (input.failed()) return Invalid(path + ": the file could not be read to its end");
  return text.str();
}

}  // namespace

absl::Status HsdsReader::Read(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return ReadFile(path);
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    const std::string extension = absl::AsciiStrToLower(entry.path().extension().string());
    const bool wanted = extension == ".csv" || extension == ".json" || extension == ".ndjson";
    if (wanted && entry.path().filename() != "datapackage.json") files.push_back(entry.path());
  }
  if (error) return Invalid(fmt::format("{}: {}", path, error.message()));
  if (files.empty()) return Invalid(path + ": there is no .csv, .json or .ndjson file");
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) RETURN_IF_ERROR(ReadFile(file));
  return absl::OkStatus();
}

absl::Status HsdsReader::ReadFile(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, FileText(path));
  return ReadText(path, text);
}

absl::Status HsdsReader::ReadText(const std::string& name, const std::string& text) {
  if (auto offset = InvalidUtf8At(text)) {
    const TextPosition at = PositionAt(text, *offset);
    return Invalid(
        FileComplaint(name, at.line, at.column, "", "", InvalidTextMessage(text, *offset)));
  }
  const std::string extension =
      absl::AsciiStrToLower(std::filesystem::path(name).extension().string());
  if (extension == ".csv") return ReadCsv(name, text);
  if (extension == ".ndjson" || extension == ".jsonl") return ReadJsonLines(name, text);
  nlohmann::json document = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  // Lines of JSON under another name.
  if (document.is_discarded()) return ReadJsonLines(name, text);
  return Take(name, document);
}

absl::Status HsdsReader::ReadJsonLines(const std::string& name, const std::string& text) {
  size_t line = 1;
  for (size_t start = 0; start < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view one = std::string_view(text).substr(start, end - start);
    start = end + 1;
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const nlohmann::json document = nlohmann::json::parse(one, nullptr, /*allow_exceptions=*/false);
    if (document.is_discarded()) return Invalid(fmt::format("{}:{}: is no JSON", name, line));
    RETURN_IF_ERROR(Take(name, document));
  }
  return absl::OkStatus();
}

absl::Status HsdsReader::Take(const std::string& name, const nlohmann::json& document) {
  if (document.is_object()) return TakeObject(name, document);
  if (!document.is_array()) return Invalid(name + ": holds no object and no list of objects");
  for (const nlohmann::json& element : document) {
    if (element.is_object()) {
      RETURN_IF_ERROR(TakeObject(name, element));
    } else {
      report_.Record("value", "skipped: is no object");
    }
  }
  return absl::OkStatus();
}

absl::Status HsdsReader::TakeObject(const std::string& name, const nlohmann::json& object) {
  // A page of a list: HSDS 3 says "contents", the UK profile "content".
  for (const char* key : {"contents", "content"}) {
    if (object.contains(key) && object[key].is_array()) return Take(name, object[key]);
  }
  if (object.contains("openapi_url") ||
      (object.contains("profile") && object.contains("version"))) {
    report_.Record("base", "skipped: describes an API, no record");
    return absl::OkStatus();
  }
  // All tables in one object: {"services.csv": [...]}.
  const bool is_tables =
      !object.empty() && std::all_of(object.items().begin(), object.items().end(), [](auto& item) {
        return item.value().is_array() && item.key().ends_with(".csv");
      });
  if (is_tables) {
    for (const auto& [file, rows] : object.items()) {
      for (const nlohmann::json& row : rows) {
        if (row.is_object() && !tables_.AddObject(HsdsEntity(Stem(file)), row)) return TooMuch();
      }
    }
    return absl::OkStatus();
  }
  // What an object holds tells more than the name of its file; a bare one could be many things.
  std::string entity = EntityOfObject(object);
  if (entity.empty()) entity = EntityOfName(name);
  if (entity.empty() && object.contains("name") && object.contains("description")) {
    entity = "organization";
  }
  if (entity.empty()) {
    report_.Record("object", "skipped: is no HSDS object");
    return absl::OkStatus();
  }
  return tables_.AddObject(entity, object) ? absl::OkStatus() : TooMuch();
}

absl::Status HsdsReader::ReadCsv(const std::string& name, const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in);
  CsvRecord header;
  if (!reader.Next(&header)) return absl::OkStatus();
  if (!header.problem.empty())
    return Invalid(fmt::format("{}: the header: {}", name, header.problem));
  const std::string stem = Stem(name);
  std::string entity = HsdsEntity(stem);
  const auto names = [&header](const char* column) {
    return std::find(header.fields.begin(), header.fields.end(), column) != header.fields.end();
  };
  // Before version 2 the table of terms was called taxonomy.
  if (entity == "taxonomy" && names("parent_id")) entity = "taxonomy_term";
  const auto mapping = mapping_.find(stem);
  CsvRecord row;
  while (reader.Next(&row)) {
    if (!row.problem.empty()) {
      return Invalid(FileComplaint(name, row.line, 1, "", "", row.problem));
    }
    std::map<std::string, std::map<std::string, std::string>> by_entity;
    std::map<std::string, std::string> source;
    by_entity[entity];
    for (size_t i = 0; i < row.fields.size(); ++i) {
      const std::string column =
          i < header.fields.size() ? header.fields[i] : fmt::format("column {}", i + 1);
      const std::string value(absl::StripAsciiWhitespace(row.fields[i]));
      if (value.empty()) continue;
      source[column] = value;
      const HsdsColumn* to = nullptr;
      if (mapping != mapping_.end()) {
        auto found = mapping->second.find(column);
        if (found != mapping->second.end()) to = &found->second;
      }
      if (to != nullptr) {
        by_entity[to->entity][to->column] = value;
        if (!to->foreign_key.empty()) by_entity[to->entity][to->foreign_key] = "";
      } else {
        const bool is_id = entity == "taxonomy_term" && column == "taxonomy_id" && !names("id");
        by_entity[entity][is_id ? "id" : column] = value;
      }
    }
    if (mapping != mapping_.end()) {
      for (const auto& [column, to] : mapping->second) {
        auto values = by_entity.find(to.entity);
        if (to.foreign_key.empty() || values == by_entity.end()) continue;
        values->second[to.foreign_key] = source[to.foreign_key_from];
      }
    }
    for (auto& [table, values] : by_entity) {
      if (table == entity && SharesItsTable(stem, entity) && values.count("id") > 0) {
        values["id"] = stem + ":" + values["id"];
      }
      if (!values.empty() && !tables_.Add(table, std::move(values))) return TooMuch();
    }
  }
  return absl::OkStatus();
}

}  // namespace tandem::cli
