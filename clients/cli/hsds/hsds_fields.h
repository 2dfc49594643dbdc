// SPDX-License-Identifier: Apache-2.0

// The table of what HSDS fields become here and why others are not carried; HSDS.md is written
// after it. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/hsds/hsds_tables.h"

namespace tandem::cli {

// Taxonomy of the attributes that carry an agency's or category's other fields through HSDS: a term
// a field, its code the field's name, the attribute's value JSON.
inline constexpr char kTandemTaxonomy[] = "tandem-fields-of-records";
// link_type of the attributes that tie a service to the category it was made from.
inline constexpr char kTandemCapability[] = "tandem-capability";
// Begins the id of a service made out of a category.
inline constexpr char kTandemServicePrefix[] = "tandem-capability-";

// Columns of an organization that are kept as labels "hsds-COLUMN".
const std::vector<const char*>& HsdsLabelColumns();

// The field an attribute carries; empty when it is none of ours. `term` may be null.
std::string TandemFieldOf(const HsdsRow& attribute, const HsdsRow* term);
// Whether a term stands for a field of a record.
bool IsTandemTerm(const HsdsRow& term);
// Whether a service was made out of a category.
bool IsTandemService(const HsdsRow& service);

// The scheme of an identifier: lower case, as org-id.guide writes it; "uscc" for its CN-USCC.
std::string IdentifierScheme(const std::string& hsds_scheme);
// The way back.
std::string HsdsIdentifierScheme(const std::string& scheme);

// A BCP 47 tag out of a language code; empty when it is none.
std::string LanguageTag(const std::string& code);

// Degrees × 10^7; nullopt when the text is no number of at most `most` degrees.
std::optional<int64_t> DegreesE7(const std::string& text, int64_t most);

// Why a whole record is not carried, and why a value is not.
std::string WhySkipped(const std::string& entity, const HsdsRow& row);
std::string WhyLost(const std::string& entity, const std::string& column);

}  // namespace tandem::cli
