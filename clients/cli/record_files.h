// SPDX-License-Identifier: Apache-2.0

// Reads the records of `apply` and `diff`: files and folders with records of any type.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

#include "cli/noun.h"

namespace tandem::cli {

// One record with its name, type and place.
struct SourcedRecord {
  const Noun* noun = nullptr;
  std::string name;
  std::unique_ptr<google::protobuf::Message> record;
  // "file:line".
  std::string place;
};

// Reads each of `paths`: a file of YAML, JSON or NDJSON, "-" for standard input, or a folder, whose
// .yaml, .yml, .json, .ndjson and .jsonl files are read in the order of their names (`recursive`:
// those of the folders below too). A name that stands twice is an error that names both places.
absl::StatusOr<std::vector<SourcedRecord>> ReadRecordFiles(const std::vector<std::string>& paths,
                                                           bool recursive);

// Puts every record behind those of `records` that it refers to; keeps the order of the rest.
// Records that refer to each other in a ring stay as they are.
std::vector<SourcedRecord> ReferencedFirst(std::vector<SourcedRecord> records);

}  // namespace tandem::cli
