// SPDX-License-Identifier: Apache-2.0

#include "plugin/host_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <limits>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "plugin/call_writer.h"
#include "sdk/tandem_plugin.h"

namespace tandem::plugin {
namespace {

using model::MakeError;
using model::Reason;
using Clock = std::chrono::steady_clock;

constexpr size_t kMaxInstances = 16;
constexpr absl::Duration kStopGrace = absl::Milliseconds(50);
constexpr absl::Duration kCancelSlice = absl::Milliseconds(20);
constexpr absl::Duration kLeaveGrace = absl::Milliseconds(200);

wire::ControlPage* Page(const Mapping& mapping) {
  return reinterpret_cast<wire::ControlPage*>(mapping.data());
}

int64_t MonotonicNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
      .count();
}

// Text from a plugin, made fit for logs and terminals: printable, valid UTF-8.
std::string CleanText(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    unsigned char c = static_cast<unsigned char>(text[i]);
    size_t length = c < 0x80 ? 1 : (c >> 5) == 6 ? 2 : (c >> 4) == 14 ? 3 : (c >> 3) == 30 ? 4 : 0;
    bool whole = length > 0 && i + length <= text.size();
    for (size_t k = 1; whole && k < length; ++k) {
      whole = (static_cast<unsigned char>(text[i + k]) & 0xC0U) == 0x80U;
    }
    if (!whole || c < 0x20 || c == 0x7F) {
      out += whole ? ' ' : '?';
      ++i;
    } else {
      out.append(text.substr(i, length));
      i += length;
    }
  }
  return out;
}

std::string SandboxText(uint64_t bits, uint64_t memory_mb) {
  std::vector<std::string> words;
  if ((bits & wire::kNoNewPrivs) != 0) words.push_back("no_new_privs");
  if ((bits & wire::kNoCapabilities) != 0) words.push_back("no_capabilities");
  if ((bits & wire::kRlimits) != 0) words.push_back("rlimits");
  words.push_back((bits & wire::kMemoryRlimit) != 0 ? StrCat("memory=", memory_mb, "MB")
                                                    : "memory=none");
  words.push_back((bits & wire::kNoProcesses) != 0 ? "processes=none" : "processes=unlimited");
  if ((bits & wire::kDeathSignal) != 0) words.push_back("death_signal");
  words.push_back("landlock=no");
  words.push_back("seccomp=no");
  std::string out;
  for (const std::string& word : words) StrAppend(&out, out.empty() ? "" : " ", word);
  return out;
}

