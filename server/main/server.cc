// SPDX-License-Identifier: Apache-2.0

#include "main/server.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "catalog/catalog.h"
#include "catalog/committer_thread.h"
#include "main/admin_socket.h"
#include "main/event_log.h"
#include "main/free_memory.h"
#include "main/housekeeping.h"
#include "main/listen_address.h"
#include "main/listener.h"
#include "main/writable_by_others.h"
#include "match/match_runs.h"
#include "model/absl_strings.h"
#include "model/clock.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "plugin/desired_state.h"
#include "plugin/plugin_registry.h"
#include "query/page_token.h"
#include "service/change_hub.h"
#include "service/directory_services.h"
#include "store/open_store.h"
#include "store/record_cache.h"

namespace tandem::server {
namespace {

// Tasks that may wait for a worker.
constexpr size_t kWorkerQueue = 1024;
// The host program lies beside the server.
constexpr std::string_view kHostProgram = "tandem-plugin-host";
constexpr std::string_view kPageTokenKey = "page-tokens";
constexpr std::string_view kDesiredPlugins = "desired-plugins";

// Keeps which plugins should be loaded in the store, so that a backup holds it too.
class StoredDesiredState final : public plugin::DesiredStateStore {
 public:
  explicit StoredDesiredState(store::EmbeddedLog* log) : log_(log) {}

  absl::StatusOr<storage::v1::DesiredPlugins> Read() override {
    storage::v1::DesiredPlugins desired;
    absl::StatusOr<std::optional<std::string>> bytes = log_->GetMeta(kDesiredPlugins);
    if (!bytes.ok()) return bytes.status();
    if (*bytes && !desired.ParseFromString(**bytes)) {
      return model::MakeError(model::Reason::kRecordCorrupt,
                              "the list of plugins to load can't be read");
    }
    return desired;
  }

  absl::Status Write(const storage::v1::DesiredPlugins& desired) override {
    return log_->PutMeta(kDesiredPlugins, desired.SerializeAsString());
  }

