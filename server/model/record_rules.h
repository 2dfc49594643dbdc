// SPDX-License-Identifier: Apache-2.0

// The rules of a record that look at more than one field, one function a resource, each in the file
// of its resource. They look at the record alone: what other records have to say (references, room,
// windows) is the committer's and the services'.
#pragma once

#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "model/error.h"
#include "model/record_type.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/contact.pb.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/pairing.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/round.pb.h"
#include "tandem/v1/service_category.pb.h"
#include "tandem/v1/source.pb.h"
#include "tandem/v1/synonym_set.pb.h"

namespace tandem::model {

// Collects the violations of one record; paths are relative to it.
class RuleFindings {
 public:
  // `prefix` goes before every path, for example "agency.". Both must outlive this object.
  RuleFindings(std::string_view prefix, std::vector<FieldViolation>* violations)
      : prefix_(prefix), violations_(violations) {}
  void Add(std::string_view path, std::string_view description);
  // For element `index` of the repeated field `list`; `path` lies below it and may be empty.
  void AddAt(std::string_view list, int index, std::string_view path, std::string_view description);

 private:
  std::string_view prefix_;
  std::vector<FieldViolation>* violations_;
};

// Brings the agency's registration numbers into the form they are kept in. Before CheckAgency.
void NormaliseAgency(v1::Agency* agency);

// For records from a registry: registration numbers with a wrong check character become unverified,
// and the record's provenance says that a registry gave them, so that CheckAgency lets them pass.
// Returns what is wrong with each, with paths relative to the record.
std::vector<FieldViolation> KeepRegistryIdentifiers(v1::Agency* agency);

void CheckAgency(const v1::Agency& agency, RuleFindings* findings);
void CheckServiceCategory(const v1::ServiceCategory& category, RuleFindings* findings);
void CheckRegion(const v1::Region& region, RuleFindings* findings);
void CheckRound(const v1::Round& round, RuleFindings* findings);
void CheckOffer(const v1::Offer& offer, RuleFindings* findings);
void CheckNeed(const v1::Need& need, RuleFindings* findings);
void CheckPairing(const v1::Pairing& pairing, RuleFindings* findings);
void CheckContact(const v1::Contact& contact, RuleFindings* findings);
void CheckMatchProfile(const v1::MatchProfile& profile, RuleFindings* findings);
void CheckSource(const v1::Source& source, RuleFindings* findings);
void CheckSynonymSet(const v1::SynonymSet& set, RuleFindings* findings);

// Everything a record must keep to on its own: its fields' rules (texts become normal form C), the
// rules above and the size of its canonical form. `record` has its name set and no server-owned
// tail. Adds what is wrong to `violations`.
void CheckRecord(RecordType type, google::protobuf::Message* record, std::string_view prefix,
                 std::vector<FieldViolation>* violations);

// Shared pieces of the rules.

// Adds a finding when both days are given and `last` lies before `first`.
void CheckDayOrder(std::string_view first, std::string_view last, std::string_view last_path,
                   RuleFindings* findings);

}  // namespace tandem::model
