// SPDX-License-Identifier: Apache-2.0

// Short ways to the agencies' methods, for the tests of their identity.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "model/absl_strings.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/contact_service.pb.h"
#include "tandem/v1/offer_service.pb.h"
#include "tandem/v1/region_service.pb.h"

namespace tandem::service {

inline std::string AgencyMethod(std::string_view verb) {
  return StrCat("tandem.v1.AgencyService/", verb);
}

inline std::string AgencyName(const std::string& id) { return StrCat("agencies/", id); }

class AgencyTest : public ServiceFixture {
 protected:
  // `text`: the record in text form; the id is its display name unless it has one.
  v1::Agency Create(const std::string& id, const std::string& text = "") {
    return CreateCall(id, text).As<v1::Agency>();
  }
  CallResult CreateCall(const std::string& id, const std::string& text) {
    v1::CreateAgencyRequest request;
    request.set_agency_id(id);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.mutable_agency()))
        << text;
    if (request.agency().display_name().empty()) request.mutable_agency()->set_display_name(id);
    return Call(AgencyMethod("CreateAgency"), request);
  }
  CallResult Get(const std::string& id, bool unresolved = false) {
    v1::GetAgencyRequest request;
    request.set_name(AgencyName(id));
    request.set_unresolved(unresolved);
    return Call(AgencyMethod("GetAgency"), request);
  }
  CallResult Delete(const std::string& id) {
    v1::DeleteAgencyRequest request;
    request.set_name(AgencyName(id));
    return Call(AgencyMethod("DeleteAgency"), request);
  }
  CallResult Undelete(const std::string& id) {
    v1::UndeleteAgencyRequest request;
    request.set_name(AgencyName(id));
    return Call(AgencyMethod("UndeleteAgency"), request);
  }
  CallResult Rename(const std::string& id, const std::string& display_name) {
    v1::UpdateAgencyRequest request;
    request.mutable_agency()->set_name(AgencyName(id));
    request.mutable_agency()->set_display_name(display_name);
    return Call(AgencyMethod("UpdateAgency"), request);
  }
  static v1::MergeAgenciesRequest MergeRequest(const std::string& survivor,
                                               const std::vector<std::string>& merged) {
    v1::MergeAgenciesRequest request;
    request.set_survivor(AgencyName(survivor));
    for (const std::string& id : merged) request.add_merged(AgencyName(id));
    return request;
  }
  CallResult Merge(const std::string& survivor, const std::vector<std::string>& merged) {
    return Call(AgencyMethod("MergeAgencies"), MergeRequest(survivor, merged));
  }
  // The ids that a list gives, in its order.
  std::vector<std::string> List(const std::string& filter = "", bool show_deleted = false) {
    v1::ListAgenciesRequest request;
    request.set_filter(filter);
    request.set_show_deleted(show_deleted);
    request.set_page_size(1000);
    std::vector<std::string> ids;
    const auto page = CallOk(AgencyMethod("ListAgencies"), request).As<v1::ListAgenciesResponse>();
    for (const v1::Agency& agency : page.agencies()) {
      ids.push_back(agency.name().substr(AgencyName("").size()));
    }
    return ids;
  }
  v1::LookupAgencyResponse Lookup(const std::string& scheme, const std::string& value) {
    v1::LookupAgencyRequest request;
    request.set_scheme(scheme);
    request.set_value(value);
    return CallOk(AgencyMethod("LookupAgency"), request).As<v1::LookupAgencyResponse>();
  }
};

}  // namespace tandem::service