 private:
  store::EmbeddedLog* const log_;
};

std::string HostPath() {
  std::error_code error;
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / kHostProgram).string();
}

void LogPluginEvent(const plugin::PluginEvent& event) {
  bool failed = event.what.find("failed") != std::string::npos;
  std::string name = StrCat("plugin_", event.what);
  LogEvent(failed ? Level::kWarning : Level::kInfo, name,
           {{"plugin", event.id},
            {"version", event.version},
            {"generation", static_cast<int64_t>(event.generation)},
            {"detail", event.detail}});
}

// Written beside and renamed: whoever sees the file sees the whole port.
absl::Status WritePortFile(const std::string& path, int port) {
  std::string beside = StrCat(path, ".new");
  std::FILE* file = std::fopen(beside.c_str(), "we");
  bool written = file != nullptr && std::fprintf(file, "%d\n", port) > 0;
  written = file != nullptr && std::fclose(file) == 0 && written;
  if (written && std::rename(beside.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      StrCat("can't write the port file ", path, ": ", std::strerror(errno)));
}

}  // namespace

// Members stand in the order they are made; they go in the reverse order: first nobody calls any
// more, then nobody works, then nobody writes, then the store closes.
class Server::Parts {
 public:
  explicit Parts(const Options& options) : options_(options) {
    storage_failed_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  }
  ~Parts() {
    (void)Drain(absl::ZeroDuration());
    close(storage_failed_fd_);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  bool Start(StartError* error) {
    absl::StatusOr<ListenAddress> address = ParseListenAddress(options_.listen);
    if (!address.ok()) return Refuse(address.status(), kExitWrongOption, error);
    if (absl::Status opened = OpenDirectory(); !opened.ok()) {
      return Refuse(opened, kExitDataDir, error);
    }
    if (absl::Status plugins = OpenPlugins(); !plugins.ok()) {
      return Refuse(plugins, kExitWrongOption, error);
    }
    if (absl::Status matches = StartMatches(); !matches.ok()) {
      return Refuse(matches, kExitFailed, error);
    }
    if (absl::Status listening = Listen(*address); !listening.ok()) {
      return Refuse(listening, kExitListener, error);
    }
    return true;
  }

  int port() const { return public_->port(); }
  int storage_failed_fd() const { return storage_failed_fd_; }

  absl::Status Drain(absl::Duration timeout) {
    for (Listener* listener : {public_.get(), admin_.get()}) {
      if (listener != nullptr) listener->DrainHealth();
    }
    // Watchers end with the revision to go on from, at once: they would never end by themselves.
    if (changes_ != nullptr) changes_->Drain();
    absl::Time deadline = absl::Now() + timeout;
    // The socket last: an operator can watch the others end.
    if (public_ != nullptr) public_->Shutdown(deadline);
    if (admin_ != nullptr) admin_->Shutdown(deadline);
    public_.reset();
    if (admin_ != nullptr) unlink(options_.admin_socket.c_str());
    admin_.reset();
    if (workers_ != nullptr) workers_->Stop();
    matches_.reset();
    plugins_.reset();
    housekeeping_.reset();
    if (committer_ != nullptr) committer_->Stop();
    committer_.reset();
    changes_.reset();
    catalog_.reset();
    if (log_ == nullptr) return absl::OkStatus();
    records_.reset();
    absl::Status closed = log_->Close();
    log_.reset();
    return closed;
  }

 private:
  static bool Refuse(absl::Status status, int exit_code, StartError* error) {
    *error = {std::move(status), exit_code};
    return false;
  }

  absl::Status OpenDirectory() {
    RETURN_IF_ERROR(CheckNotWritableByOthers(options_.data_dir));
    store::StoreOptions options;
    options.data_dir = options_.data_dir;
    options.accept_data_loss_revision = options_.accept_data_loss;
    // Records as they are handed out, and the database's blocks for what is not among them.
    const size_t cache_bytes = static_cast<size_t>(options_.record_cache_mib) << 20U;
    options.cache_bytes = cache_bytes / 4;
    options.on_storage_failed = [this](const absl::Status& status) { StorageFailed(status); };
    absl::StatusOr<std::unique_ptr<store::EmbeddedLog>> log = store::OpenStore(options);
    if (!log.ok()) return log.status();
    log_ = *std::move(log);
    records_ = std::make_unique<store::RecordCache>(*log_, cache_bytes - cache_bytes / 4);
    absl::Time started = absl::Now();
    catalog_ = std::make_unique<catalog::Catalog>();
    if (absl::Status loaded = catalog_->Load(*log_); !loaded.ok()) return loaded;
    ReturnFreeMemory();
    LogEvent(Level::kInfo, "directory_loaded",
             {{"revision", catalog_->revision()},
              {"milliseconds", absl::ToInt64Milliseconds(absl::Now() - started)}});
    catalog::CommitterOptions committing;
    committing.on_storage_failed = options.on_storage_failed;
    service::ChangeHubOptions changes;
    changes.retention = options_.history_retention;
    changes_ = std::make_unique<service::ChangeHub>(log_.get(), changes);
    committing.on_published = [this](store::Revision last, std::vector<store::Entry> entries) {
      changes_->Publish(last, std::move(entries));
    };
    committer_ = std::make_unique<catalog::CommitterThread>(catalog_.get(), log_.get(), log_.get(),
                                                            &clock_, committing);
    absl::StatusOr<std::string> key = log_->SecretKey(kPageTokenKey);
    if (!key.ok()) return key.status();
    std::array<uint8_t, query::PageTokens::kKeyBytes> bytes{};
    std::copy_n(key->begin(), std::min(key->size(), bytes.size()), bytes.begin());
    tokens_ = std::make_unique<query::PageTokens>(bytes);
    directory_.catalog = catalog_.get();
    directory_.log = log_.get();
    directory_.reader = records_.get();
    directory_.committer = committer_.get();
    directory_.tokens = tokens_.get();
    directory_.clock = &clock_;
    housekeeping_ = std::make_unique<Housekeeping>(committer_.get(), log_.get(), &directory_,
                                                   options_.history_retention);
    return absl::OkStatus();
  }

  absl::Status OpenPlugins() {
    if (options_.plugin_dir.empty()) return absl::OkStatus();
    if (options_.allow_unsigned_plugins) {
      LogEvent(Level::kWarning, "unsigned_plugins_allowed",
               {{"detail", "bundles without a signature may be loaded"}});
    }
    desired_ = std::make_unique<StoredDesiredState>(log_.get());
    plugin::RegistryOptions options;
    options.plugin_dir = options_.plugin_dir;
    options.host_path = HostPath();
    options.allow_unsigned = options_.allow_unsigned_plugins;
    options.desired = desired_.get();
    options.on_event = LogPluginEvent;
    absl::StatusOr<std::unique_ptr<plugin::PluginRegistry>> registry =
        plugin::PluginRegistry::Open(options);
    if (!registry.ok()) return registry.status();
    plugins_ = *std::move(registry);
    plugins_->Restore();
    return absl::OkStatus();
  }

  absl::Status StartMatches() {
    match::MatchRunsParts parts;
    parts.catalog = catalog_.get();
    parts.reader = records_.get();
    parts.committer = committer_.get();
    parts.plugins = plugins_.get();
    parts.clock = &clock_;
    match::MatchRunsOptions options;
    options.workers = options_.match_workers;
    options.default_threads = options_.match_threads;
    matches_ = std::make_unique<match::MatchRuns>(parts, options);
    return matches_->Start();
  }

  absl::Status Listen(const ListenAddress& address) {
    workers_ = std::make_unique<service::WorkerPool>(options_.worker_threads, kWorkerQueue);
    directory_.changes = changes_.get();
    directory_.workers = workers_.get();
    directory_.authoriser = &authoriser_;
    directory_.match_runs = matches_.get();
    directory_.plugins = plugins_.get();
    directory_.incidents = [](std::string_view incident, std::string_view method,
                              std::string_view detail) {
      LogEvent(Level::kError, "incident",
               {{"incident", incident}, {"method", method}, {"detail", detail}});
    };
    handlers_ = service::MakeHandlers(&directory_);
    absl::Span<const std::string_view> services = service::PublicServices();
    ASSIGN_OR_RETURN(public_, Listener::Open(address.text, services, &directory_, &handlers_));
    if (!options_.admin_socket.empty()) {
      std::vector<std::string_view> all(services.begin(), services.end());
      absl::Span<const std::string_view> more = service::AdminServices();
      all.insert(all.end(), more.begin(), more.end());
      RETURN_IF_ERROR(MakeWayForSocket(options_.admin_socket));
      SocketModeGuard mode;
      ASSIGN_OR_RETURN(admin_, Listener::Open(StrCat("unix:", options_.admin_socket), all,
                                              &directory_, &handlers_));
    }
    if (options_.port_file.empty()) return absl::OkStatus();
    return WritePortFile(options_.port_file, public_->port());
  }

  void StorageFailed(const absl::Status& status) {
    std::string detail = status.ToString();
    LogEvent(Level::kError, "storage_failed", {{"detail", detail}});
    uint64_t one = 1;
    ssize_t written = write(storage_failed_fd_, &one, sizeof(one));
    (void)written;
  }

  const Options options_;
  int storage_failed_fd_ = -1;
  model::SystemClock clock_;
  service::Authoriser authoriser_;
  std::unique_ptr<store::EmbeddedLog> log_;
  std::unique_ptr<store::RecordCache> records_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<service::ChangeHub> changes_;
  std::unique_ptr<catalog::CommitterThread> committer_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::unique_ptr<query::PageTokens> tokens_;
  std::unique_ptr<StoredDesiredState> desired_;
  std::unique_ptr<plugin::PluginRegistry> plugins_;
  std::unique_ptr<match::MatchRuns> matches_;
  std::unique_ptr<service::WorkerPool> workers_;
  service::Directory directory_;
  service::HandlerTable handlers_;
  std::unique_ptr<Listener> public_;
  std::unique_ptr<Listener> admin_;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() = default;

std::unique_ptr<Server> Server::Start(const Options& options, StartError* error) {
  auto parts = std::make_unique<Parts>(options);
  if (!parts->Start(error)) return nullptr;
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

int Server::port() const { return parts_->port(); }
int Server::storage_failed_fd() const { return parts_->storage_failed_fd(); }
absl::Status Server::Drain(absl::Duration timeout) { return parts_->Drain(timeout); }

}  // namespace tandem::server
