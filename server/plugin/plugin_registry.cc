// SPDX-License-Identifier: Apache-2.0

#include "plugin/plugin_registry.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_split.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::plugin {
namespace {

using model::MakeError;
using model::Reason;

absl::Status NotLoaded(std::string_view id, std::string_view state) {
  return MakeError(Reason::kPluginNotLoaded, StrCat("plugin ", id, " is not ", state),
                   {{"plugin", id}});
}

}  // namespace

absl::StatusOr<std::shared_ptr<Generation>> RegistrySnapshot::Find(std::string_view id) const {
  auto it = enabled_.find(ToAbsl(id));
  if (it == enabled_.end()) return NotLoaded(id, "enabled");
  return it->second;
}

PluginRegistry::PluginRegistry(RegistryOptions options, std::shared_ptr<Supervisor> supervisor)
    : options_(std::move(options)),
      supervisor_(std::move(supervisor)),
      snapshot_(std::make_shared<RegistrySnapshot>()) {}

absl::StatusOr<std::unique_ptr<PluginRegistry>> PluginRegistry::Open(RegistryOptions options) {
  RETURN_IF_ERROR(CheckPluginDir(options.plugin_dir));
  ASSIGN_OR_RETURN(std::shared_ptr<Supervisor> supervisor, Supervisor::Start());
  return std::unique_ptr<PluginRegistry>(
      new PluginRegistry(std::move(options), std::move(supervisor)));
}

PluginRegistry::~PluginRegistry() {
  absl::MutexLock lock(&mutex_);
  // A generation that a run still holds ends with it, and the supervisor with the last of them.
  entries_.clear();
  snapshot_.reset();
}

void PluginRegistry::Emit(std::string_view what, std::string_view id,
                          std::string_view detail) const {
  if (!options_.on_event) return;
  PluginEvent event;
  event.what = std::string(what);
  event.id = std::string(id);
  event.detail = std::string(detail);
  {
    absl::MutexLock lock(&mutex_);
    if (auto it = entries_.find(ToAbsl(id)); it != entries_.end()) {
      event.version = it->second.generation->manifest().version;
      event.generation = it->second.generation->number();
    }
  }
  options_.on_event(event);
}

absl::StatusOr<PluginRegistry::Candidate> PluginRegistry::Prepare(
    std::string_view name, std::string_view want_digest) const {
  std::pair<std::string, std::string> parts = absl::StrSplit(ToAbsl(name), absl::MaxSplits('@', 1));
  std::string id(parts.first);
  std::string version(parts.second);
  if (version.empty()) {
    ASSIGN_OR_RETURN(std::vector<InstalledBundle> bundles, ListBundles(options_.plugin_dir));
    auto newest = std::find_if(bundles.begin(), bundles.end(),
                               [&](const InstalledBundle& bundle) { return bundle.id == id; });
    if (newest == bundles.end()) {
      return MakeError(Reason::kPluginNotFound,
                       StrCat("no bundle of ", id, " under the plugin directory"),
                       {{"plugin", id}});
    }
    version = newest->version;
  }
  Candidate candidate;
  ASSIGN_OR_RETURN(candidate.bundle,
                   OpenBundle(options_.plugin_dir, id, version, options_.allow_unsigned));
  if (!want_digest.empty() && candidate.bundle->digest != want_digest) {
    return MakeError(
        Reason::kPluginTampered,
        StrCat(id, " ", version, " is not the library that was loaded before: SHA-256 ",
               candidate.bundle->digest, ", was ", want_digest),
        {{"plugin", id}});
  }
  {
    absl::MutexLock lock(&mutex_);
    auto it = entries_.find(ToAbsl(id));
    if (it != entries_.end() && it->second.generation->manifest().version == version) {
      if (it->second.generation->digest() == candidate.bundle->digest) {
        candidate.already_loaded = true;
      } else {
        return MakeError(Reason::kPluginRefused,
                         StrCat(id, " ", version,
                                " is loaded with other bytes; raise its version, or "
                                "unload it first"),
                         {{"plugin", id}});
      }
    }
  }
  return candidate;
}