Reason ReasonOf(wire::ReadyFault fault) {
  switch (fault) {
    case wire::ReadyFault::kVersion:
      return Reason::kPluginAbi;
    case wire::ReadyFault::kOpen:
    case wire::ReadyFault::kSetup:
      return Reason::kPluginFailed;
    default:
      return Reason::kPluginRefused;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<HostProcess>> HostProcess::Start(
    Supervisor* supervisor, const std::string& host_path, const Bundle& bundle, uint64_t memory_mb,
    absl::Duration timeout, std::function<void()> on_exit) {
  std::unique_ptr<HostProcess> host(new HostProcess);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return MakeError(Reason::kInternal, StrCat("plugin socket: ", std::strerror(errno)));
  }
  host->socket_ = UniqueFd(ends[0]);
  UniqueFd theirs(ends[1]);
  ASSIGN_OR_RETURN(UniqueFd control,
                   CreateMemoryFile("tandem-plugin-control", sizeof(wire::ControlPage)));
  // Sealed against resizing: the plugin can't make our reads of it fault.
  fcntl(control.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  ASSIGN_OR_RETURN(host->control_,
                   Mapping::Map(control.get(), sizeof(wire::ControlPage), /*writable=*/true));
  SpawnRequest request;
  request.program = host_path;
  request.arguments = {bundle.manifest.id, bundle.manifest.version, StrCat(memory_mb),
                       bundle.manifest.threads > 1 || bundle.manifest.id.empty() ? "1" : "0"};
  request.descriptors = {theirs.get(), bundle.image->fd(), control.get()};
  request.on_exit = std::move(on_exit);
  ASSIGN_OR_RETURN(host->child_, supervisor->Spawn(request));
  theirs.Close();
  RETURN_IF_ERROR(host->Handshake(bundle, timeout));
  host->sandbox_ = SandboxText(host->sandbox_bits_, memory_mb);
  return host;
}

absl::Status HostProcess::Handshake(const Bundle& bundle, absl::Duration timeout) {
  pollfd polls[2] = {{socket_.get(), POLLIN, 0}, {child_->pidfd(), POLLIN, 0}};
  absl::Time until = absl::Now() + timeout;
  int n;
  do {
    int64_t wait =
        std::clamp<int64_t>(absl::ToInt64Milliseconds(until - absl::Now()) + 1, 0, 1 << 30);
    n = poll(polls, 2, static_cast<int>(wait));
  } while (n < 0 && errno == EINTR);
  if (n == 0) {
    child_->Kill();
    return MakeError(
        Reason::kPluginTimeout,
        StrCat(bundle.manifest.id, " did not get ready within ", absl::FormatDuration(timeout)));
  }
  wire::Frame ready{};
  if (recv(socket_.get(), &ready, sizeof(ready), MSG_DONTWAIT) != sizeof(ready))
    return Gone("its start");
  if (ready.kind != wire::FrameKind::kReady) {
    return MakeError(Reason::kPluginBadOutput, "the plugin's process sent a wrong first frame");
  }
  wire::ReadyFault fault = static_cast<wire::ReadyFault>(ready.a);
  if (fault != wire::ReadyFault::kNone) {
    return MakeError(ReasonOf(fault), StrCat("the plugin can't start: ", ReadText()));
  }
  stages_ = ready.b;
  sandbox_bits_ = ready.c;
  id_ = CleanText({Page(control_)->id, strnlen(Page(control_)->id, sizeof(wire::ControlPage::id))});
  version_ = CleanText({Page(control_)->version,
                        strnlen(Page(control_)->version, sizeof(wire::ControlPage::version))});
  const Manifest& manifest = bundle.manifest;
  for (const std::string& stage : manifest.stages) {
    wire::Stage bit = stage == TANDEM_STAGE_FILTER  ? wire::Stage::kFilter
                      : stage == TANDEM_STAGE_SCORE ? wire::Stage::kScore
                                                    : wire::Stage::kAssign;
    if ((stages_ & static_cast<uint64_t>(bit)) == 0) {
      return MakeError(Reason::kPluginRefused,
                       StrCat("the manifest lists ", stage, ", the library lacks it"));
    }
  }
  return absl::OkStatus();
}

HostProcess::~HostProcess() {
  if (child_ == nullptr) return;
  socket_.Close();  // the host leaves by itself when it is idle
  if (!child_->WaitExit(kLeaveGrace)) {
    child_->Kill();
    child_->WaitExit(absl::Seconds(5));
  }
}

void HostProcess::KillNow() {
  usable_ = false;
  child_->Kill();
}

std::string HostProcess::ReadText() const {
  const wire::ControlPage* page = Page(control_);
  uint32_t length = std::min(page->text_length, wire::kTextBytes);
  char copy[wire::kTextBytes];
  std::memcpy(copy, page->text, length);
  return CleanText({copy, length});
}

absl::Status HostProcess::Gone(std::string_view during) {
  usable_ = false;
  std::optional<ChildExit> exit = child_->WaitExit(absl::Seconds(1));
  if (!exit) {
    // The socket is closed but the process lives: nothing it could still say would be understood.
    child_->Kill();
    exit = child_->WaitExit(absl::Seconds(1));
  }
  std::string how = exit ? exit->Text() : "no exit status";
  if (Page(control_)->out_of_memory.load() != 0) {
    return MakeError(Reason::kPluginOutOfMemory,
                     StrCat("the plugin ran out of memory during ", during, " and ended: ", how),
                     {{"exit", how}});
  }
  return MakeError(Reason::kPluginCrashed,
                   StrCat("the plugin's process ended during ", during, ": ", how),
                   {{"exit", how}});
}

absl::Status HostProcess::SendFrame(wire::Frame frame, int descriptor) {
  iovec part = {&frame, sizeof(frame)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
  }
  ssize_t n;
  do {
    n = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n != sizeof(frame)) return Gone("a request");
  return absl::OkStatus();
}

absl::StatusOr<bool> HostProcess::Grow(SharedArea* area, uint64_t bytes, bool host_writes) {
  if (area->mapping.data() != nullptr && area->mapping.size() >= bytes) return false;
  static std::atomic<uint64_t> next_id{uint64_t{1} << 48};  // apart from the ids of sealed segments
  uint64_t size = std::max<uint64_t>(64 * 1024, std::bit_ceil(bytes));
  ASSIGN_OR_RETURN(UniqueFd fd, CreateMemoryFile("tandem-plugin-call", size));
  if (int error = posix_fallocate(fd.get(), 0, static_cast<off_t>(size)); error != 0) {
    return MakeError(Reason::kLimitExceeded, StrCat("shared memory: ", std::strerror(error)));
  }
  ASSIGN_OR_RETURN(Mapping mapping, Mapping::Map(fd.get(), size, /*writable=*/true));
  int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | (host_writes ? 0 : F_SEAL_FUTURE_WRITE);
  if (fcntl(fd.get(), F_ADD_SEALS, seals) != 0) {
    return MakeError(Reason::kInternal, StrCat("sealing: ", std::strerror(errno)));
  }
  if (area->id != 0) {
    wire::Frame unmap{};
    unmap.kind = wire::FrameKind::kUnmap;
    unmap.a = area->id;
    RETURN_IF_ERROR(SendFrame(unmap, -1));
  }
  area->mapping = std::move(mapping);
  area->id = next_id.fetch_add(1);
  wire::Frame map{};
  map.kind = wire::FrameKind::kMap;
  map.a = area->id;
  map.b = size;
  map.c = host_writes ? 1 : 0;
  RETURN_IF_ERROR(SendFrame(map, fd.get()));
  return true;
}

char* HostProcess::output(wire::Stage stage) {
  return outputs_[static_cast<size_t>(std::countr_zero(static_cast<uint32_t>(stage)))]
      .mapping.data();
}

absl::StatusOr<bool> HostProcess::EnsureOutput(wire::Stage stage, uint64_t bytes) {
  return Grow(&outputs_[static_cast<size_t>(std::countr_zero(static_cast<uint32_t>(stage)))], bytes,
              /*host_writes=*/true);
}

absl::StatusOr<double*> HostProcess::UnwrittenScores(uint64_t n) {
  ASSIGN_OR_RETURN(bool fresh, EnsureOutput(wire::Stage::kScore, n * sizeof(double)));
  if (fresh) unwritten_scores_ = 0;
  double* cells = reinterpret_cast<double*>(output(wire::Stage::kScore));
  if (unwritten_scores_ < n) {
    std::fill(cells + unwritten_scores_, cells + n, std::numeric_limits<double>::quiet_NaN());
  }
  // The call writes some of them; whoever takes the results says that they are clean again.
  handed_out_scores_ = std::max(unwritten_scores_, n);
  unwritten_scores_ = 0;
  return cells;
}

absl::Status HostProcess::EnsureMapped(const Segment& segment,
                                       const std::shared_ptr<const Segment>& owner) {
  auto [it, fresh] = mapped_.try_emplace(segment.id(), owner);
  if (!fresh) return absl::OkStatus();
  wire::Frame map{};
  map.kind = wire::FrameKind::kMap;
  map.a = segment.id();
  map.b = std::max<uint64_t>(segment.size(), 1);
  return SendFrame(map, segment.fd());
}

absl::Status HostProcess::UnmapExpired() {
  for (auto it = mapped_.begin(); it != mapped_.end();) {
    auto here = it++;
    if (!here->second.expired()) continue;
    wire::Frame unmap{};
    unmap.kind = wire::FrameKind::kUnmap;
    unmap.a = here->first;
    mapped_.erase(here);
    RETURN_IF_ERROR(SendFrame(unmap, -1));
  }
  return absl::OkStatus();
}

absl::StatusOr<HostAnswer> HostProcess::Exchange(wire::Frame request, const CallOptions& options) {
  wire::ControlPage* page = Page(control_);
  request.sequence = ++sequence_;
  absl::Duration left = options.deadline - absl::Now();
  const absl::Time hard = options.deadline;
  const absl::Time soft = hard - std::min(kStopGrace, left / 5);
  RETURN_IF_ERROR(SendFrame(request, -1));
  absl::Time cancel_limit = absl::InfiniteFuture();
  pollfd polls[2] = {{socket_.get(), POLLIN, 0}, {child_->pidfd(), POLLIN, 0}};
  while (true) {
    absl::Time now = absl::Now();
    if (options.cancelled != nullptr && options.cancelled->load() &&
        cancel_limit == absl::InfiniteFuture()) {
      page->stop.store(TANDEM_CANCELLED);
      cancel_limit = now + kStopGrace;
    }
    if (now >= soft && page->stop.load() == TANDEM_OK) page->stop.store(TANDEM_DEADLINE);
    if (now >= hard || now >= cancel_limit) {
      KillNow();
      if (now >= cancel_limit)
        return MakeError(Reason::kCancelled, "the plugin call was cancelled");
      return MakeError(Reason::kPluginTimeout,
                       "the plugin did not answer before the deadline and was killed");
    }
    absl::Time wake = std::min({now < soft ? soft : hard, cancel_limit});
    if (options.cancelled != nullptr) wake = std::min(wake, now + kCancelSlice);
    int wait_ms = -1;
    if (wake != absl::InfiniteFuture()) {
      wait_ms = static_cast<int>(
          std::clamp<int64_t>(absl::ToInt64Milliseconds(wake - now) + 1, 1, 1 << 30));
    }
    int n = poll(polls, 2, wait_ms);
    if (n <= 0) continue;
    wire::Frame done{};
    ssize_t got = recv(socket_.get(), &done, sizeof(done), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR) && (polls[1].revents & POLLIN) == 0)
      continue;
    if (got <= 0) return Gone("a call");
    if (got != sizeof(done) || done.kind != wire::FrameKind::kDone || done.sequence != sequence_) {
      KillNow();
      return MakeError(Reason::kPluginBadOutput,
                       "the plugin's process broke the protocol and was killed");
    }
    HostAnswer answer;
    answer.status = static_cast<int32_t>(static_cast<uint32_t>(done.a));
    if (answer.status != TANDEM_OK) {
      answer.text = ReadText();
      if (options.cancelled != nullptr && options.cancelled->load()) {
        return MakeError(Reason::kCancelled, "the plugin call was cancelled");
      }
      if (page->out_of_memory.load() != 0) answer.status = TANDEM_NO_MEMORY;
    }
    return answer;
  }
}

absl::StatusOr<uint64_t> HostProcess::Instance(std::string_view config_json,
                                               const CallOptions& options) {
  std::string key(config_json.empty() ? "{}" : config_json);
  if (auto it = instances_.find(key); it != instances_.end()) return it->second;
  if (instance_order_.size() >= kMaxInstances) {
    wire::Frame destroy{};
    destroy.kind = wire::FrameKind::kDestroy;
    destroy.a = instances_[instance_order_.front()];
    instances_.erase(instance_order_.front());
    instance_order_.erase(instance_order_.begin());
    RETURN_IF_ERROR(SendFrame(destroy, -1));
  }
  RETURN_IF_ERROR(Grow(&call_area_, key.size(), /*host_writes=*/false).status());
  std::memcpy(call_area_.mapping.data(), key.data(), key.size());
  Page(control_)->stop.store(TANDEM_OK);
  wire::Frame create{};
  create.kind = wire::FrameKind::kCreate;
  create.a = next_instance_++;
  create.b = call_area_.id;
  create.d = key.size();
  ASSIGN_OR_RETURN(HostAnswer answer, Exchange(create, options));
  if (answer.status != TANDEM_OK) {
    Reason reason =
        answer.status == TANDEM_NO_MEMORY ? Reason::kPluginOutOfMemory : Reason::kPluginConfig;
    return MakeError(reason, StrCat("the plugin refuses its configuration: ", answer.text));
  }
  instances_[key] = create.a;
  instance_order_.push_back(std::move(key));
  return create.a;
}

absl::StatusOr<HostAnswer> HostProcess::Run(const StageCall& call, const CallOptions& options) {
  const Problem& problem = *call.problem;
  bool all = call.manifest->id.empty();
  ASSIGN_OR_RETURN(std::vector<ExposedColumn> needs,
                   ExposeColumns(*problem.needs, call.manifest->reads_needs, all));
  ASSIGN_OR_RETURN(std::vector<ExposedColumn> offers,
                   ExposeColumns(*problem.offers, call.manifest->reads_offers, all));
  RETURN_IF_ERROR(UnmapExpired());
  for (const auto* columns : {&needs, &offers}) {
    for (const ExposedColumn& exposed : *columns) {
      RETURN_IF_ERROR(EnsureMapped(*exposed.column->segment(), exposed.column->segment()));
    }
  }
  RETURN_IF_ERROR(EnsureMapped(*problem.pairs->segment(), problem.pairs->segment()));
  CallWriter writer(problem, call.terms, std::move(needs), std::move(offers));
  RETURN_IF_ERROR(Grow(&call_area_, writer.bytes(), /*host_writes=*/false).status());

  wire::CallHeader circumstances{};
  circumstances.stage = call.stage;
  circumstances.request_id = options.request_id;
  circumstances.generation = call.generation;
  circumstances.seed = options.seed;
  circumstances.revision = options.revision;
  circumstances.now_unix_ms = options.now_unix_ms;
  absl::Duration left = options.deadline - absl::Now();
  circumstances.deadline_ns =
      left == absl::InfiniteDuration()
          ? UINT64_MAX
          : static_cast<uint64_t>(std::max<int64_t>(
                0, MonotonicNanos() +
                       absl::ToInt64Nanoseconds(left - std::min(kStopGrace, left / 5))));
  circumstances.out_segment =
      outputs_[static_cast<size_t>(std::countr_zero(static_cast<uint32_t>(call.stage)))].id;
  writer.Write(circumstances, call_area_.mapping.data());
  Page(control_)->stop.store(TANDEM_OK);
  wire::Frame frame{};
  frame.kind = wire::FrameKind::kCall;
  frame.a = call.instance;
  frame.b = call_area_.id;
  return Exchange(frame, options);
}

}  // namespace tandem::plugin
