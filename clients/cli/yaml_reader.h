// SPDX-License-Identifier: Apache-2.0

// Reads records written as YAML, guided by their descriptors: `code: 632323` is text where the
// field is text. Several documents or a list give several records.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "google/protobuf/message.h"

#include "cli/named_record.h"

namespace tandem::cli {

// What is wrong with a YAML text. Line and column count from 1.
struct YamlProblem {
  size_t line = 1;
  size_t column = 1;
  std::string field;
  std::string reason;
  std::string message;
};

// Reads every record of `text`; each is made from `prototype`.
std::optional<YamlProblem> ReadYamlRecords(
    const std::string& text, const google::protobuf::Message& prototype,
    std::vector<std::unique_ptr<google::protobuf::Message>>* records);

// Reads records of mixed types: documents, lists, or the document that `list -o yaml` prints. Each
// record says its full name.
std::optional<YamlProblem> ReadNamedYaml(const std::string& text, const PrototypeOf& prototype_of,
                                         std::vector<NamedRecord>* records);

}  // namespace tandem::cli
