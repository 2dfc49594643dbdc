// SPDX-License-Identifier: Apache-2.0

// HSDS records as records of this directory: terms become service categories, organizations with
// their services and locations become agencies. HSDS.md beside this file is the table of what goes
// where; what goes nowhere is in the loss report.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tandem/v1/agency.pb.h"
#include "tandem/v1/contact.pb.h"
#include "tandem/v1/service_category.pb.h"

#include "cli/hsds/hsds_tables.h"
#include "cli/hsds/loss_report.h"
#include "cli/region_names.h"

namespace tandem::cli {

// One thread. Walk the terms, the organizations and, if wanted, the contacts; then call Finish.
// They are told as places in the tables: a directory has too many to hold. Rows end as the tables
// say.
class HsdsConverter {
 public:
  // `id_prefix` begins every id, so that two sources can count from 1 each. `regions` may be null:
  // then no address is looked up.
  HsdsConverter(std::string id_prefix, std::shared_ptr<const RegionNames> regions,
                HsdsTables* tables, LossReport* report);

  // The terms in an order in which a broader one comes before its narrower ones.
  std::vector<int64_t> Terms();
  v1::ServiceCategory Category(HsdsRow* term);

  // The organizations. One that can't be an agency (it has no name) is told and left out.
  std::vector<int64_t> Organizations();
  v1::Agency Agency(HsdsRow* organization);

  // The contacts of organizations that can be agencies, and of their services and locations; of the
  // others nobody could say whose they are.
  std::vector<int64_t> Contacts();
  v1::Contact Contact(HsdsRow* contact);

  // Tells of every record that no agency or category took in, and of every value not carried.
  void Finish();

 private:
  void Label(HsdsRow* row, const std::string& column, google::protobuf::Message* record);
  void TakeTandemFields(const std::string& entity, HsdsRow* row, google::protobuf::Message* record);
  void TakeIdentifiers(HsdsRow* organization, v1::Agency* agency);
  void TakeServices(HsdsRow* organization, v1::Agency* agency);
  void TakeTerms(HsdsRow* service, v1::Agency* agency);
  void TakeTerm(HsdsRow* link, const std::string& term_id, v1::Agency* agency);
  void TakeLocations(HsdsRow* organization, const std::vector<HsdsRow*>& services,
                     v1::Agency* agency);
  bool TakePoint(HsdsRow* location, v1::Agency* agency);
  void TakeAddress(HsdsRow* location, v1::Agency* agency);
  void TakeLanguages(const std::string& column, const std::string& id, v1::Agency* agency);
  std::vector<HsdsRow*> ServicesOf(HsdsRow* organization);
  std::string CategoryName(const std::string& term_id) const;
  std::string AgencyName(const std::string& organization_id) const;
  HsdsRow* OrganizationOf(const HsdsRow& row);
  static void Merged(HsdsRow* row) { row->set_outcome(HsdsRow::kMerged); }
  void FinishRow(const std::string& entity, const HsdsRow& row);
  static std::string OutcomeOf(const std::string& entity, const HsdsRow& row);

  const std::string id_prefix_;
  const std::shared_ptr<const RegionNames> regions_;
  HsdsTables& tables_;
  LossReport& report_;
};

}  // namespace tandem::cli
