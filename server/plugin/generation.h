// SPDX-License-Identifier: Apache-2.0

// One load of one plugin: its verified image, its process, and the blocking calls into it. A
// generation outlives the crashes of its process: it starts a new one with back-off. It ends, and
// its process with it, when the last handle is gone. Nothing a plugin returns leaves here
// unchecked.
//
// Errors of every call, by reason:
//   PLUGIN_CRASHED        the process ended (signal or exit status in the text); a new one is
//   started PLUGIN_TIMEOUT        the deadline came; the process was killed and a new one is
//   started PLUGIN_OUT_OF_MEMORY  the plugin hit its memory limit PLUGIN_BAD_OUTPUT     the answer
//   breaks the contract; metadata "pair" or "group" names the first offence PLUGIN_CONFIG the
//   plugin refuses the configuration PLUGIN_FAILED         the plugin reported a failure of its
//   own; its text is in the message PLUGIN_NOT_LOADED     the plugin lacks this stage or was
//   unloaded CANCELLED             options.cancelled was set
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "plugin/bundle.h"
#include "plugin/host_process.h"
#include "plugin/problem.h"
#include "plugin/supervisor.h"

namespace tandem::plugin {

// What Describe shows of a running plugin.
struct GenerationStatus {
  bool running = false;  // a process is up and idle or working
  pid_t pid = 0;         // of that process, for people; never used to signal it
  std::string sandbox;   // what is really in force, for example "no_new_privs rlimits memory=256MB"
  uint64_t stages = 0;   // bits of wire::Stage the library has
  std::string module_id;  // the library's own id and version
  std::string module_version;
  uint64_t starts = 0;       // processes started
  uint64_t crashes = 0;      // unexpected ends, kills for overrun deadlines included
  std::string last_failure;  // text of the newest failed call or start
  absl::Time last_failure_time = absl::InfinitePast();
  uint64_t calls = 0;  // calls answered, failed ones included
};

// How patient a generation is. The defaults are for production; tests shorten them.
struct GenerationOptions {
  absl::Duration start_timeout = absl::Seconds(10);
  absl::Duration backoff_first = absl::Milliseconds(100);  // doubles with each crash in a row
  absl::Duration backoff_cap = absl::Seconds(30);
  absl::Duration healthy_after =
      absl::Seconds(60);  // a process that lived so long resets the back-off
  absl::Duration restart_wait = absl::Seconds(1);  // longest a call waits for a restart
  uint64_t memory_ceiling_mb = 8192;               // upper bound whatever a manifest asks
};

// Threads: every method from any thread. One call runs at a time; others queue until their
// deadline.
class Generation {
 public:
  // Starts the first process and waits until it is ready.
  static absl::StatusOr<std::shared_ptr<Generation>> Start(std::shared_ptr<Supervisor> supervisor,
                                                           std::string host_path,
                                                           std::shared_ptr<const Bundle> bundle,
                                                           uint64_t number,
                                                           const GenerationOptions& options);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  // The bundle's manifest: id, version, stages, reasons, score range.
  const Manifest& manifest() const;
  // SHA-256 of the code that runs, hexadecimal.
  std::string_view digest() const;
  // Who signed the bundle; "unsigned".
  std::string_view signer() const;
  // Never reused within a data directory.
  uint64_t number() const;

  // Makes an instance for the configuration (a JSON object; empty = "{}") and thereby checks it.
  absl::Status CheckConfig(std::string_view config_json, const CallOptions& options);

  // One verdict (TANDEM_KEEP, _DROP, _DROP_FOR_GOOD) and reason index a pair; both spans have
  // n_pairs cells.
  absl::StatusOr<StageOutcome> Filter(const Problem& problem, std::string_view config_json,
                                      const CallOptions& options, absl::Span<uint8_t> verdicts,
                                      absl::Span<uint16_t> reasons);
  // One score a pair, finite and inside the manifest's range; `scores` has n_pairs cells.
  absl::StatusOr<StageOutcome> Score(const Problem& problem, std::string_view config_json,
                                     const CallOptions& options, absl::Span<double> scores);
  // A feasible assignment with its recomputed objective, or that there is none.
  absl::StatusOr<AssignResult> Assign(const Problem& problem, const AssignTerms& terms,
                                      std::string_view config_json, const CallOptions& options);

  // A snapshot for Describe.
  GenerationStatus status() const;
  // The newest lines the plugin logged or printed, oldest first.
  std::vector<std::string> Logs() const;

 private:
  class Keeper;
  explicit Generation(std::unique_ptr<Keeper> keeper);
  HostProcess::StageCall StageCallOf(wire::Stage stage, const Problem& problem) const;
  std::unique_ptr<Keeper> keeper_;
};

}  // namespace tandem::plugin