absl::Status PluginRegistry::Load(std::string_view name) {
  absl::MutexLock operating(&operator_mutex_);
  std::string id(name.substr(0, name.find('@')));
  absl::Status status = LoadNow(name);
  if (!status.ok()) {
    {
      absl::MutexLock lock(&mutex_);
      last_failure_[id] = std::string(status.message());
    }
    Emit("load_failed", id, ToStd(status.message()));
  }
  return status;
}

absl::Status PluginRegistry::LoadNow(std::string_view name) {
  ASSIGN_OR_RETURN(Candidate candidate, Prepare(name, /*want_digest=*/""));
  if (candidate.already_loaded) return absl::OkStatus();
  // The number is kept before it is used: it must never come twice, whatever happens next.
  ++last_generation_;
  RETURN_IF_ERROR(Persist());
  const std::string id = candidate.bundle->manifest.id;
  ASSIGN_OR_RETURN(std::shared_ptr<Generation> generation,
                   Generation::Start(supervisor_, options_.host_path, candidate.bundle,
                                     last_generation_, options_.generation));
  std::shared_ptr<Generation> replaced = generation;
  {
    absl::MutexLock lock(&mutex_);
    std::swap(entries_[id].generation, replaced);
    last_failure_.erase(id);
  }
  ForgetMissing(id);
  if (absl::Status kept = Persist(); !kept.ok()) {
    absl::MutexLock lock(&mutex_);
    if (replaced == nullptr) {
      entries_.erase(id);
    } else {
      entries_[id].generation = replaced;
    }
    return kept;
  }
  Publish();
  Emit("loaded", id, candidate.bundle->signer);
  return absl::OkStatus();
}

absl::Status PluginRegistry::SetEnabled(std::string_view id, bool enabled) {
  absl::MutexLock operating(&operator_mutex_);
  {
    absl::MutexLock lock(&mutex_);
    auto it = entries_.find(ToAbsl(id));
    if (it == entries_.end()) return NotLoaded(id, "loaded");
    if (it->second.enabled == enabled) return absl::OkStatus();
    it->second.enabled = enabled;
  }
  if (absl::Status kept = Persist(); !kept.ok()) {
    absl::MutexLock lock(&mutex_);
    entries_[std::string(id)].enabled = !enabled;
    return kept;
  }
  Publish();
  Emit(enabled ? "enabled" : "disabled", id, "");
  return absl::OkStatus();
}

absl::Status PluginRegistry::Enable(std::string_view id) { return SetEnabled(id, true); }
absl::Status PluginRegistry::Disable(std::string_view id) { return SetEnabled(id, false); }

absl::Status PluginRegistry::Unload(std::string_view id, bool force) {
  absl::MutexLock operating(&operator_mutex_);
  Entry removed;
  {
    absl::MutexLock lock(&mutex_);
    auto it = entries_.find(ToAbsl(id));
    if (it == entries_.end() && !restore_failed_.contains(ToAbsl(id)))
      return NotLoaded(id, "loaded");
    if (it != entries_.end() && it->second.enabled && !force) {
      return MakeError(Reason::kPluginInUse, StrCat("plugin ", id, " is enabled; disable it first"),
                       {{"plugin", id}});
    }
    if (it != entries_.end()) {
      removed = std::move(it->second);
      entries_.erase(it);
    }
  }
  ForgetMissing(id);
  if (absl::Status kept = Persist(); !kept.ok()) {
    absl::MutexLock lock(&mutex_);
    if (removed.generation != nullptr) entries_[std::string(id)] = std::move(removed);
    return kept;
  }
  Publish();
  Emit("unloaded", id, removed.generation == nullptr ? "" : removed.generation->manifest().version);
  return absl::OkStatus();  // `removed` goes here: the process ends unless a run still holds it
}

