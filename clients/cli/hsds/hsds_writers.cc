// SPDX-License-Identifier: Apache-2.0

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "cli/hsds/hsds_converter.h"
#include "cli/hsds/hsds_export.h"
#include "cli/hsds/hsds_memory_tables.h"
#include "cli/json_writer.h"
#include "cli/table_writer.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using nlohmann::ordered_json;

struct TableShape {
  const char* entity;
  const char* file;
  std::vector<const char*> columns;
};

// The tables of HSDS 3.0 that an export fills, with those of their columns that it can.
const std::vector<TableShape>& Shapes() {
  static const auto* const kShapes = new std::vector<TableShape>{
      {"organization",
       "organizations",
       {"id", "name", "alternate_name", "description", "website", "tax_status", "tax_id",
        "year_incorporated", "legal_status", "logo", "uri", "parent_organization_id", "licenses",
        "accreditations", "funding_sources"}},
      {"service", "services", {"id", "organization_id", "name", "status"}},
      {"location",
       "locations",
       {"id", "organization_id", "location_type", "latitude", "longitude"}},
      {"organization_identifier",
       "organization_identifiers",
       {"id", "organization_id", "identifier_scheme", "identifier_type", "identifier"}},
      {"attribute",
       "attributes",
       {"id", "link_id", "taxonomy_term_id", "link_type", "link_entity", "value"}},
      {"taxonomy_term",
       "taxonomy_terms",
       {"id", "code", "name", "description", "parent_id", "taxonomy", "term_uri"}},
  };
  return *kShapes;
}

// What is read back from an object, compared with the record it was made of.
absl::Status Compare(const std::string& entity, const google::protobuf::Message& record,
                     const ordered_json& object, LossReport* report) {
  HsdsMemoryTables tables;
  LossReport ignored;
  RETURN_IF_ERROR(tables.AddObject(entity, object));
  if (object.contains("parent_id")) {
    RETURN_IF_ERROR(
        tables.AddObject("taxonomy_term", {{"id", object["parent_id"]}, {"name", "parent"}}));
  }
  HsdsConverter converter("", nullptr, &tables, &ignored);
  HsdsRow* row = tables.Find(entity, object["id"].get<std::string>());
  ASSIGN_OR_RETURN(const ordered_json mine, ToJson(record));
  if (entity == "organization") {
    ASSIGN_OR_RETURN(const ordered_json read, ToJson(converter.Agency(row)));
    CompareCarried("agency", mine, read, report);
  } else {
    ASSIGN_OR_RETURN(const ordered_json read, ToJson(converter.Category(row)));
    CompareCarried("category", mine, read, report);
  }
  return absl::OkStatus();
}

// Makes the HSDS object of a record and hands it to Put.
class HsdsWriter : public ExportWriter {
 public:
  HsdsWriter(std::shared_ptr<const CategoryMap> categories, LossReport* report)
      : categories_(std::move(categories)), report_(*report) {}

  absl::Status Write(const google::protobuf::Message& record) override {
    std::unique_ptr<google::protobuf::Message> own(record.New());
    own->CopyFrom(record);
    ClearServerFields(own.get());
    const auto* agency = dynamic_cast<const v1::Agency*>(own.get());
    const auto* category = dynamic_cast<const v1::ServiceCategory*>(own.get());
    if (agency == nullptr && category == nullptr) {
      return absl::InvalidArgumentError("HSDS has agencies and categories only");
    }
    const std::string entity = agency != nullptr ? "organization" : "taxonomy_term";
    const ordered_json object =
        agency != nullptr ? HsdsOrganization(*agency, *categories_) : HsdsTerm(*category);
    RETURN_IF_ERROR(Compare(entity, *own, object, &report_));
    return Put(entity, object);
  }

 private:
  virtual absl::Status Put(const std::string& entity, const ordered_json& object) = 0;

  const std::shared_ptr<const CategoryMap> categories_;
  LossReport& report_;
};

class HsdsJsonWriter : public HsdsWriter {
 public:
  HsdsJsonWriter(std::ostream& out, bool lines, std::shared_ptr<const CategoryMap> categories,
                 LossReport* report)
      : HsdsWriter(std::move(categories), report), out_(out), lines_(lines) {}

  absl::Status Finish() override {
    if (lines_) return absl::OkStatus();
    if (count_ == 0) out_ << "{\"contents\":[";
    out_ << fmt::format(
        "],\n\"total_items\":{0},\"total_pages\":1,\"page_number\":1,\"size\":{0},"
        "\"first_page\":true,\"last_page\":true,\"empty\":{1}}}\n",
        count_, count_ == 0);
    return absl::OkStatus();
  }

