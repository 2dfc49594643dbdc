// SPDX-License-Identifier: Apache-2.0

// Writes records in the forms that an export offers. What a form can't carry is told in a loss
// report: every record is read back from what was written, in the same process, and compared.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"

#include "cli/hsds/loss_report.h"

namespace tandem::cli {

// One thread. Finish comes once, after the last Write.
class ExportWriter {
 public:
  virtual ~ExportWriter() = default;
  virtual absl::Status Write(const google::protobuf::Message& record) = 0;
  virtual absl::Status Finish() = 0;
};

// A line of JSON a record, in protobuf's JSON form. `out` must outlive it.
std::unique_ptr<ExportWriter> MakeNdjsonWriter(std::ostream& out);

// A record without the fields that the server owns: what an import takes.
void ClearServerFields(google::protobuf::Message* record);

// Counts in `report` what differs between a record and the one read back: by path without
// positions, below `kind`.
void CompareCarried(const std::string& kind, const nlohmann::ordered_json& record,
                    const nlohmann::ordered_json& read_back, LossReport* report);

}  // namespace tandem::cli
