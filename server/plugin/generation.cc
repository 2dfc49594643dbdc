// SPDX-License-Identifier: Apache-2.0

#include "plugin/generation.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/cleanup/cleanup.h"
#include "absl/synchronization/mutex.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "plugin/output_check.h"
#include "sdk/tandem_plugin.h"

namespace tandem::plugin {
namespace {

using model::MakeError;
using model::Reason;

// A plugin's own failure as an error.
absl::Status PluginFailure(const HostAnswer& answer) {
  std::string why = answer.text.empty() ? StrCat("status ", answer.status) : answer.text;
  switch (answer.status) {
    case TANDEM_NO_MEMORY:
      return MakeError(Reason::kPluginOutOfMemory, StrCat("the plugin ran out of memory: ", why));
    case TANDEM_CANCELLED:
    case TANDEM_DEADLINE:
      return MakeError(Reason::kPluginTimeout,
                       StrCat("the plugin stopped before it was done: ", why));
    case TANDEM_UNSUPPORTED:
      return MakeError(Reason::kPluginFailed,
                       StrCat("the plugin does not handle this problem: ", why),
                       {{"status", "UNSUPPORTED"}});
    case TANDEM_OUT_OF_RANGE:
      return MakeError(
          Reason::kPluginFailed,
          StrCat("the problem's figures are beyond what the plugin computes exactly: ", why),
          {{"status", "OUT_OF_RANGE"}});
    case TANDEM_BAD_INPUT:
      return MakeError(Reason::kPluginFailed, StrCat("the plugin can't use its input: ", why),
                       {{"status", "BAD_INPUT"}});
    default:
      return MakeError(Reason::kPluginFailed, StrCat("the plugin failed: ", why));
  }
}

bool CountsAsFailure(const absl::Status& status) {
  return !status.ok() && status.code() != absl::StatusCode::kCancelled;
}

absl::Status CheckShape(const Problem& problem, size_t cells) {
  const PairSet& pairs = *problem.pairs;
  if (pairs.n_needs() != problem.needs->rows() || pairs.n_offers() != problem.offers->rows() ||
      problem.need_units.size() != pairs.n_needs() ||
      problem.offer_units.size() != pairs.n_offers() || cells != pairs.n_pairs()) {
    return MakeError(Reason::kInternal, "the parts of a problem have different sizes");
  }
  return absl::OkStatus();
}

absl::Status CheckStage(const HostProcess& host, wire::Stage stage) {
  if ((host.stages() & static_cast<uint64_t>(stage)) != 0) return absl::OkStatus();
  return MakeError(Reason::kPluginNotLoaded, "the plugin does not have this stage");
}

// What the output check and the plugin rely on.
absl::Status CheckTerms(const Problem& problem, const AssignTerms& terms) {
  auto invalid = [](std::string_view what) { return MakeError(Reason::kFieldInvalid, what); };
  auto negative = [](int64_t value) { return value < 0; };
  if (std::any_of(terms.score.begin(), terms.score.end(), negative) ||
      std::any_of(problem.need_units.begin(), problem.need_units.end(), negative) ||
      std::any_of(problem.offer_units.begin(), problem.offer_units.end(), negative)) {
    return invalid("a score or a number of units is negative");
  }
  for (const Group& group : terms.groups) {
    uint64_t rows =
        group.side == Side::kNeeds ? problem.pairs->n_needs() : problem.pairs->n_offers();
    if (group.min_units < 0 || group.max_units < group.min_units) {
      return invalid("a group's bounds are negative or crossed");
    }
    for (size_t i = 0; i < group.members.size(); ++i) {
      if (group.members[i] >= rows || (i > 0 && group.members[i] <= group.members[i - 1])) {
        return invalid("a group's members do not ascend or name no row");
      }
    }
  }
  for (size_t i = 0; i < terms.fixed.size(); ++i) {
    const FixedPair& fixed = terms.fixed[i];
    if (fixed.pair >= problem.pairs->n_pairs() || fixed.units < 1 ||
        (i > 0 && fixed.pair <= terms.fixed[i - 1].pair)) {
      return invalid("a fixed pair does not exist, is not in order, or has no units");
    }
  }
  return absl::OkStatus();
}

}  // namespace

// Keeps one process running: starts it, notices its end, starts the next with back-off. Its thread
// does nothing else; calls run on their callers' threads. The mutex is never held across anything
// that blocks, so the supervisor's thread may take it to report an end.
class Generation::Keeper {
 public:
  Keeper(std::shared_ptr<Supervisor> supervisor, std::string host_path,
         std::shared_ptr<const Bundle> bundle, uint64_t number, const GenerationOptions& options)
      : supervisor_(std::move(supervisor)),
        host_path_(std::move(host_path)),
        bundle_(std::move(bundle)),
        number_(number),
        options_(options),
        core_(std::make_shared<Core>()) {
    core_->backoff = options.backoff_first;
  }

