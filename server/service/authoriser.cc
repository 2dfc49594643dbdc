// SPDX-License-Identifier: Apache-2.0

#include "service/authoriser.h"

#include "absl/container/flat_hash_map.h"
#include "model/absl_strings.h"
#include "model/error.h"

namespace tandem::service {
namespace {

// clang-format off
// The rows of the methods that are the same for every resource.
#define TANDEM_STANDARD_METHODS(one, many)                               \
  {"tandem.v1." one "Service/Get" one, MethodVerb::kRead},               \
  {"tandem.v1." one "Service/List" many, MethodVerb::kRead},             \
  {"tandem.v1." one "Service/Create" one, MethodVerb::kWrite},           \
  {"tandem.v1." one "Service/Update" one, MethodVerb::kWrite},           \
  {"tandem.v1." one "Service/Delete" one, MethodVerb::kWrite},           \
  {"tandem.v1." one "Service/Undelete" one, MethodVerb::kWrite},         \
  {"tandem.v1." one "Service/Purge" one, MethodVerb::kWrite},            \
  {"tandem.v1." one "Service/BatchGet" many, MethodVerb::kRead},         \
  {"tandem.v1." one "Service/BatchCreate" many, MethodVerb::kWrite},     \
  {"tandem.v1." one "Service/BatchUpdate" many, MethodVerb::kWrite},     \
  {"tandem.v1." one "Service/BatchDelete" many, MethodVerb::kWrite},     \
  {"tandem.v1." one "Service/List" one "Revisions", MethodVerb::kRead},  \
  {"tandem.v1." one "Service/Import" many, MethodVerb::kWrite}
#define TANDEM_EXPORT(one, many) \
  {"tandem.v1." one "Service/Export" many, MethodVerb::kRead}
// clang-format on

constexpr MethodRule kMethodRules[] = {
    TANDEM_STANDARD_METHODS("Agency", "Agencies"),
    TANDEM_EXPORT("Agency", "Agencies"),
    TANDEM_STANDARD_METHODS("ServiceCategory", "ServiceCategories"),
    TANDEM_EXPORT("ServiceCategory", "ServiceCategories"),
    TANDEM_STANDARD_METHODS("Region", "Regions"),
    TANDEM_EXPORT("Region", "Regions"),
    TANDEM_STANDARD_METHODS("Round", "Rounds"),
    TANDEM_EXPORT("Round", "Rounds"),
    TANDEM_STANDARD_METHODS("Offer", "Offers"),
    TANDEM_EXPORT("Offer", "Offers"),
    TANDEM_STANDARD_METHODS("Need", "Needs"),
    TANDEM_EXPORT("Need", "Needs"),
    TANDEM_STANDARD_METHODS("Pairing", "Pairings"),
    TANDEM_EXPORT("Pairing", "Pairings"),
    TANDEM_STANDARD_METHODS("MatchProfile", "MatchProfiles"),
    TANDEM_EXPORT("MatchProfile", "MatchProfiles"),
    TANDEM_STANDARD_METHODS("SynonymSet", "SynonymSets"),
    TANDEM_EXPORT("SynonymSet", "SynonymSets"),
    // Personal data: no export.
    TANDEM_STANDARD_METHODS("Contact", "Contacts"),
    {"tandem.v1.AgencyService/SearchAgencies", MethodVerb::kRead},
    {"tandem.v1.AgencyService/SuggestAgencies", MethodVerb::kRead},
    {"tandem.v1.AgencyService/LookupAgency", MethodVerb::kRead},
    {"tandem.v1.AgencyService/FindDuplicates", MethodVerb::kRead},
    {"tandem.v1.AgencyService/ListDuplicates", MethodVerb::kRead},
    {"tandem.v1.AgencyService/MergeAgencies", MethodVerb::kWrite},
    {"tandem.v1.ServiceCategoryService/SearchServiceCategories", MethodVerb::kRead},
    {"tandem.v1.ServiceCategoryService/SuggestServiceCategories", MethodVerb::kRead},
    {"tandem.v1.ServiceCategoryService/ResolveServiceCategories", MethodVerb::kRead},
    {"tandem.v1.ServiceCategoryService/CountServiceCategoryRecords", MethodVerb::kRead},
    {"tandem.v1.ServiceCategoryService/ListStaleServiceCategoryReferences", MethodVerb::kRead},
    {"tandem.v1.RegionService/SearchRegions", MethodVerb::kRead},
    {"tandem.v1.RegionService/SuggestRegions", MethodVerb::kRead},
    {"tandem.v1.RegionService/ResolveRegions", MethodVerb::kRead},
    {"tandem.v1.RegionService/CountRegionRecords", MethodVerb::kRead},
    {"tandem.v1.RegionService/ListStaleRegionReferences", MethodVerb::kRead},
    {"tandem.v1.RegionService/IndexRegions", MethodVerb::kOperate},
    {"tandem.v1.RoundService/OpenRound", MethodVerb::kOperate},
    {"tandem.v1.RoundService/FreezeRound", MethodVerb::kOperate},
    {"tandem.v1.PairingService/AcceptPairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/DeclinePairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/AgreePairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/ActivatePairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/PausePairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/ResumePairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/CompletePairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/WithdrawPairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/FailPairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/SupersedePairing", MethodVerb::kOperate},
    {"tandem.v1.PairingService/RecordFollowUp", MethodVerb::kWrite},
    {"tandem.v1.PairingService/BatchLogActivities", MethodVerb::kWrite},
    // Ids of activities outlast them: no purge.
    {"tandem.v1.ActivityService/GetActivity", MethodVerb::kRead},
    {"tandem.v1.ActivityService/ListActivities", MethodVerb::kRead},
    {"tandem.v1.ActivityService/CreateActivity", MethodVerb::kWrite},
    {"tandem.v1.ActivityService/UpdateActivity", MethodVerb::kWrite},
    {"tandem.v1.ActivityService/DeleteActivity", MethodVerb::kWrite},
    {"tandem.v1.ActivityService/UndeleteActivity", MethodVerb::kWrite},
    {"tandem.v1.ActivityService/BatchGetActivities", MethodVerb::kRead},
    {"tandem.v1.ActivityService/BatchCreateActivities", MethodVerb::kWrite},
    {"tandem.v1.ActivityService/BatchUpdateActivities", MethodVerb::kWrite},
    {"tandem.v1.ActivityService/BatchDeleteActivities", MethodVerb::kWrite},
    {"tandem.v1.ActivityService/ListActivityRevisions", MethodVerb::kRead},
    {"tandem.v1.ActivityService/ImportActivities", MethodVerb::kWrite},
    {"tandem.v1.ActivityService/ExportActivities", MethodVerb::kRead},
    {"tandem.v1.MatchService/CreateMatchRun", MethodVerb::kOperate},
    {"tandem.v1.MatchService/GetMatchRun", MethodVerb::kRead},
    {"tandem.v1.MatchService/ListMatchRuns", MethodVerb::kRead},
    {"tandem.v1.MatchService/CancelMatchRun", MethodVerb::kOperate},
    {"tandem.v1.MatchService/ListMatches", MethodVerb::kRead},
    {"tandem.v1.MatchService/ListMatchOutcomes", MethodVerb::kRead},
    {"tandem.v1.MatchService/ExplainMatch", MethodVerb::kRead},
    {"tandem.v1.MatchService/WhyNotMatch", MethodVerb::kRead},
    {"tandem.v1.MatchService/VerifyMatchRun", MethodVerb::kRead},
    {"tandem.v1.SourceService/GetSource", MethodVerb::kRead},
    {"tandem.v1.SourceService/ListSources", MethodVerb::kRead},
    {"tandem.v1.SourceService/CreateSource", MethodVerb::kWrite},
    {"tandem.v1.SourceService/UpdateSource", MethodVerb::kWrite},
    {"tandem.v1.SourceService/DeleteSource", MethodVerb::kWrite},
    {"tandem.v1.SourceService/UndeleteSource", MethodVerb::kWrite},
    {"tandem.v1.SourceService/ImportSources", MethodVerb::kWrite},
    {"tandem.v1.FieldConflictService/GetFieldConflict", MethodVerb::kRead},
    {"tandem.v1.FieldConflictService/ListFieldConflicts", MethodVerb::kRead},
    {"tandem.v1.FieldConflictService/ResolveFieldConflict", MethodVerb::kWrite},
    {"tandem.v1.SourceService/PurgeSource", MethodVerb::kWrite},
    {"tandem.v1.SourceService/BatchCreateSources", MethodVerb::kWrite},
    {"tandem.v1.SourceService/BatchUpdateSources", MethodVerb::kWrite},
    {"tandem.v1.SourceService/BatchDeleteSources", MethodVerb::kWrite},
    {"tandem.v1.SourceService/BatchGetSources", MethodVerb::kRead},
    {"tandem.v1.SourceService/ListSourceRevisions", MethodVerb::kRead},
    {"tandem.v1.SourceService/ExportSources", MethodVerb::kRead},
    {"tandem.v1.FieldConflictService/BatchGetFieldConflicts", MethodVerb::kRead},
    {"tandem.v1.FieldConflictService/ListFieldConflictRevisions", MethodVerb::kRead},
    {"tandem.v1.FieldConflictService/ExportFieldConflicts", MethodVerb::kRead},
    {"tandem.v1.ChangeService/Watch", MethodVerb::kRead},
    {"tandem.v1.ChangeService/ListChanges", MethodVerb::kRead},
    {"tandem.v1.PluginService/ListPlugins", MethodVerb::kAdminister},
    {"tandem.v1.PluginService/DescribePlugin", MethodVerb::kAdminister},
    {"tandem.v1.PluginService/LoadPlugin", MethodVerb::kAdminister},
    {"tandem.v1.PluginService/EnablePlugin", MethodVerb::kAdminister},
    {"tandem.v1.PluginService/DisablePlugin", MethodVerb::kAdminister},
    {"tandem.v1.PluginService/UnloadPlugin", MethodVerb::kAdminister},
    {"grpc.reflection.v1.ServerReflection/ServerReflectionInfo", MethodVerb::kRead},
};

#undef TANDEM_STANDARD_METHODS
#undef TANDEM_EXPORT

}  // namespace

absl::Span<const MethodRule> AllMethodRules() { return kMethodRules; }

const MethodRule* FindMethodRule(std::string_view method) {
  static const auto* by_name = [] {
    auto* map = new absl::flat_hash_map<std::string, const MethodRule*>;
    for (const MethodRule& rule : kMethodRules) map->emplace(std::string(rule.method), &rule);
    return map;
  }();
  auto it = by_name->find(std::string(method));
  return it == by_name->end() ? nullptr : it->second;
}

absl::StatusOr<query::Scope> Authoriser::Authorise(std::string_view principal,
                                                   const MethodRule* rule,
                                                   absl::Span<const std::string>) const {
  if (rule != nullptr && principal == kLocalPrincipal) return query::Scope{};
  std::string_view method = rule == nullptr ? "a method without a rule" : rule->method;
  return model::MakeError(model::Reason::kPermissionDenied,
                          StrCat("\"", principal, "\" may not call ", method),
                          {{"principal", principal}, {"method", method}});
}

}  // namespace tandem::service
