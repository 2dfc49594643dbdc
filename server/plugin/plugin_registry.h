// SPDX-License-Identifier: Apache-2.0

// The plugins of this server: what lies under --plugin-dir, what is loaded, what is enabled.
// Operators change it; match runs take a snapshot and use it to their end, so no run mixes two
// loads of a plugin.
//
//   installed   a bundle folder <id>-<version> lies under the plugin directory
//   loaded      its process runs; no run uses it
//   enabled     match profiles may name it
//
// What should be loaded and enabled is persisted through DesiredStateStore and brought back by
// Restore.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "plugin/bundle.h"
#include "plugin/desired_state.h"
#include "plugin/generation.h"
#include "plugin/supervisor.h"

namespace tandem::plugin {

enum class PluginState { kInstalled, kLoaded, kEnabled };

// One plugin as List and Describe show it.
struct PluginDescription {
  std::string id;
  std::string version;                 // of the load, else of the newest installed bundle
  std::vector<std::string> installed;  // versions on disk, newest first
  PluginState state = PluginState::kInstalled;
  uint64_t generation = 0;  // 0 when not loaded
  std::string digest;       // SHA-256 of the code, hexadecimal; empty when not loaded
  std::string signer;       // "unsigned" when loaded without a signature
  std::shared_ptr<const Manifest> manifest;  // null when the bundle can't be read; see last_failure
  GenerationStatus process;
  std::string last_failure;  // why the newest load or call failed; empty when none did
};

// One line of what happened, for the server's log.
struct PluginEvent {
  std::string what;  // "loaded", "enabled", "disabled", "unloaded", "load_failed", "restore_failed"
  std::string id;
  std::string version;
  uint64_t generation = 0;
  std::string detail;
};

struct RegistryOptions {
  std::string plugin_dir;  // absolute or relative; the whole path must be safe from others' writes
  std::string host_path;   // the tandem-plugin-host program
  bool allow_unsigned =
      false;  // --allow-unsigned-plugins; without it a bundle without signature is refused
  GenerationOptions generation;
  DesiredStateStore* desired = nullptr;              // outlives the registry; null: nothing is kept
  std::function<void(const PluginEvent&)> on_event;  // any thread; may be empty
};

// The enabled plugins at one moment. Immutable; holding it keeps their processes alive.
class RegistrySnapshot {
 public:
  // PLUGIN_NOT_LOADED when `id` is not enabled.
  absl::StatusOr<std::shared_ptr<Generation>> Find(std::string_view id) const;
  const absl::flat_hash_map<std::string, std::shared_ptr<Generation>>& enabled() const {
    return enabled_;
  }

 private:
  friend class PluginRegistry;
  absl::flat_hash_map<std::string, std::shared_ptr<Generation>> enabled_;
};

// Threads: any. Operator methods run one at a time; Snapshot never waits for them.
class PluginRegistry {
 public:
  // PLUGIN_REFUSED when the plugin directory is missing or others could change it.
  static absl::StatusOr<std::unique_ptr<PluginRegistry>> Open(RegistryOptions options);
  // Ends every process.
  ~PluginRegistry();

  // `name` is "id" (the newest version installed) or "id@version". Verifies the bundle, starts its
  // process and waits until it is ready. Another version of a loaded id is replaced once the new
  // one is up, keeping "enabled"; runs that hold the old one finish on it. Loading what is loaded
  // does nothing. Errors: PLUGIN_NOT_FOUND, PLUGIN_REFUSED, PLUGIN_UNSIGNED, PLUGIN_TAMPERED,
  // PLUGIN_ABI, PLUGIN_CRASHED, PLUGIN_TIMEOUT; STORAGE_FAILED when the new state can't be kept.
  absl::Status Load(std::string_view name);
  // PLUGIN_NOT_LOADED when `id` is not loaded. Enabling the enabled does nothing; so for Disable.
  absl::Status Enable(std::string_view id);
  absl::Status Disable(std::string_view id);
  // PLUGIN_IN_USE while enabled, unless `force`. The process ends once no run holds it.
  absl::Status Unload(std::string_view id, bool force);

  // Every installed or loaded plugin, by id.
  std::vector<PluginDescription> List() const;
  // PLUGIN_NOT_FOUND when neither installed nor loaded.
  absl::StatusOr<PluginDescription> Describe(std::string_view id) const;
  // The newest log lines of a loaded plugin. PLUGIN_NOT_LOADED.
  absl::StatusOr<std::vector<std::string>> Logs(std::string_view id) const;
  // What is enabled now.
  std::shared_ptr<const RegistrySnapshot> Snapshot() const;

  // Loads and enables what DesiredStateStore holds, each plugin on its own: a failure is an event
  // and shows in Describe, it never stops the others. A bundle whose digest is not the recorded one
  // is PLUGIN_TAMPERED.
  void Restore();

 private:
  struct Entry {
    std::shared_ptr<Generation> generation;
    bool enabled = false;
  };
  // A verified bundle on its way to being loaded.
  struct Candidate {
    std::shared_ptr<const Bundle> bundle;
    bool already_loaded = false;
  };
  PluginRegistry(RegistryOptions options, std::shared_ptr<Supervisor> supervisor);
  absl::StatusOr<Candidate> Prepare(std::string_view name, std::string_view want_digest) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status LoadNow(std::string_view name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(operator_mutex_);
  absl::StatusOr<std::shared_ptr<Generation>> StartWanted(const storage::v1::DesiredPlugin& wanted,
                                                          uint64_t number) const;
  absl::Status SetEnabled(std::string_view id, bool enabled) ABSL_LOCKS_EXCLUDED(operator_mutex_);
  absl::Status Persist() ABSL_EXCLUSIVE_LOCKS_REQUIRED(operator_mutex_) ABSL_LOCKS_EXCLUDED(mutex_);
  void ForgetMissing(std::string_view id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(operator_mutex_)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Publish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(operator_mutex_) ABSL_LOCKS_EXCLUDED(mutex_);
  void Emit(std::string_view what, std::string_view id, std::string_view detail) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  PluginDescription Fill(std::string_view id, std::vector<std::string> versions) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::map<std::string, std::vector<std::string>> KnownVersions() const ABSL_LOCKS_EXCLUDED(mutex_);

  const RegistryOptions options_;
  const std::shared_ptr<Supervisor> supervisor_;
  absl::Mutex
      operator_mutex_;  // held during a whole operator command; never while answering a reader
  uint64_t last_generation_ ABSL_GUARDED_BY(operator_mutex_) = 0;
  // Wanted, but not brought back by Restore: kept wanted until loaded or unloaded by an operator.
  storage::v1::DesiredPlugins missing_ ABSL_GUARDED_BY(operator_mutex_);
  mutable absl::Mutex mutex_ ABSL_ACQUIRED_AFTER(operator_mutex_);
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::string> last_failure_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::string> restore_failed_
      ABSL_GUARDED_BY(mutex_);  // id → version
  std::shared_ptr<const RegistrySnapshot> snapshot_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tandem::plugin