  ~Keeper() {
    {
      absl::MutexLock lock(&core_->mutex);
      core_->ending = true;
    }
    if (thread_.joinable()) thread_.join();
  }

  absl::Status StartFirst() {
    RETURN_IF_ERROR(StartProcess());
    thread_ = std::thread([this] { Run(); });
    return absl::OkStatus();
  }

  // Runs `use` on the process while nobody else does. Waits for other calls and for a restart that
  // is near.
  template <typename Use>
  absl::Status WithHost(const CallOptions& options, Use&& use) {
    CallOptions bounded = options;
    bounded.deadline = std::min(options.deadline, absl::Now() + bundle_->manifest.call_limit);
    Core* const core = core_.get();
    HostProcess* host = nullptr;
    {
      absl::MutexLock lock(&core->mutex);
      RETURN_IF_ERROR(WaitForTurn(core, bounded.deadline));
      core->busy = true;
      host = core->host.get();
    }
    absl::Status status = use(*host, bounded);
    absl::MutexLock lock(&core->mutex);
    core->busy = false;
    ++core->status.calls;
    if (!host->usable())
      core->dead = true;  // at once: the supervisor's report may still be under way
    if (CountsAsFailure(status)) core->NoteFailure(status);
    return status;
  }

  GenerationStatus status() const {
    absl::MutexLock lock(&core_->mutex);
    GenerationStatus out = core_->status;
    out.running = core_->Alive();
    out.pid = out.running ? core_->host->child()->pid() : 0;
    return out;
  }

  std::vector<std::string> Logs() const {
    absl::MutexLock lock(&core_->mutex);
    std::vector<std::string> lines = core_->old_lines;
    if (core_->host != nullptr) {
      for (std::string& line : core_->host->child()->Logs()) lines.push_back(std::move(line));
    }
    size_t extra = lines.size() > Child::kMaxLogLines ? lines.size() - Child::kMaxLogLines : 0;
    lines.erase(lines.begin(), lines.begin() + static_cast<ptrdiff_t>(extra));
    return lines;
  }

  const Bundle& bundle() const { return *bundle_; }
  uint64_t number() const { return number_; }