 private:
  absl::Status Put(const std::string&, const ordered_json& object) override {
    if (!lines_) out_ << (count_ == 0 ? "{\"contents\":[\n" : ",\n");
    out_ << object.dump() << (lines_ ? "\n" : "");
    ++count_;
    return absl::OkStatus();
  }

  std::ostream& out_;
  const bool lines_;
  int64_t count_ = 0;
};

class HsdsTabularWriter : public HsdsWriter {
 public:
  HsdsTabularWriter(std::string folder, std::shared_ptr<const CategoryMap> categories,
                    LossReport* report)
      : HsdsWriter(std::move(categories), report), folder_(std::move(folder)) {}

  absl::Status Finish() override {
    ordered_json package = {{"name", "tandem"},
                            {"title", "Agencies of a Tandem directory in HSDS 3.0"},
                            {"profile", "tabular-data-package"},
                            {"resources", ordered_json::array()}};
    for (const TableShape& shape : Shapes()) {
      auto file = files_.find(shape.entity);
      if (file == files_.end()) continue;
      file->second.close();
      if (!file->second) return Unwritable(shape.file);
      ordered_json fields = ordered_json::array();
      for (const char* column : shape.columns) {
        fields.push_back({{"name", column}, {"type", "string"}});
      }
      package["resources"].push_back({{"name", shape.file},
                                      {"path", std::string(shape.file) + ".csv"},
                                      {"profile", "tabular-data-resource"},
                                      {"schema", {{"primaryKey", "id"}, {"fields", fields}}}});
    }
    std::ofstream out(std::filesystem::path(folder_) / "datapackage.json", std::ios::binary);
    out << package.dump(2) << '\n';
    out.close();
    return out ? absl::OkStatus() : Unwritable("datapackage.json");
  }

 private:
  absl::Status Unwritable(const std::string& file) const {
    return client::MakeClientError(absl::StatusCode::kDataLoss, "FILE_UNWRITABLE",
                                   fmt::format("{}/{}: can't be written", folder_, file));
  }

  absl::Status Put(const std::string& entity, const ordered_json& object) override {
    HsdsMemoryTables tables;
    RETURN_IF_ERROR(tables.AddObject(entity, object));
    absl::Status status;
    for (const TableShape& shape : Shapes()) {
      tables.ForEach(shape.entity, [&](HsdsRow* row) {
        // Many agencies are tied to one term.
        const bool is_term = std::string_view(shape.entity) == "taxonomy_term";
        if (is_term && !terms_.insert(row->id()).second) return;
        status.Update(PutRow(shape, *row));
      });
    }
    return status;
  }

  absl::Status PutRow(const TableShape& shape, const HsdsRow& row) {
    auto [file, is_new] = files_.try_emplace(shape.entity);
    if (is_new) {
      const std::string name = std::string(shape.file) + ".csv";
      file->second.open(std::filesystem::path(folder_) / name, std::ios::binary | std::ios::trunc);
      if (!file->second) return Unwritable(name);
      WriteLine(
          shape, [](const char* column) { return std::string(column); }, &file->second);
    }
    WriteLine(
        shape, [&row](const char* column) { return row.Look(column); }, &file->second);
    return absl::OkStatus();
  }

  template <typename Value>
  static void WriteLine(const TableShape& shape, Value value, std::ostream* out) {
    const char* separator = "";
    for (const char* column : shape.columns) {
      *out << separator << CsvField(value(column), ',');
      separator = ",";
    }
    *out << '\n';
  }

  const std::string folder_;
  std::map<std::string, std::ofstream> files_;
  std::set<std::string> terms_;
};

}  // namespace

std::unique_ptr<ExportWriter> MakeHsdsJsonWriter(std::ostream& out, bool lines,
                                                 std::shared_ptr<const CategoryMap> categories,
                                                 LossReport* report) {
  return std::make_unique<HsdsJsonWriter>(out, lines, std::move(categories), report);
}

absl::StatusOr<std::unique_ptr<ExportWriter>> MakeHsdsTabularWriter(
    const std::string& path, std::shared_ptr<const CategoryMap> categories, LossReport* report) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNWRITABLE",
                                   fmt::format("{}: {}", path, error.message()));
  }
  return std::unique_ptr<ExportWriter>(
      std::make_unique<HsdsTabularWriter>(path, std::move(categories), report));
}

}  // namespace tandem::cli
