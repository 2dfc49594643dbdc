// SPDX-License-Identifier: Apache-2.0

#include "re2/re2.h"

#include "cli/hsds/hsds_converter.h"
#include "cli/hsds/record_text.h"
#include "cli/id_text.h"

namespace tandem::cli {
namespace {

constexpr size_t kMostEmailPoints = 254;

// A number as the directory takes it; empty when it is none.
std::string PhoneNumber(const std::string& text) {
  static const LazyRE2 kNumber = {"\\+?[0-9 -]{3,30}"};
  std::string number;
  for (char c : OneLineText(text)) {
    if (c == '"' || c == '(' || c == ')') continue;
    number.push_back(c == '.' || c == '/' ? ' ' : c);
  }
  number = OneLineText(number);
  return RE2::FullMatch(number, *kNumber) ? number : "";
}

}  // namespace

// The organization a contact, or the service or location it belongs to, belongs to.
HsdsRow* HsdsConverter::OrganizationOf(const HsdsRow& row) {
  if (HsdsRow* found = tables_.Find("organization", row.Look("organization_id"))) return found;
  if (HsdsRow* link = tables_.Find("service_at_location", row.Look("service_at_location_id"))) {
    if (HsdsRow* found = OrganizationOf(*link)) return found;
  }
  if (HsdsRow* service = tables_.Find("service", row.Look("service_id"))) {
    if (HsdsRow* found = OrganizationOf(*service)) return found;
  }
  HsdsRow* location = tables_.Find("location", row.Look("location_id"));
  return location == nullptr ? nullptr
                             : tables_.Find("organization", location->Look("organization_id"));
}

std::vector<int64_t> HsdsConverter::Contacts() {
  std::vector<int64_t> contacts;
  tables_.ForEach("contact", [&](HsdsRow* row) {
    if (OneLineText(row->Look("name")).empty()) return;
    const HsdsRow* organization = OrganizationOf(*row);
    if (organization == nullptr || OneLineText(organization->Look("name")).empty()) return;
    row->set_outcome(HsdsRow::kRecord);
    contacts.push_back(row->place());
  });
  return contacts;
}

v1::Contact HsdsConverter::Contact(HsdsRow* row) {
  v1::Contact contact;
  contact.set_name(AgencyName(OrganizationOf(*row)->id()) + "/contacts/" +
                   IdFromText(id_prefix_ + row->id()));
  bool cut = false;
  contact.set_display_name(FirstCodePoints(OneLineText(row->Take("name")), kMostTitlePoints, &cut));
  if (cut) row->PutBack("name");
  std::string role = OneLineText(row->Take("title"));
  const std::string department = OneLineText(row->Take("department"));
  if (!department.empty()) role += (role.empty() ? "" : ", ") + department;
  contact.set_role(FirstCodePoints(role, kMostTitlePoints, &cut));
  if (cut) row->PutBack("title");
  contact.set_email(FirstCodePoints(OneLineText(row->Take("email")), kMostEmailPoints, &cut));
  for (HsdsRow* phone : tables_.Children("phone", "contact_id", row->id())) {
    if (!contact.phone_number().empty()) break;
    contact.set_phone_number(PhoneNumber(phone->Look("number")));
    if (contact.phone_number().empty()) continue;
    phone->Take("number");
    Merged(phone);
  }
  return contact;
}

}  // namespace tandem::cli
