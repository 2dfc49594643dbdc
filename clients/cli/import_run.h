// SPDX-License-Identifier: Apache-2.0

// One import of a file: reads records, sends them, tells what was refused, keeps the checkpoint.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tandem/v1/import.pb.h"

#include "cli/import_checkpoint.h"
#include "cli/import_input.h"
#include "cli/import_report.h"
#include "cpp/importer.h"

namespace tandem::cli {

// Where the checkpoint lies and what it says of the import.
struct CheckpointPlan {
  // Empty: none is kept.
  std::string path;
  // An import of which it can't be written fails; else it goes on without.
  bool required = false;
  // The state to begin with: of a fresh import, or the loaded one.
  ImportCheckpoint state;
};

// One thread. All arguments must outlive it.
class ImportRun {
 public:
  ImportRun(const client::Client& client, const google::protobuf::MethodDescriptor& method,
            const google::protobuf::Descriptor* record, v1::ImportOptions options,
            CheckpointPlan plan, ImportInput* input, ImportReport* report);

  // Reads and sends until the end, an error, or until `stop` says so. `resume`: the server is asked
  // first how far the request id got.
  absl::Status Run(bool resume, const std::function<bool()>& stop);

  // After Run: writes the checkpoint of an import that is to go on, removes that of a whole one.
  absl::Status KeepCheckpoint(bool whole);
  // Refusals of the server that were not told to this run or one whose checkpoint it continues.
  int64_t untold_refusals() const;

  const client::Importer& importer() const { return importer_; }

 private:
  // A record sent and not settled, so that an answer finds the line it is about.
  struct Sent {
    int64_t number = 0;
    SourceText text;
    SourcePosition after;
    int64_t local_refusals = 0;
  };

  client::ImportEvents Events();
  const SourceText* Find(int64_t number) const;
  void Refused(const v1::ImportError& error);
  void Warned(const v1::ImportWarning& warning);
  void Settled(int64_t number);
  absl::Status Save();

  CheckpointPlan plan_;
  ImportInput& input_;
  ImportReport& report_;
  const google::protobuf::Descriptor* const record_;
  // A full sync: the server is told where the records end.
  const bool ends_sync_;
  client::Importer importer_;
  std::deque<Sent> sent_;
  absl::Status checkpoint_status_;
  absl::Time last_saved_;
  // Refusals came since the checkpoint was written.
  bool refused_since_ = false;
};

}  // namespace tandem::cli
