// SPDX-License-Identifier: Apache-2.0

#include "model/resource_traits.h"

#include "tandem/v1/activity.pb.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/contact.pb.h"
#include "tandem/v1/field_conflict.pb.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/match_run.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/pairing.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/round.pb.h"
#include "tandem/v1/service_category.pb.h"
#include "tandem/v1/source.pb.h"
#include "tandem/v1/synonym_set.pb.h"

namespace tandem::model {

absl::Span<const ResourceTraits> AllResources() {
  static const ResourceTraits kResources[] = {
      {RecordType::kAgency, "Agency", "agency", "agencies", "Agencies", "tandem.v1.AgencyService",
       &v1::Agency::default_instance()},
      {RecordType::kServiceCategory, "ServiceCategory", "service_category", "service_categories",
       "ServiceCategories", "tandem.v1.ServiceCategoryService",
       &v1::ServiceCategory::default_instance()},
      {RecordType::kRegion, "Region", "region", "regions", "Regions", "tandem.v1.RegionService",
       &v1::Region::default_instance()},
      {RecordType::kRound, "Round", "round", "rounds", "Rounds", "tandem.v1.RoundService",
       &v1::Round::default_instance()},
      {RecordType::kOffer, "Offer", "offer", "offers", "Offers", "tandem.v1.OfferService",
       &v1::Offer::default_instance()},
      {RecordType::kNeed, "Need", "need", "needs", "Needs", "tandem.v1.NeedService",
       &v1::Need::default_instance()},
      {RecordType::kPairing, "Pairing", "pairing", "pairings", "Pairings",
       "tandem.v1.PairingService", &v1::Pairing::default_instance()},
      {RecordType::kMatchProfile, "MatchProfile", "match_profile", "match_profiles",
       "MatchProfiles", "tandem.v1.MatchProfileService", &v1::MatchProfile::default_instance()},
      {RecordType::kMatchRun, "MatchRun", "match_run", "match_runs", "MatchRuns",
       "tandem.v1.MatchService", &v1::MatchRun::default_instance()},
      {RecordType::kContact, "Contact", "contact", "contacts", "Contacts",
       "tandem.v1.ContactService", &v1::Contact::default_instance()},
      {RecordType::kSource, "Source", "source", "sources", "Sources", "tandem.v1.SourceService",
       &v1::Source::default_instance()},
      {RecordType::kFieldConflict, "FieldConflict", "field_conflict", "field_conflicts",
       "FieldConflicts", "tandem.v1.FieldConflictService", &v1::FieldConflict::default_instance()},
      {RecordType::kSynonymSet, "SynonymSet", "synonym_set", "synonym_sets", "SynonymSets",
       "tandem.v1.SynonymSetService", &v1::SynonymSet::default_instance()},
      {RecordType::kActivity, "Activity", "activity", "activities", "Activities",
       "tandem.v1.ActivityService", &v1::Activity::default_instance()},
  };
  return kResources;
}

const ResourceTraits* FindResource(RecordType type) {
  for (const ResourceTraits& resource : AllResources()) {
    if (resource.type == type) return &resource;
  }
  return nullptr;
}

}  // namespace tandem::model
