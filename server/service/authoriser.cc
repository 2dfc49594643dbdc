// SPDX-License-Identifier: Apache-2.0

#include "service/authoriser.h"

#include "absl/container/flat_hash_map.h"
#include "model/absl_strings.h"
#include "model/error.h"

namespace tandem::service {
namespace {

constexpr MethodRule kMethodRules[] = {
    {"tandem.v1.AgencyService/GetAgency", MethodVerb::kRead},
    {"tandem.v1.AgencyService/ListAgencies", MethodVerb::kRead},
    {"tandem.v1.AgencyService/CreateAgency", MethodVerb::kWrite},
    {"tandem.v1.AgencyService/UpdateAgency", MethodVerb::kWrite},
    {"tandem.v1.AgencyService/DeleteAgency", MethodVerb::kWrite},
    {"tandem.v1.AgencyService/UndeleteAgency", MethodVerb::kWrite},
    {"tandem.v1.AgencyService/ImportAgencies", MethodVerb::kWrite},
    {"tandem.v1.AgencyService/SearchAgencies", MethodVerb::kRead},
    {"tandem.v1.AgencyService/SuggestAgencies", MethodVerb::kRead},
    {"tandem.v1.ServiceCategoryService/GetServiceCategory", MethodVerb::kRead},
    {"tandem.v1.ServiceCategoryService/ListServiceCategories", MethodVerb::kRead},
    {"tandem.v1.ServiceCategoryService/CreateServiceCategory", MethodVerb::kWrite},
    {"tandem.v1.ServiceCategoryService/UpdateServiceCategory", MethodVerb::kWrite},
    {"tandem.v1.ServiceCategoryService/DeleteServiceCategory", MethodVerb::kWrite},
    {"tandem.v1.ServiceCategoryService/UndeleteServiceCategory", MethodVerb::kWrite},
    {"tandem.v1.ServiceCategoryService/ImportServiceCategories", MethodVerb::kWrite},
    {"tandem.v1.ServiceCategoryService/SearchServiceCategories", MethodVerb::kRead},
    {"tandem.v1.RegionService/GetRegion", MethodVerb::kRead},
    {"tandem.v1.RegionService/ListRegions", MethodVerb::kRead},
    {"tandem.v1.RegionService/CreateRegion", MethodVerb::kWrite},
    {"tandem.v1.RegionService/UpdateRegion", MethodVerb::kWrite},
    {"tandem.v1.RegionService/DeleteRegion", MethodVerb::kWrite},
    {"tandem.v1.RegionService/UndeleteRegion", MethodVerb::kWrite},
    {"tandem.v1.RegionService/ImportRegions", MethodVerb::kWrite},
    {"tandem.v1.RegionService/SearchRegions", MethodVerb::kRead},
    {"tandem.v1.RegionService/IndexRegions", MethodVerb::kOperate},
    {"tandem.v1.RoundService/GetRound", MethodVerb::kRead},
    {"tandem.v1.RoundService/ListRounds", MethodVerb::kRead},
    {"tandem.v1.RoundService/CreateRound", MethodVerb::kWrite},
    {"tandem.v1.RoundService/UpdateRound", MethodVerb::kWrite},
    {"tandem.v1.RoundService/DeleteRound", MethodVerb::kWrite},
    {"tandem.v1.RoundService/UndeleteRound", MethodVerb::kWrite},
    {"tandem.v1.RoundService/ImportRounds", MethodVerb::kWrite},
    {"tandem.v1.RoundService/OpenRound", MethodVerb::kOperate},
    {"tandem.v1.RoundService/FreezeRound", MethodVerb::kOperate},
    {"tandem.v1.OfferService/GetOffer", MethodVerb::kRead},
    {"tandem.v1.OfferService/ListOffers", MethodVerb::kRead},
    {"tandem.v1.OfferService/CreateOffer", MethodVerb::kWrite},
    {"tandem.v1.OfferService/UpdateOffer", MethodVerb::kWrite},
    {"tandem.v1.OfferService/DeleteOffer", MethodVerb::kWrite},
    {"tandem.v1.OfferService/UndeleteOffer", MethodVerb::kWrite},
    {"tandem.v1.OfferService/ImportOffers", MethodVerb::kWrite},
    {"tandem.v1.NeedService/GetNeed", MethodVerb::kRead},
    {"tandem.v1.NeedService/ListNeeds", MethodVerb::kRead},
    {"tandem.v1.NeedService/CreateNeed", MethodVerb::kWrite},
    {"tandem.v1.NeedService/UpdateNeed", MethodVerb::kWrite},
    {"tandem.v1.NeedService/DeleteNeed", MethodVerb::kWrite},
    {"tandem.v1.NeedService/UndeleteNeed", MethodVerb::kWrite},
    {"tandem.v1.NeedService/ImportNeeds", MethodVerb::kWrite},
    {"tandem.v1.PairingService/GetPairing", MethodVerb::kRead},
    {"tandem.v1.PairingService/ListPairings", MethodVerb::kRead},
    {"tandem.v1.PairingService/CreatePairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/UpdatePairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/DeletePairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/UndeletePairing", MethodVerb::kWrite},
    {"tandem.v1.PairingService/ImportPairings", MethodVerb::kWrite},
    {"tandem.v1.ContactService/GetContact", MethodVerb::kRead},
    {"tandem.v1.ContactService/ListContacts", MethodVerb::kRead},
    {"tandem.v1.ContactService/CreateContact", MethodVerb::kWrite},
    {"tandem.v1.ContactService/UpdateContact", MethodVerb::kWrite},
    {"tandem.v1.ContactService/DeleteContact", MethodVerb::kWrite},
    {"tandem.v1.ContactService/UndeleteContact", MethodVerb::kWrite},
    {"tandem.v1.ContactService/ImportContacts", MethodVerb::kWrite},
    {"tandem.v1.MatchProfileService/GetMatchProfile", MethodVerb::kRead},
    {"tandem.v1.MatchProfileService/ListMatchProfiles", MethodVerb::kRead},
    {"tandem.v1.MatchProfileService/CreateMatchProfile", MethodVerb::kWrite},
    {"tandem.v1.MatchProfileService/UpdateMatchProfile", MethodVerb::kWrite},
    {"tandem.v1.MatchProfileService/DeleteMatchProfile", MethodVerb::kWrite},
    {"tandem.v1.MatchProfileService/UndeleteMatchProfile", MethodVerb::kWrite},
    {"tandem.v1.MatchProfileService/ImportMatchProfiles", MethodVerb::kWrite},
    {"tandem.v1.MatchService/CreateMatchRun", MethodVerb::kOperate},
    {"tandem.v1.MatchService/GetMatchRun", MethodVerb::kRead},
    {"tandem.v1.MatchService/ListMatchRuns", MethodVerb::kRead},
    {"tandem.v1.MatchService/CancelMatchRun", MethodVerb::kOperate},
    {"tandem.v1.MatchService/ListMatches", MethodVerb::kRead},
    {"tandem.v1.MatchService/ListMatchOutcomes", MethodVerb::kRead},
    {"tandem.v1.MatchService/ExplainMatch", MethodVerb::kRead},
    {"tandem.v1.MatchService/WhyNotMatch", MethodVerb::kRead},
    {"tandem.v1.MatchService/VerifyMatchRun", MethodVerb::kRead},
    {"tandem.v1.PluginService/ListPlugins", MethodVerb::kAdminister},
    {"tandem.v1.PluginService/DescribePlugin", MethodVerb::kAdminister},
    {"tandem.v1.PluginService/LoadPlugin", MethodVerb::kAdminister},
    {"tandem.v1.PluginService/EnablePlugin", MethodVerb::kAdminister},
    {"tandem.v1.PluginService/DisablePlugin", MethodVerb::kAdminister},
    {"tandem.v1.PluginService/UnloadPlugin", MethodVerb::kAdminister},
    {"grpc.reflection.v1.ServerReflection/ServerReflectionInfo", MethodVerb::kRead},
};

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
