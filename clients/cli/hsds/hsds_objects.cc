// SPDX-License-Identifier: Apache-2.0

#include "fmt/format.h"
#include "google/protobuf/util/message_differencer.h"
#include "tandem/v1/service_category_service.pb.h"

#include "cli/cell_text.h"
#include "cli/hsds/hsds_converter.h"
#include "cli/hsds/hsds_export.h"
#include "cli/hsds/hsds_fields.h"
#include "cli/hsds/hsds_memory_tables.h"
#include "cli/json_writer.h"
#include "cpp/call_error.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using nlohmann::ordered_json;

constexpr int kPageSize = 1000;
constexpr size_t kMostCategories = 100'000;
constexpr double kE7 = 1e7;
constexpr char kLabelPrefix[] = "hsds-";

// A term that stands for a field of a record.
ordered_json FieldTerm(const std::string& field) {
  return {{"id", "tandem-field-" + field},
          {"code", field},
          {"name", field},
          {"description", "The field " + field + " of a record of Tandem, as JSON"},
          {"taxonomy", kTandemTaxonomy}};
}

// What the native fields of `object` do not give back when they are read again, as attributes.
void CarryRest(const std::string& entity, const google::protobuf::Message& record,
               const google::protobuf::Message& read_back, ordered_json* object) {
  const auto* type = record.GetDescriptor();
  const auto* reflection = record.GetReflection();
  const absl::StatusOr<ordered_json> document = ToJson(record);
  if (!document.ok()) return;
  google::protobuf::util::MessageDifferencer differ;
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    std::unique_ptr<google::protobuf::Message> mine(record.New());
    std::unique_ptr<google::protobuf::Message> read(record.New());
    mine->CopyFrom(record);
    read->CopyFrom(read_back);
    for (int j = 0; j < type->field_count(); ++j) {
      if (j == i) continue;
      reflection->ClearField(mine.get(), type->field(j));
      reflection->ClearField(read.get(), type->field(j));
    }
    if (differ.Compare(*mine, *read)) continue;
    const auto value = document->find(field->json_name());
    const std::string id = (*object)["id"].get<std::string>();
    (*object)["attributes"].push_back({{"id", id + "-" + field->name()},
                                       {"link_id", id},
                                       {"link_type", "tandem-field"},
                                       {"link_entity", entity},
                                       {"value", value == document->end() ? "null" : value->dump()},
                                       {"taxonomy_term", FieldTerm(field->name())}});
  }
}

void AddText(const std::string& key, const std::string& value, ordered_json* object) {
  if (!value.empty()) (*object)[key] = value;
}

ordered_json PlainTerm(const v1::ServiceCategory& category) {
  ordered_json term = {{"id", LastPart(category.name())}};
  AddText("code", category.code(), &term);
  AddText("name", category.display_name(), &term);
  AddText("description", category.definition(), &term);
  if (!category.parent_category().empty()) {
    term["parent_id"] = LastPart(category.parent_category());
  }
  AddText("taxonomy", category.taxonomy(), &term);
  auto uri = category.labels().find("hsds-term_uri");
  if (uri != category.labels().end()) term["term_uri"] = uri->second;
  return term;
}

ordered_json LinkedTerm(const std::string& name, const CategoryMap& categories) {
  auto found = categories.find(name);
  if (found != categories.end()) {
    ordered_json term = PlainTerm(found->second);
    // The broader terms are not part of this object.
    term.erase("parent_id");
    return term;
  }
  return {{"id", LastPart(name)}, {"name", LastPart(name)}};
}

