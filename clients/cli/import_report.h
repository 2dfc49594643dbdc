// SPDX-License-Identifier: Apache-2.0

// What an import tells while it runs and at its end: refused records, a progress line, sums.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "tandem/v1/import.pb.h"

#include "cli/record_source.h"
#include "cli/reject_file.h"
#include "cli/session.h"

namespace tandem::cli {

// One thread.
class ImportReport {
 public:
  // `file` is what complaints call the input; `total_bytes` is 0 when its size is unknown. At most
  // `most_shown` refusals are printed, all are counted.
  ImportReport(Session& session, std::string file, uint64_t total_bytes, int64_t most_shown);
  // Ends the progress line when one stands.
  ~ImportReport();

  // Writes refused records to `rejects` too.
  void KeepRejects(std::unique_ptr<RejectFile> rejects) { rejects_ = std::move(rejects); }

  // Goes on with the counts of an earlier run: so many records refused here, the last in that line.
  // A local refusal up to there is counted, and neither told nor written again.
  void Resume(int64_t local_refusals, uint64_t last_local_line);

  // A record was refused; `local` when it was not sent.
  void Refused(const SourceText& text, const Refusal& refusal, bool local);
  // A line for people, on standard error, unless --quiet.
  void Note(const std::string& text);
  // The last line of an import that was stopped; said even with --quiet.
  void Stopped(const std::string& text);
  // Draws the progress line now and then.
  void Progress(uint64_t bytes_read, const v1::ImportCounts& counts);

  // Ends the progress line and prints the sums: server counts and records refused here. An error
  // when the reject file could not be written.
  absl::Status Finish(const v1::ImportCounts& counts);
  // The same for a sync, with what lost and what is missing.
  absl::Status FinishSync(const v1::ImportCounts& counts);

  // Records refused here.
  int64_t local_refusals() const { return local_refusals_; }
  // The last line refused here.
  uint64_t last_local_line() const { return last_local_line_; }
  // Makes the reject file's records lie in the file, and tells its size; leaves 0 without one.
  void FlushRejects(uint64_t* bytes);

 private:
  void ClearLine();
  absl::Status PrintSums(const nlohmann::ordered_json& sums, int64_t records);

  Session& session_;
  const std::string file_;
  const uint64_t total_bytes_;
  const int64_t most_shown_;
  std::unique_ptr<RejectFile> rejects_;
  int64_t local_refusals_ = 0;
  uint64_t last_local_line_ = 0;
  int64_t refusals_ = 0;
  bool line_drawn_ = false;
  absl::Time start_;
  absl::Time last_drawn_;
};

// One line of progress, for example "[#####.....] 48 %  12,000 records  31,000/s"; without a known
// size only the counts. `done` is a share from 0 to 1, negative when unknown.
std::string ProgressLine(double done, int64_t records, absl::Duration elapsed);

}  // namespace tandem::cli
