// SPDX-License-Identifier: Apache-2.0

// Reads the text files under golden/filter. A file names a resource, gives a few records and then
// cases; its layout is told in golden/filter/README.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "model/record_type.h"
#include "support/naive_filter.h"

namespace tandem::testing {

// One case: what a filter gives, or how it is refused.
struct FilterCase {
  std::string title;
  int line = 0;
  std::string filter;
  std::string order_by;
  // Ids of the records that fit, in order, separated by blanks. Unused for a refusal.
  std::string names;
  bool refused = false;
  // Of a refusal: the character, the offending text and what was expected.
  std::string position;
  std::string text;
  std::string expected;
};

// One file.
struct FilterCaseFile {
  model::RecordType type = model::RecordType::kAgency;
  ParentNames parents;
  std::vector<std::unique_ptr<google::protobuf::Message>> records;
  std::vector<FilterCase> cases;
  // What is wrong with the file itself; empty when nothing is.
  std::string fault;
};

// Reads the file at `path`.
FilterCaseFile ReadFilterCaseFile(const std::string& path);

}  // namespace tandem::testing
