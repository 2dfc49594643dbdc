// SPDX-License-Identifier: Apache-2.0

// Which fields of a record filters and orders may name. The server keeps that table; its answer to
// a filter it must refuse lists it.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "cli/noun.h"
#include "cli/session.h"

namespace tandem::cli {

// Paths of proto names, for example "assessment.points".
struct QueryableFields {
  std::set<std::string> filterable;
  std::set<std::string> orderable;
};

// Asks the server, once and for a short time; nullopt when none answers as expected.
std::optional<QueryableFields> FetchQueryableFields(Session& session, const Noun& noun);

}  // namespace tandem::cli
