// SPDX-License-Identifier: Apache-2.0

#include "service/directory_services.h"

#include <utility>

#include "model/absl_strings.h"
#include "model/resource_traits.h"
#include "model/status_macros.h"
#include "service/batch_methods.h"
#include "service/change_methods.h"
#include "service/conflict_methods.h"
#include "service/duplicate_methods.h"
#include "service/export_stream.h"
#include "service/history_methods.h"
#include "service/identity_methods.h"
#include "service/import_stream.h"
#include "service/match_methods.h"
#include "service/merge_methods.h"
#include "service/pairing_methods.h"
#include "service/plugin_methods.h"
#include "service/read_methods.h"
#include "service/region_methods.h"
#include "service/round_methods.h"
#include "service/search_methods.h"
#include "service/succession_methods.h"
#include "service/write_methods.h"

namespace tandem::service {
namespace {

constexpr std::string_view kPublicServices[] = {
    "tandem.v1.AgencyService",     "tandem.v1.ServiceCategoryService",
    "tandem.v1.RegionService",     "tandem.v1.RoundService",
    "tandem.v1.OfferService",      "tandem.v1.NeedService",
    "tandem.v1.PairingService",    "tandem.v1.MatchProfileService",
    "tandem.v1.MatchService",      "tandem.v1.ContactService",
    "tandem.v1.SourceService",     "tandem.v1.FieldConflictService",
    "tandem.v1.SynonymSetService", "tandem.v1.ActivityService",
    "tandem.v1.ChangeService",
};
constexpr std::string_view kAdminServices[] = {"tandem.v1.PluginService"};

using StandardHandler = void (*)(const model::ResourceTraits&, std::shared_ptr<UnaryCall>);

const google::protobuf::ServiceDescriptor* FindService(std::string_view name) {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(name));
}

// Import and Export, as far as the service has them.
void AddStreams(const model::ResourceTraits& resource,
                const google::protobuf::ServiceDescriptor& service, const Directory* directory,
                HandlerTable* table) {
  const auto* import = service.FindMethodByName(StrCat("Import", resource.plural_name));
  if (import != nullptr) {
    table->bidi.emplace(MethodName(*import),
                        [&resource, import, directory](const MethodRule* rule,
                                                       grpc::CallbackServerContext* context) {
                          return StartImport(resource, *import, *directory, rule, context);
                        });
  }
  const auto* exported = service.FindMethodByName(StrCat("Export", resource.plural_name));
  // Personal data is given out record by record only.
  if (exported == nullptr || resource.personal()) return;
  table->server_stream.emplace(
      MethodName(*exported),
      [&resource, directory](const MethodRule* rule, grpc::CallbackServerContext* context,
                             const grpc::ByteBuffer* request) {
        return StartExport(resource, *directory, rule, context, request);
      });
}

// The standard methods of one resource, as far as its service has them.
void AddStandardMethods(const model::ResourceTraits& resource, const Directory* directory,
                        HandlerTable* table) {
  const google::protobuf::ServiceDescriptor* service = FindService(resource.service);
  auto add = [&](std::string_view verb, std::string_view stem, StandardHandler handler) {
    const auto* method = service->FindMethodByName(StrCat(verb, stem));
    if (method == nullptr) return;
    table->unary.emplace(MethodName(*method),
                         [&resource, handler](std::shared_ptr<UnaryCall> call) {
                           handler(resource, std::move(call));
                         });
  };
  add("Get", resource.message_name, HandleGet);
  add("List", resource.plural_name, HandleList);
  // A run is created by its own service, not by writing a record.
  if (resource.type == model::RecordType::kMatchRun) return;
  add("Create", resource.message_name, HandleCreate);
  add("Update", resource.message_name, HandleUpdate);
  add("Delete", resource.message_name, HandleDelete);
  add("Undelete", resource.message_name, HandleUndelete);
  add("Purge", resource.message_name, HandlePurge);
  add("BatchGet", resource.plural_name, HandleBatchGet);
  add("BatchCreate", resource.plural_name, HandleBatchCreate);
  add("BatchUpdate", resource.plural_name, HandleBatchUpdate);
  add("BatchDelete", resource.plural_name, HandleBatchDelete);
  add("List", StrCat(resource.message_name, "Revisions"), HandleListRevisions);
  AddStreams(resource, *service, directory, table);
}

}  // namespace

absl::Span<const std::string_view> PublicServices() { return kPublicServices; }

absl::Span<const std::string_view> AdminServices() { return kAdminServices; }

HandlerTable MakeHandlers(const Directory* directory) {
  HandlerTable table;
  for (const model::ResourceTraits& resource : model::AllResources()) {
    AddStandardMethods(resource, directory, &table);
  }
  table.unary.emplace("tandem.v1.RegionService/IndexRegions", HandleIndexRegions);
  table.unary.emplace("tandem.v1.RoundService/OpenRound", HandleOpenRound);
  table.unary.emplace("tandem.v1.RoundService/FreezeRound", HandleFreezeRound);
  table.unary.emplace("tandem.v1.AgencyService/LookupAgency", HandleLookupAgency);
  table.unary.emplace("tandem.v1.AgencyService/FindDuplicates", HandleFindDuplicates);
  table.unary.emplace("tandem.v1.AgencyService/ListDuplicates", HandleListDuplicates);
  table.unary.emplace("tandem.v1.AgencyService/MergeAgencies", HandleMergeAgencies);
  table.unary.emplace("tandem.v1.FieldConflictService/ResolveFieldConflict",
                      HandleResolveFieldConflict);
  AddSearchMethods(&table);
  AddSuccessionMethods(&table);
  AddPairingMethods(&table);
  AddMatchMethods(&table);
  AddPluginMethods(&table);
  AddChangeMethods(directory, &table);
  return table;
}

absl::StatusOr<std::vector<std::unique_ptr<RawService>>> MakeServices(
    absl::Span<const std::string_view> names, const Directory* directory,
    const HandlerTable* handlers) {
  std::vector<std::unique_ptr<RawService>> services;
  for (std::string_view name : names) {
    const google::protobuf::ServiceDescriptor* descriptor = FindService(name);
    if (descriptor == nullptr) return absl::InternalError(StrCat(name, " is not compiled in"));
    ASSIGN_OR_RETURN(std::unique_ptr<RawService> service,
                     RawService::Make(*descriptor, directory, handlers));
    services.push_back(std::move(service));
  }
  return services;
}

}  // namespace tandem::service
