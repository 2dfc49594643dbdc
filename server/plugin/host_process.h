// SPDX-License-Identifier: Apache-2.0

// One running tandem-plugin-host as the server sees it: the handshake, the segments it has mapped,
// the instances it holds, and raw calls. Knows nothing of restarts and checks no output; that is
// Generation's.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "host/host_wire.h"
#include "plugin/bundle.h"
#include "plugin/problem.h"
#include "plugin/supervisor.h"

namespace tandem::plugin {

// How the plugin ended a request it answered.
struct HostAnswer {
  int32_t status = 0;  // tandem_status
  std::string text;    // why, when not OK; valid UTF-8, no control characters
};

// Threads: one at a time; the caller serialises. Kill, exited and child from any thread.
class HostProcess {
 public:
  // Spawns the host on the sealed image and waits until it is ready. `on_exit` runs on the
  // supervisor's thread. Errors: PLUGIN_CRASHED, PLUGIN_TIMEOUT, PLUGIN_REFUSED, PLUGIN_ABI,
  // PLUGIN_FAILED.
  static absl::StatusOr<std::unique_ptr<HostProcess>> Start(
      Supervisor* supervisor, const std::string& host_path, const Bundle& bundle,
      uint64_t memory_mb, absl::Duration timeout, std::function<void()> on_exit);
  // Asks it to go, then kills it; returns when it is gone.
  ~HostProcess();

  const std::shared_ptr<Child>& child() const { return child_; }
  // Bits of wire::Stage the module offers.
  uint64_t stages() const { return stages_; }
  // The module's own id and version.
  const std::string& id() const { return id_; }
  const std::string& version() const { return version_; }
  // For example "no_new_privs rlimits memory=256MB no_capabilities".
  const std::string& sandbox() const { return sandbox_; }
  void Kill() const { child_->Kill(); }
  // False once it ended, was killed, or broke the protocol.
  bool usable() const { return usable_; }

  // The instance for a configuration, made when it is not there yet. PLUGIN_CONFIG and all of
  // Exchange.
  absl::StatusOr<uint64_t> Instance(std::string_view config_json, const CallOptions& options);

  // What one stage call needs beside the problem.
  struct StageCall {
    wire::Stage stage = wire::Stage::kScore;
    uint64_t instance = 0;
    uint64_t generation = 0;
    const Problem* problem = nullptr;
    const AssignTerms* terms = nullptr;  // assign only
    const Manifest* manifest = nullptr;  // columns it reads; an empty id exposes every column
  };
  // Where the host wrote; valid until the next call. Changes under the reader's feet if the plugin
  // wishes: copy each cell once, then check the copy.
  char* output(wire::Stage stage);
  // Makes the stage's output segment at least `bytes` large; true when it is a new, zero-filled
  // one.
  absl::StatusOr<bool> EnsureOutput(wire::Stage stage, uint64_t bytes);
  // The score stage's cells, the first `n` of them NaN. Only those that may have been written are
  // refilled.
  absl::StatusOr<double*> UnwrittenScores(uint64_t n);
  // Says that the cells of the last UnwrittenScores are NaN again.
  void KeepUnwrittenScores() { unwritten_scores_ = handed_out_scores_; }
  // Runs the stage. The output segment must be large enough and prefilled.
  absl::StatusOr<HostAnswer> Run(const StageCall& call, const CallOptions& options);

 private:
  HostProcess() = default;

  // A shared segment both sides may write or only we may.
  struct SharedArea {
    Mapping mapping;
    uint64_t id = 0;
  };
  absl::Status Handshake(const Bundle& bundle, absl::Duration timeout);
  absl::Status SendFrame(wire::Frame frame, int descriptor);
  absl::Status EnsureMapped(const Segment& segment, const std::shared_ptr<const Segment>& owner);
  absl::Status UnmapExpired();
  absl::StatusOr<bool> Grow(SharedArea* area, uint64_t bytes, bool host_writes);
  absl::StatusOr<HostAnswer> Exchange(wire::Frame request, const CallOptions& options);
  absl::Status Gone(std::string_view during);
  void KillNow();
  std::string ReadText() const;

  std::shared_ptr<Child> child_;
  UniqueFd socket_;
  Mapping control_;
  SharedArea call_area_;
  std::array<SharedArea, 3> outputs_;
  absl::flat_hash_map<uint64_t, std::weak_ptr<const Segment>> mapped_;
  absl::flat_hash_map<std::string, uint64_t> instances_;
  std::vector<std::string> instance_order_;
  uint64_t next_instance_ = 1;
  uint64_t sequence_ = 0;
  uint64_t stages_ = 0;
  uint64_t sandbox_bits_ = 0;
  uint64_t unwritten_scores_ = 0;   // cells from the start that are surely NaN
  uint64_t handed_out_scores_ = 0;  // the same, if the call in flight leaves them so
  bool usable_ = true;
  std::string id_, version_, sandbox_;
};

}  // namespace tandem::plugin