void PluginRegistry::ForgetMissing(std::string_view id) {
  auto* plugins = missing_.mutable_plugins();
  plugins->erase(std::remove_if(plugins->begin(), plugins->end(),
                                [id](const auto& wanted) { return wanted.id() == id; }),
                 plugins->end());
  absl::MutexLock lock(&mutex_);
  restore_failed_.erase(ToAbsl(id));
}

absl::Status PluginRegistry::Persist() {
  if (options_.desired == nullptr) return absl::OkStatus();
  storage::v1::DesiredPlugins desired = missing_;
  desired.set_last_generation(last_generation_);
  absl::MutexLock lock(&mutex_);
  for (const auto& [id, entry] : entries_) {
    storage::v1::DesiredPlugin* plugin = desired.add_plugins();
    plugin->set_id(id);
    plugin->set_version(entry.generation->manifest().version);
    plugin->set_digest(std::string(entry.generation->digest()));
    plugin->set_enabled(entry.enabled);
  }
  std::sort(desired.mutable_plugins()->begin(), desired.mutable_plugins()->end(),
            [](const auto& a, const auto& b) { return a.id() < b.id(); });
  return options_.desired->Write(desired);
}

void PluginRegistry::Publish() {
  auto snapshot = std::make_shared<RegistrySnapshot>();
  std::shared_ptr<const RegistrySnapshot> old;  // released after the lock: it may end processes
  absl::MutexLock lock(&mutex_);
  for (const auto& [id, entry] : entries_) {
    if (entry.enabled) snapshot->enabled_[id] = entry.generation;
  }
  old = std::exchange(snapshot_, std::move(snapshot));
}

std::shared_ptr<const RegistrySnapshot> PluginRegistry::Snapshot() const {
  absl::MutexLock lock(&mutex_);
  return snapshot_;
}

PluginDescription PluginRegistry::Fill(std::string_view id,
                                       std::vector<std::string> versions) const {
  PluginDescription out;
  out.id = std::string(id);
  out.installed = std::move(versions);
  std::shared_ptr<Generation> generation;
  {
    absl::MutexLock lock(&mutex_);
    if (auto it = entries_.find(ToAbsl(id)); it != entries_.end()) {
      generation = it->second.generation;
      out.state = it->second.enabled ? PluginState::kEnabled : PluginState::kLoaded;
    }
    if (auto it = last_failure_.find(ToAbsl(id)); it != last_failure_.end())
      out.last_failure = it->second;
  }
  if (generation != nullptr) {
    out.version = generation->manifest().version;
    out.generation = generation->number();
    out.digest = std::string(generation->digest());
    out.signer = std::string(generation->signer());
    // A copy: who holds a description must not hold the process.
    out.manifest = std::make_shared<const Manifest>(generation->manifest());
    out.process = generation->status();
    if (out.last_failure.empty()) out.last_failure = out.process.last_failure;
    return out;
  }
  if (out.installed.empty()) return out;
  out.version = out.installed.front();
  absl::StatusOr<Manifest> manifest = ReadBundleManifest(options_.plugin_dir, id, out.version);
  if (manifest.ok()) {
    out.manifest = std::make_shared<const Manifest>(*std::move(manifest));
  } else if (out.last_failure.empty()) {
    out.last_failure = std::string(manifest.status().message());
  }
  return out;
}

std::map<std::string, std::vector<std::string>> PluginRegistry::KnownVersions() const {
  std::map<std::string, std::vector<std::string>> versions;
  // A plugin directory that has become unreadable hides what is installed, not what runs.
  if (absl::StatusOr<std::vector<InstalledBundle>> bundles = ListBundles(options_.plugin_dir);
      bundles.ok()) {
    for (const InstalledBundle& bundle : *bundles) versions[bundle.id].push_back(bundle.version);
  }
  absl::MutexLock lock(&mutex_);
  for (const auto& [id, entry] : entries_) versions[id];
  for (const auto& [id, failure] : restore_failed_) versions[id];
  return versions;
}

