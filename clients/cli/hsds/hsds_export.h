// SPDX-License-Identifier: Apache-2.0

// Agencies as HSDS 3.0 organizations, service categories as taxonomy terms; as one JSON list, as
// NDJSON, or as a tabular data package. What HSDS has no field for travels in attributes of a
// taxonomy of our own, so that an import here makes the same record of it.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/service_category.pb.h"

#include "cli/export_writer.h"
#include "cli/session.h"

namespace tandem::cli {

// Service categories by name, for the terms that services are tied to.
using CategoryMap = std::unordered_map<std::string, v1::ServiceCategory>;

// Reads all categories from the server. LIMIT_EXCEEDED above 100,000.
absl::StatusOr<std::shared_ptr<const CategoryMap>> LoadCategories(Session& session);

// The organization_full object of an agency, and the term of a category. A category that is not in
// the map is named by its id.
nlohmann::ordered_json HsdsOrganization(const v1::Agency& agency, const CategoryMap& categories);
nlohmann::ordered_json HsdsTerm(const v1::ServiceCategory& category);

// Writers of agencies and categories together. What differs when it is read back is told in
// `report`; all pointers must outlive the writer.
std::unique_ptr<ExportWriter> MakeHsdsJsonWriter(std::ostream& out, bool lines,
                                                 std::shared_ptr<const CategoryMap> categories,
                                                 LossReport* report);
// Into the folder `path`, which is made: a CSV file a table, and datapackage.json.
absl::StatusOr<std::unique_ptr<ExportWriter>> MakeHsdsTabularWriter(
    const std::string& path, std::shared_ptr<const CategoryMap> categories, LossReport* report);

}  // namespace tandem::cli
