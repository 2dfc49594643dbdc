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
#include "cli/hsds/hsds_entities.h"
#include "cli/hsds/json_elements.h"
#include "cli/json_reader.h"
#include "cli/record_file.h"
#include "cli/text_input.h"
#include "cli/utf8_check.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

absl::Status Invalid(const std::string& text) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_INVALID", text);
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

// Complains of the first byte of a record that is no text.
absl::Status CheckText(const std::string& name, const CsvRecord& record) {
  const std::optional<size_t> offset = InvalidUtf8At(record.raw);
  if (!offset) return absl::OkStatus();
  const TextPosition at = PositionAt(record.raw, *offset);
  return Invalid(FileComplaint(name, record.line + at.line - 1, at.column, "", "",
                               InvalidTextMessage(record.raw, *offset)));
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
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                                   fmt::format("{}: {}", path, std::strerror(errno)));
  }
  TextInput input(file, std::nullopt);
  RETURN_IF_ERROR(ReadStream(path, input.utf8()));
  if (input.failed()) return Invalid(path + ": the file could not be read to its end");
  return absl::OkStatus();
}

absl::Status HsdsReader::ReadText(const std::string& name, const std::string& text) {
  std::istringstream in(text);
  return ReadStream(name, in);
}

absl::Status HsdsReader::ReadStream(const std::string& name, std::istream& in) {
  const std::string extension =
      absl::AsciiStrToLower(std::filesystem::path(name).extension().string());
  return extension == ".csv" ? ReadCsv(name, in) : ReadJson(name, in);
}

absl::Status HsdsReader::ReadJson(const std::string& name, std::istream& in) {
  JsonElementHandlers handlers;
  // A page of a list: HSDS 3 says "contents", the UK profile "content". Or all tables in one
  // object: {"services.csv": [...]}.
  handlers.is_list = [](const std::string& key) {
    return key == "contents" || key == "content" || key.ends_with(".csv");
  };
  handlers.element = [&](const std::string& key, const nlohmann::json& element) {
    const bool is_row = key.ends_with(".csv");
    if (element.is_object()) {
      return is_row ? tables_.AddObject(HsdsEntity(Stem(key)), element) : TakeObject(name, element);
    }
    if (!is_row) report_.Record("value", "skipped: is no object");
    return absl::OkStatus();
  };
  handlers.whole = [&](const nlohmann::json& value, bool had_elements) {
    // What stands beside a page's records tells which page it is.
    if (had_elements) return absl::OkStatus();
    if (value.is_object()) return TakeObject(name, value);
    return Invalid(name + ": holds no object and no list of objects");
  };
  return ReadJsonElements(name, in, handlers);
}

absl::Status HsdsReader::TakeObject(const std::string& name, const nlohmann::json& object) {
  if (object.contains("openapi_url") ||
      (object.contains("profile") && object.contains("version"))) {
    report_.Record("base", "skipped: describes an API, no record");
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
  return tables_.AddObject(entity, object);
}

absl::Status HsdsReader::ReadCsv(const std::string& name, std::istream& in) {
  CsvReader reader(in);
  CsvRecord header;
  if (!reader.Next(&header)) return absl::OkStatus();
  if (!header.problem.empty())
    return Invalid(fmt::format("{}: the header: {}", name, header.problem));
  RETURN_IF_ERROR(CheckText(name, header));
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
    RETURN_IF_ERROR(CheckText(name, row));
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
      if (!values.empty()) RETURN_IF_ERROR(tables_.Add(table, std::move(values)));
    }
  }
  return absl::OkStatus();
}

}  // namespace tandem::cli