 private:
  // Outlives the keeper as long as a report of a process's end may come.
  struct Core {
    bool Alive() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return host != nullptr && !dead; }
    // Conditions; evaluated with the mutex held.
    bool IsAlive() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return host != nullptr && !dead; }
    bool FreeOrDown() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return !busy || !IsAlive(); }
    bool WantsKeeper() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return ending || (dead && !busy); }
    void NoteFailure(const absl::Status& failure) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
      status.last_failure = std::string(failure.message());
      status.last_failure_time = absl::Now();
    }

    absl::Mutex mutex;
    std::unique_ptr<HostProcess> host ABSL_GUARDED_BY(mutex);
    bool dead ABSL_GUARDED_BY(mutex) = false;  // the process of start number status.starts ended
    bool busy ABSL_GUARDED_BY(mutex) = false;  // a call stands on host
    bool ending ABSL_GUARDED_BY(mutex) = false;
    absl::Duration backoff ABSL_GUARDED_BY(mutex);
    absl::Time started_at ABSL_GUARDED_BY(mutex);
    GenerationStatus status ABSL_GUARDED_BY(mutex);
    std::vector<std::string> old_lines ABSL_GUARDED_BY(mutex);
  };

  // Until the process is up and nobody uses it.
  absl::Status WaitForTurn(Core* core, absl::Time deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(core->mutex) {
    absl::Time patience = std::min(deadline, absl::Now() + options_.restart_wait);
    while (!core->Alive() || core->busy) {
      if (core->Alive()) {
        if (core->mutex.AwaitWithDeadline(absl::Condition(core, &Core::FreeOrDown), deadline))
          continue;
        return MakeError(Reason::kPluginTimeout,
                         "the plugin was busy with other calls until the deadline");
      }
      if (!core->mutex.AwaitWithDeadline(absl::Condition(core, &Core::IsAlive), patience)) {
        return MakeError(Reason::kPluginCrashed,
                         StrCat("the plugin is down and waits for its restart; last failure: ",
                                core->status.last_failure));
      }
    }
    return absl::OkStatus();
  }

  // Spawns and waits until ready, without the lock.
  absl::Status StartProcess() {
    uint64_t start = 0;
    {
      absl::MutexLock lock(&core_->mutex);
      start = ++core_->status.starts;
      core_->dead = false;
    }
    std::weak_ptr<Core> weak = core_;
    auto on_exit = [weak, start] {
      std::shared_ptr<Core> core = weak.lock();
      if (core == nullptr) return;
      absl::MutexLock lock(&core->mutex);
      if (core->status.starts == start) core->dead = true;
    };
    uint64_t memory_mb = std::min(bundle_->manifest.memory_mb, options_.memory_ceiling_mb);
    ASSIGN_OR_RETURN(std::unique_ptr<HostProcess> host,
                     HostProcess::Start(supervisor_.get(), host_path_, *bundle_, memory_mb,
                                        options_.start_timeout, std::move(on_exit)));
    absl::MutexLock lock(&core_->mutex);
    core_->status.sandbox = host->sandbox();
    core_->status.stages = host->stages();
    core_->status.module_id = host->id();
    core_->status.module_version = host->version();
    core_->started_at = absl::Now();
    core_->host = std::move(host);
    return absl::OkStatus();
  }

  // Takes the dead process away; records how it ended.
  void Bury() {
    std::unique_ptr<HostProcess> gone;
    {
      absl::MutexLock lock(&core_->mutex);
      gone = std::move(core_->host);
      ++core_->status.crashes;
    }
    if (gone == nullptr) return;
    gone->Kill();
    std::optional<ChildExit> exit = gone->child()->WaitExit(absl::Seconds(5));
    absl::MutexLock lock(&core_->mutex);
    core_->old_lines = gone->child()->Logs();
    if (exit && core_->status.last_failure_time < core_->started_at) {
      core_->NoteFailure(
          absl::UnavailableError(StrCat("the plugin's process ended: ", exit->Text())));
    }
    if (absl::Now() - core_->started_at >= options_.healthy_after)
      core_->backoff = options_.backoff_first;
  }

  void Run() {
    while (true) {
      {
        absl::MutexLock lock(&core_->mutex);
        core_->mutex.Await(absl::Condition(core_.get(), &Core::WantsKeeper));
        if (core_->ending) break;
      }
      Bury();
      {
        absl::MutexLock lock(&core_->mutex);
        if (core_->mutex.AwaitWithTimeout(absl::Condition(&core_->ending), core_->backoff)) break;
        core_->backoff = std::min(core_->backoff * 2, options_.backoff_cap);
      }
      absl::Status started = StartProcess();
      if (started.ok()) continue;
      absl::MutexLock lock(&core_->mutex);
      core_->NoteFailure(started);
      core_->dead = true;
    }
    std::unique_ptr<HostProcess>
        last;  // declared first: it waits for its process after the lock is gone
    absl::MutexLock lock(&core_->mutex);
    last = std::move(core_->host);
  }

  const std::shared_ptr<Supervisor> supervisor_;
  const std::string host_path_;
  const std::shared_ptr<const Bundle> bundle_;
  const uint64_t number_;
  const GenerationOptions options_;
  const std::shared_ptr<Core> core_;
  std::thread thread_;
};

Generation::Generation(std::unique_ptr<Keeper> keeper) : keeper_(std::move(keeper)) {}
Generation::~Generation() = default;

absl::StatusOr<std::shared_ptr<Generation>> Generation::Start(
    std::shared_ptr<Supervisor> supervisor, std::string host_path,
    std::shared_ptr<const Bundle> bundle, uint64_t number, const GenerationOptions& options) {
  auto keeper = std::make_unique<Keeper>(std::move(supervisor), std::move(host_path),
                                         std::move(bundle), number, options);
  RETURN_IF_ERROR(keeper->StartFirst());
  return std::shared_ptr<Generation>(new Generation(std::move(keeper)));
}

const Manifest& Generation::manifest() const { return keeper_->bundle().manifest; }
std::string_view Generation::digest() const { return keeper_->bundle().digest; }
std::string_view Generation::signer() const { return keeper_->bundle().signer; }
uint64_t Generation::number() const { return keeper_->number(); }
GenerationStatus Generation::status() const { return keeper_->status(); }
std::vector<std::string> Generation::Logs() const { return keeper_->Logs(); }

absl::Status Generation::CheckConfig(std::string_view config_json, const CallOptions& options) {
  return keeper_->WithHost(options, [&](HostProcess& host, const CallOptions& bounded) {
    return host.Instance(config_json, bounded).status();
  });
}