void AddServices(const v1::Agency& agency, const CategoryMap& categories, ordered_json* object) {
  const std::string id = (*object)["id"].get<std::string>();
  for (const v1::CategoryCapability& capability : agency.categories()) {
    ordered_json term = LinkedTerm(capability.category(), categories);
    const std::string service_id =
        fmt::format("{}{}-{}", kTandemServicePrefix, id, LastPart(capability.category()));
    (*object)["services"].push_back({{"id", service_id},
                                     {"name", term["name"]},
                                     {"status", "active"},
                                     {"attributes",
                                      {{{"id", service_id + "-term"},
                                        {"link_id", service_id},
                                        {"link_type", kTandemCapability},
                                        {"link_entity", "service"},
                                        {"taxonomy_term", std::move(term)}}}}});
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const CategoryMap>> LoadCategories(Session& session) {
  const auto* service = v1::ListServiceCategoriesRequest::descriptor()->file()->service(0);
  v1::ListServiceCategoriesRequest request;
  request.set_page_size(kPageSize);
  client::Pager pages(session.Public(), *service->FindMethodByName("ListServiceCategories"),
                      request);
  v1::ListServiceCategoriesResponse page;
  auto categories = std::make_shared<CategoryMap>();
  for (;;) {
    ASSIGN_OR_RETURN(bool more, pages.Next(&page));
    if (!more) break;
    for (v1::ServiceCategory& category : *page.mutable_service_categories()) {
      std::string name = category.name();
      (*categories)[std::move(name)] = std::move(category);
    }
    if (categories->size() > kMostCategories) {
      return client::MakeClientError(
          absl::StatusCode::kResourceExhausted, "LIMIT_EXCEEDED",
          fmt::format("more than {} categories can't be held for HSDS", kMostCategories));
    }
  }
  return std::shared_ptr<const CategoryMap>(std::move(categories));
}

ordered_json HsdsOrganization(const v1::Agency& agency, const CategoryMap& categories) {
  // HSDS requires a description, if an empty one.
  ordered_json object = {{"id", LastPart(agency.name())},
                         {"name", agency.display_name()},
                         {"description", agency.what_we_do()}};
  for (const char* column : HsdsLabelColumns()) {
    auto label = agency.labels().find(std::string(kLabelPrefix) + column);
    if (label != agency.labels().end()) object[column] = label->second;
  }
  const std::string id = object["id"].get<std::string>();
  for (int i = 0; i < agency.identifiers_size(); ++i) {
    const v1::Identifier& identifier = agency.identifiers(i);
    if (identifier.scheme() == "tax-id" && !object.contains("tax_id")) {
      object["tax_id"] = identifier.value();
      continue;
    }
    const std::string scheme = HsdsIdentifierScheme(identifier.scheme());
    object["organization_identifiers"].push_back({{"id", fmt::format("{}-{}", id, i + 1)},
                                                  {"identifier_scheme", scheme},
                                                  {"identifier_type", scheme},
                                                  {"identifier", identifier.value()}});
  }
  if (agency.has_location()) {
    object["locations"].push_back({{"id", id + "-location"},
                                   {"location_type", "physical"},
                                   {"latitude", agency.location().latitude_e7() / kE7},
                                   {"longitude", agency.location().longitude_e7() / kE7}});
  }
  AddServices(agency, categories, &object);
  HsdsMemoryTables tables;
  LossReport ignored;
  // Tables in memory take everything.
  tables.AddObject("organization", object).IgnoreError();
  HsdsConverter converter("", nullptr, &tables, &ignored);
  CarryRest("organization", agency, converter.Agency(tables.Find("organization", id)), &object);
  return object;
}

ordered_json HsdsTerm(const v1::ServiceCategory& category) {
  ordered_json term = PlainTerm(category);
  const std::string id = term["id"].get<std::string>();
  HsdsMemoryTables tables;
  LossReport ignored;
  tables.AddObject("taxonomy_term", term).IgnoreError();
  // In the whole package the broader term is there.
  if (term.contains("parent_id")) {
    tables.AddObject("taxonomy_term", {{"id", term["parent_id"]}, {"name", "parent"}})
        .IgnoreError();
  }
  HsdsConverter converter("", nullptr, &tables, &ignored);
  CarryRest("taxonomy_term", category, converter.Category(tables.Find("taxonomy_term", id)), &term);
  return term;
}

}  // namespace tandem::cli
