// SPDX-License-Identifier: Apache-2.0

// What stands around a record: the titles of the records it names and the records that name it.
// Both come from the reference rules of the declarations, so a new type needs no line here.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

#include "cli/describe_page.h"
#include "cli/noun.h"
#include "cpp/client.h"

namespace tandem::cli {

// Display names of the records that `record` refers to, by name: at most 40 are looked up. Those
// that can't be read have none.
std::map<std::string, std::string> FetchTitles(const client::Client& client,
                                               const google::protobuf::Message& record);

// The records that refer to `name` from a top-level field and those that lie below it, a group a
// noun, at most `most_shown` of each; groups without a record are left out. Counts go to 1,000.
// Contacts are never among them: personal data shows where it is asked for by name.
absl::StatusOr<std::vector<RelatedRecords>> FetchRelated(const client::Client& client,
                                                         const Noun& noun, const std::string& name,
                                                         size_t most_shown);

// The filter that finds the records of `other` that refer to `name` of `noun`; empty when that type
// has no such field.
std::string RelatedFilter(const Noun& noun, const Noun& other, const std::string& name);

}  // namespace tandem::cli
