// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/hsds_converter.h"

#include <unordered_set>

#include "cli/hsds/hsds_fields.h"
#include "cli/hsds/record_text.h"
#include "cli/id_text.h"
#include "cli/json_reader.h"

namespace tandem::cli {
namespace {

constexpr size_t kMostTaxonomyPoints = 63;
constexpr char kDefaultTaxonomy[] = "hsds";

constexpr char kMerged[] = "merged into its agency";

google::protobuf::Map<std::string, std::string>* Labels(google::protobuf::Message* record) {
  if (auto* agency = dynamic_cast<v1::Agency*>(record)) return agency->mutable_labels();
  return static_cast<v1::ServiceCategory*>(record)->mutable_labels();
}

}  // namespace

HsdsConverter::HsdsConverter(std::string id_prefix, std::shared_ptr<const RegionNames> regions,
                             HsdsTables* tables, LossReport* report)
    : id_prefix_(std::move(id_prefix)),
      regions_(std::move(regions)),
      tables_(*tables),
      report_(*report) {}

std::string HsdsConverter::CategoryName(const std::string& term_id) const {
  return "serviceCategories/" + IdFromText(id_prefix_ + term_id);
}

std::string HsdsConverter::AgencyName(const std::string& organization_id) const {
  return "agencies/" + IdFromText(id_prefix_ + organization_id);
}

// Keeps a value that has no field of its own as a label "hsds-column".
void HsdsConverter::Label(HsdsRow* row, const std::string& column,
                          google::protobuf::Message* record) {
  std::string value = OneLineText(row->Look(column));
  if (value.empty() || value.size() > kMostLabelBytes) return;
  row->Take(column);
  (*Labels(record))["hsds-" + column] = std::move(value);
}

// What an export of this directory carried beside HSDS's own fields wins over what they say.
void HsdsConverter::TakeTandemFields(const std::string& entity, HsdsRow* row,
                                     google::protobuf::Message* record) {
  for (HsdsRow* attribute : tables_.Children("attribute", "link_id", row->id())) {
    if (attribute->Look("link_entity") != entity) continue;
    const HsdsRow* term = tables_.Find("taxonomy_term", attribute->Look("taxonomy_term_id"));
    const std::string field = TandemFieldOf(*attribute, term);
    if (field.empty()) continue;
    std::unique_ptr<google::protobuf::Message> read(record->New());
    const auto* descriptor = record->GetDescriptor()->FindFieldByName(field);
    const std::string value = attribute->Look("value");
    if (descriptor == nullptr || !nlohmann::json::accept(value) ||
        ReadJsonRecord("{\"" + field + "\":" + value + "}", read.get())) {
      continue;
    }
    record->GetReflection()->ClearField(record, descriptor);
    record->MergeFrom(*read);
    for (const char* column : {"value", "link_type", "link_entity"}) attribute->Take(column);
    Merged(attribute);
  }
}

std::vector<int64_t> HsdsConverter::Terms() {
  std::vector<int64_t> order;
  std::unordered_set<int64_t> seen;
  // Up to the first broader term that is placed already, then back down; a circle ends it too.
  tables_.ForEach("taxonomy_term", [&](HsdsRow* row) {
    if (IsTandemTerm(*row)) return;
    std::vector<int64_t> chain;
    for (HsdsRow* at = row; at != nullptr && seen.insert(at->place()).second;
         at = tables_.Find("taxonomy_term", at->Look("parent_id"))) {
      chain.push_back(at->place());
    }
    order.insert(order.end(), chain.rbegin(), chain.rend());
  });
  return order;
}

v1::ServiceCategory HsdsConverter::Category(HsdsRow* term) {
  v1::ServiceCategory category;
  category.set_name(CategoryName(term->id()));
  if (category.name() != "serviceCategories/" + term->id()) {
    (*category.mutable_labels())["hsds-id"] = term->id().substr(0, kMostLabelBytes);
  }
  bool cut = false;
  std::string title = term->Take("name");
  if (title.empty()) title = term->id();
  category.set_display_name(FirstCodePoints(OneLineText(title), kMostTitlePoints, &cut));
  if (cut) term->PutBack("name");
  std::string taxonomy = term->Take("taxonomy");
  if (HsdsRow* whole = tables_.Find("taxonomy", term->Take("taxonomy_id"))) {
    if (taxonomy.empty() || taxonomy == whole->id()) taxonomy = whole->Take("name");
    whole->Take("name");
    bool version_cut = false;
    category.set_version(
        FirstCodePoints(OneLineText(whole->Take("version")), kMostTaxonomyPoints, &version_cut));
    if (version_cut) whole->PutBack("version");
    Merged(whole);
  }
  category.set_taxonomy(FirstCodePoints(OneLineText(taxonomy.empty() ? kDefaultTaxonomy : taxonomy),
                                        kMostTaxonomyPoints, &cut));
  if (cut) term->PutBack("taxonomy");
  category.set_code(FirstCodePoints(OneLineText(term->Take("code")), kMostTaxonomyPoints, &cut));
  if (cut) term->PutBack("code");
  category.set_definition(
      FirstCodePoints(LinesText(term->Take("description")), kMostTextPoints, &cut));
  if (cut) term->PutBack("description");
  if (tables_.Find("taxonomy_term", term->Look("parent_id")) != nullptr) {
    category.set_parent_category(CategoryName(term->Take("parent_id")));
    // It says again what the parent says.
    term->Take("parent_name");
  }
  Label(term, "term_uri", &category);
  TakeTandemFields("taxonomy_term", term, &category);
  return category;
}

std::string HsdsConverter::OutcomeOf(const std::string& entity, const HsdsRow& row) {
  if (row.outcome() == HsdsRow::kMerged) {
    if (entity == "phone") return "merged into its contact";
    return entity == "taxonomy" ? "merged into its terms" : kMerged;
  }
  if (entity == "taxonomy_term" && IsTandemTerm(row)) return "merged into its agency";
  return "skipped: " + WhySkipped(entity, row);
}

void HsdsConverter::FinishRow(const std::string& entity, const HsdsRow& row) {
  const bool is_record = (entity == "organization" && !OneLineText(row.Look("name")).empty()) ||
                         (entity == "taxonomy_term" && !IsTandemTerm(row)) ||
                         row.outcome() == HsdsRow::kRecord;
  if (!is_record) report_.Record(entity, OutcomeOf(entity, row));
  if (entity == "taxonomy_term" && !is_record) return;
  for (const auto& [column, value] : row.values()) {
    // Ids and references say how records hang together; they are carried with the records.
    const bool structural = column == "id" || column == "link_id" || column.ends_with("_id");
    const bool own_reference = column == "parent_organization_id" || column == "parent_id";
    if (row.taken().count(column) > 0 || (structural && !own_reference)) continue;
    report_.Lost(entity + "." + column, WhyLost(entity, column));
  }
}

void HsdsConverter::Finish() {
  for (const std::string& entity : tables_.Entities()) {
    report_.Record(entity, "merged: came again under the same id", tables_.Repeated(entity));
    tables_.ForEach(entity, [&](HsdsRow* row) { FinishRow(entity, *row); });
  }
  for (const auto& [path, count] : tables_.contradictions()) {
    report_.Lost(path, "contradicts the first record with this id", count);
  }
}

}  // namespace tandem::cli