std::vector<PluginDescription> PluginRegistry::List() const {
  std::vector<PluginDescription> out;
  for (auto& [id, versions] : KnownVersions()) out.push_back(Fill(id, std::move(versions)));
  return out;
}

absl::StatusOr<PluginDescription> PluginRegistry::Describe(std::string_view id) const {
  std::map<std::string, std::vector<std::string>> versions = KnownVersions();
  auto it = versions.find(std::string(id));
  if (it == versions.end()) {
    return MakeError(Reason::kPluginNotFound,
                     StrCat("no bundle of ", id, " under the plugin directory"), {{"plugin", id}});
  }
  return Fill(id, std::move(it->second));
}

absl::StatusOr<std::vector<std::string>> PluginRegistry::Logs(std::string_view id) const {
  std::shared_ptr<Generation> generation;
  {
    absl::MutexLock lock(&mutex_);
    auto it = entries_.find(ToAbsl(id));
    if (it == entries_.end()) return NotLoaded(id, "loaded");
    generation = it->second.generation;
  }
  return generation->Logs();
}

void PluginRegistry::Restore() {
  if (options_.desired == nullptr) return;
  absl::MutexLock operating(&operator_mutex_);
  absl::StatusOr<storage::v1::DesiredPlugins> desired = options_.desired->Read();
  if (!desired.ok()) {
    Emit("restore_failed", "", ToStd(desired.status().message()));
    return;
  }
  last_generation_ = std::max(last_generation_, desired->last_generation());
  const int n = desired->plugins_size();
  std::vector<absl::StatusOr<std::shared_ptr<Generation>>> started(
      static_cast<size_t>(n), absl::StatusOr<std::shared_ptr<Generation>>(absl::UnknownError("")));
  std::vector<std::thread> threads;
  for (int i = 0; i < n; ++i) {
    uint64_t number = ++last_generation_;
    threads.emplace_back([this, i, number, &started, &wanted = desired->plugins(i)] {
      started[static_cast<size_t>(i)] = StartWanted(wanted, number);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < n; ++i) {
    const storage::v1::DesiredPlugin& wanted = desired->plugins(i);
    absl::StatusOr<std::shared_ptr<Generation>>& result = started[static_cast<size_t>(i)];
    if (result.ok()) {
      absl::MutexLock lock(&mutex_);
      entries_[wanted.id()] = Entry{*std::move(result), wanted.enabled()};
      continue;
    }
    // Still wanted: the next start tries again.
    *missing_.add_plugins() = wanted;
    {
      absl::MutexLock lock(&mutex_);
      last_failure_[wanted.id()] = std::string(result.status().message());
      restore_failed_[wanted.id()] = wanted.version();
    }
    Emit("restore_failed", wanted.id(), ToStd(result.status().message()));
  }
  if (absl::Status kept = Persist(); !kept.ok()) Emit("restore_failed", "", ToStd(kept.message()));
  Publish();
  for (int i = 0; i < n; ++i) {
    bool up = false;
    {
      absl::MutexLock lock(&mutex_);
      up = entries_.contains(desired->plugins(i).id());
    }
    if (up)
      Emit(desired->plugins(i).enabled() ? "enabled" : "loaded", desired->plugins(i).id(),
           "restored");
  }
}

absl::StatusOr<std::shared_ptr<Generation>> PluginRegistry::StartWanted(
    const storage::v1::DesiredPlugin& wanted, uint64_t number) const {
  ASSIGN_OR_RETURN(Candidate candidate,
                   Prepare(StrCat(wanted.id(), "@", wanted.version()), wanted.digest()));
  return Generation::Start(supervisor_, options_.host_path, candidate.bundle, number,
                           options_.generation);
}

}  // namespace tandem::plugin
