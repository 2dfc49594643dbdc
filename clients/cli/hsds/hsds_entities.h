// SPDX-License-Identifier: Apache-2.0

// What the tables and columns of HSDS are called: versions 1 to 3 and the Open Referral UK profile
// have several words for one.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace tandem::cli {

// The name HSDS 3 gives the table of a key or file in any version: "organization" for
// "organizations", "address" for "physical_addresses". The word itself when it is none of them.
std::string HsdsEntity(std::string_view word);
// Whether HsdsEntity knows the word.
bool IsHsdsEntity(std::string_view word);

// Gives the columns of a record their HSDS 3 names. One that is there under both names keeps both
// when they say different things.
void RenameHsdsColumns(const std::string& entity, std::map<std::string, std::string>* values);

}  // namespace tandem::cli