absl::StatusOr<StageOutcome> Generation::Filter(const Problem& problem,
                                                std::string_view config_json,
                                                const CallOptions& options,
                                                absl::Span<uint8_t> verdicts,
                                                absl::Span<uint16_t> reasons) {
  RETURN_IF_ERROR(CheckShape(problem, verdicts.size()));
  RETURN_IF_ERROR(CheckShape(problem, reasons.size()));
  const size_t n = verdicts.size();
  StageOutcome outcome = StageOutcome::kDone;
  absl::Status called = keeper_->WithHost(
      options, [&](HostProcess& host, const CallOptions& bounded) -> absl::Status {
        HostProcess::StageCall call = StageCallOf(wire::Stage::kFilter, problem);
        RETURN_IF_ERROR(CheckStage(host, call.stage));
        ASSIGN_OR_RETURN(call.instance, host.Instance(config_json, bounded));
        RETURN_IF_ERROR(host.EnsureOutput(call.stage, wire::ReasonsAt(n) + 2 * n).status());
        std::memset(host.output(call.stage), TANDEM_UNWRITTEN, n);
        ASSIGN_OR_RETURN(HostAnswer answer, host.Run(call, bounded));
        if (answer.status == TANDEM_SKIP) {
          outcome = StageOutcome::kSkipped;
          return absl::OkStatus();
        }
        if (answer.status != TANDEM_OK) return PluginFailure(answer);
        const char* output = host.output(call.stage);
        return TakeVerdicts(reinterpret_cast<const uint8_t*>(output),
                            reinterpret_cast<const uint16_t*>(output + wire::ReasonsAt(n)),
                            manifest(), verdicts, reasons);
      });
  RETURN_IF_ERROR(called);
  return outcome;
}

absl::StatusOr<StageOutcome> Generation::Score(const Problem& problem, std::string_view config_json,
                                               const CallOptions& options,
                                               absl::Span<double> scores) {
  RETURN_IF_ERROR(CheckShape(problem, scores.size()));
  StageOutcome outcome = StageOutcome::kDone;
  absl::Status called = keeper_->WithHost(
      options, [&](HostProcess& host, const CallOptions& bounded) -> absl::Status {
        HostProcess::StageCall call = StageCallOf(wire::Stage::kScore, problem);
        RETURN_IF_ERROR(CheckStage(host, call.stage));
        ASSIGN_OR_RETURN(call.instance, host.Instance(config_json, bounded));
        ASSIGN_OR_RETURN(double* cells, host.UnwrittenScores(scores.size()));
        ASSIGN_OR_RETURN(HostAnswer answer, host.Run(call, bounded));
        if (answer.status == TANDEM_SKIP) {
          outcome = StageOutcome::kSkipped;
          return absl::OkStatus();
        }
        if (answer.status != TANDEM_OK) return PluginFailure(answer);
        absl::Status taken = TakeScores(cells, manifest(), scores);
        host.KeepUnwrittenScores();
        return taken;
      });
  RETURN_IF_ERROR(called);
  return outcome;
}

absl::StatusOr<AssignResult> Generation::Assign(const Problem& problem, const AssignTerms& terms,
                                                std::string_view config_json,
                                                const CallOptions& options) {
  RETURN_IF_ERROR(CheckShape(problem, terms.score.size()));
  RETURN_IF_ERROR(CheckTerms(problem, terms));
  AssignResult result;
  absl::Status called = keeper_->WithHost(
      options, [&](HostProcess& host, const CallOptions& bounded) -> absl::Status {
        HostProcess::StageCall call = StageCallOf(wire::Stage::kAssign, problem);
        RETURN_IF_ERROR(CheckStage(host, call.stage));
        call.terms = &terms;
        ASSIGN_OR_RETURN(call.instance, host.Instance(config_json, bounded));
        const PairSet& pairs = *problem.pairs;
        wire::AssignLayout at(pairs.n_pairs(), pairs.n_needs(), pairs.n_offers(),
                              terms.groups.size());
        RETURN_IF_ERROR(host.EnsureOutput(call.stage, at.bytes).status());
        std::memset(host.output(call.stage) + at.need, 0, at.bytes - at.need);
        ASSIGN_OR_RETURN(HostAnswer answer, host.Run(call, bounded));
        if (answer.status == TANDEM_INFEASIBLE) {
          ASSIGN_OR_RETURN(result,
                           TakeInfeasible(host.output(call.stage), terms, std::move(answer.text)));
          return absl::OkStatus();
        }
        if (answer.status != TANDEM_OK) return PluginFailure(answer);
        ASSIGN_OR_RETURN(result, TakeAssignment(host.output(call.stage), problem, terms));
        return absl::OkStatus();
      });
  RETURN_IF_ERROR(called);
  return result;
}

HostProcess::StageCall Generation::StageCallOf(wire::Stage stage, const Problem& problem) const {
  HostProcess::StageCall call;
  call.stage = stage;
  call.generation = keeper_->number();
  call.problem = &problem;
  call.manifest = &manifest();
  return call;
}

}  // namespace tandem::plugin
