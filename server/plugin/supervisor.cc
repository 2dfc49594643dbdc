// SPDX-License-Identifier: Apache-2.0

#include "plugin/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::plugin {
namespace {

constexpr size_t kMaxLineBytes = 1024;
// A log pipe that brought more than this within one interval rests until the next: a flood costs
// the flooder its lines (the pipe is full, writes to it are dropped), not this thread its time.
constexpr size_t kLogBytesPerInterval = 64 * 1024;
constexpr absl::Duration kLogInterval = absl::Milliseconds(100);

absl::Status SystemError(std::string_view what, int error) {
  return model::MakeError(model::Reason::kInternal,
                          StrCat("plugin process: ", what, ": ", std::strerror(error)));
}

// A copy of `fd` whose number is high: dup2 onto 0 … 15 can't clobber it.
UniqueFd HighCopy(int fd) { return UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, 64)); }

}  // namespace

std::string ChildExit::Text() const {
  if (by_signal) return StrCat("signal ", code, " (", strsignal(code), ")");
  return StrCat("exit status ", code);
}

void Child::Kill() const { syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0); }

std::optional<ChildExit> Child::WaitExit(absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(
      absl::Condition(
          +[](const std::optional<ChildExit>* exit) { return exit->has_value(); }, &exit_),
      timeout);
  return exit_;
}

std::vector<std::string> Child::Logs() const {
  absl::MutexLock lock(&mutex_);
  return {lines_.begin(), lines_.end()};
}

void Child::AppendLog(std::string_view bytes) {
  absl::MutexLock lock(&mutex_);
  for (char c : bytes) {
    if (c == '\n' || partial_.size() >= kMaxLineBytes) {
      if (!partial_.empty()) lines_.push_back(std::exchange(partial_, std::string()));
      if (lines_.size() > kMaxLogLines) lines_.pop_front();
    }
    // Control characters could steer an operator's terminal.
    if (c != '\n') partial_.push_back(static_cast<unsigned char>(c) < 0x20 && c != '\t' ? ' ' : c);
  }
}

// A Spawn call waiting for the supervisor thread.
struct Supervisor::Command {
  const SpawnRequest* request;
  absl::StatusOr<std::shared_ptr<Child>> result = absl::UnknownError("pending");
  bool done = false;
};

absl::StatusOr<std::shared_ptr<Supervisor>> Supervisor::Start() {
  std::shared_ptr<Supervisor> supervisor(new Supervisor);
  supervisor->epoll_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  supervisor->wake_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!supervisor->epoll_.ok() || !supervisor->wake_.ok()) return SystemError("epoll", errno);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = supervisor->wake_.get();
  if (epoll_ctl(supervisor->epoll_.get(), EPOLL_CTL_ADD, supervisor->wake_.get(), &event) != 0) {
    return SystemError("epoll", errno);
  }
  supervisor->thread_ = std::thread([raw = supervisor.get()] { raw->Run(); });
  return supervisor;
}

Supervisor::~Supervisor() {
  if (!thread_.joinable()) return;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  eventfd_write(wake_.get(), 1);
  thread_.join();
}

absl::StatusOr<std::shared_ptr<Child>> Supervisor::Spawn(const SpawnRequest& request) {
  Command command{.request = &request};
  absl::MutexLock lock(&mutex_);
  if (stopping_) return SystemError("spawn", ECANCELED);
  commands_.push_back(&command);
  eventfd_write(wake_.get(), 1);
  mutex_.Await(absl::Condition(&command.done));
  return std::move(command.result);
}

void Supervisor::Run() {
  while (true) {
    epoll_event events[16];
    int timeout_ms =
        paused_logs_.empty() ? -1 : static_cast<int>(kLogInterval / absl::Milliseconds(1));
    int n = epoll_wait(epoll_.get(), events, 16, timeout_ms);
    if (absl::Now() >= resume_at_) ResumeLogs();
    for (int i = 0; i < n; ++i) {
      int fd = events[i].data.fd;
      if (fd == wake_.get()) {
        eventfd_t unused;
        eventfd_read(fd, &unused);
        TakeCommands();
      } else if (by_log_.contains(fd)) {
        Drain(fd);
      } else if (by_pidfd_.contains(fd)) {
        Reap(fd);
      }
    }
    absl::MutexLock lock(&mutex_);
    if (stopping_) break;
  }
  for (auto& [fd, child] : by_pidfd_) child->Kill();
  while (!by_pidfd_.empty()) Reap(by_pidfd_.begin()->first);
}

void Supervisor::TakeCommands() {
  while (true) {
    Command* command = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      if (commands_.empty()) return;
      command = commands_.front();
      commands_.pop_front();
    }
    absl::StatusOr<std::shared_ptr<Child>> result = SpawnHere(*command->request);
    absl::MutexLock lock(&mutex_);
    command->result = std::move(result);
    command->done = true;
  }
}

absl::StatusOr<std::shared_ptr<Child>> Supervisor::SpawnHere(const SpawnRequest& request) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) return SystemError("pipe", errno);
  UniqueFd log_read(pipe_ends[0]);
  UniqueFd log_write(pipe_ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  auto cleanup = absl::MakeCleanup([&] {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  });
  std::vector<UniqueFd> sources;
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  std::vector<int> descriptors = {log_write.get(), log_write.get()};
  descriptors.insert(descriptors.end(), request.descriptors.begin(), request.descriptors.end());
  for (size_t i = 0; i < descriptors.size(); ++i) {
    sources.push_back(HighCopy(descriptors[i]));
    if (!sources.back().ok()) return SystemError("dup", errno);
    posix_spawn_file_actions_adddup2(&actions, sources.back().get(), static_cast<int>(i) + 1);
  }
  // Own session: a ^C for the server must not end plugins before it has drained. Default signals:
  // the server ignores SIGPIPE, plugins should not inherit that.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);

  std::vector<std::string> words = {"tandem-plugin-host"};
  words.insert(words.end(), request.arguments.begin(), request.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  char* no_environment[] = {nullptr};
  pid_t pid = 0;
  if (int error = posix_spawn(&pid, request.program.c_str(), &actions, &attributes, argv.data(),
                              no_environment);
      error != 0) {
    return SystemError(StrCat("starting ", request.program), error);
  }
  auto child = std::make_shared<Child>();
  child->pid_ = pid;
  // The child can't be reaped by anyone else, so its number still means it.
  child->pidfd_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  child->log_ = std::move(log_read);
  child->on_exit_ = request.on_exit;
  if (!child->pidfd_.ok()) {
    int error = errno;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return SystemError("pidfd_open", error);
  }
  for (int fd : {child->pidfd_.get(), child->log_.get()}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
  }
  by_pidfd_[child->pidfd_.get()] = child;
  by_log_[child->log_.get()] = child;
  return child;
}

void Supervisor::Drain(int log_fd) {
  char buffer[16 * 1024];
  ssize_t n = read(log_fd, buffer, sizeof(buffer));
  if (n > 0) {
    Child& child = *by_log_[log_fd];
    child.AppendLog(std::string_view(buffer, static_cast<size_t>(n)));
    child.log_bytes_ += static_cast<size_t>(n);
    if (child.log_bytes_ > kLogBytesPerInterval) {
      WatchLog(log_fd, 0);
      if (paused_logs_.empty()) resume_at_ = absl::Now() + kLogInterval;
      paused_logs_.push_back(log_fd);
    }
  } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    CloseLog(log_fd);
  }
}

void Supervisor::WatchLog(int log_fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = log_fd;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, log_fd, &event);
}

void Supervisor::ResumeLogs() {
  for (int fd : paused_logs_) {
    auto it = by_log_.find(fd);
    if (it == by_log_.end()) continue;
    it->second->log_bytes_ = 0;
    WatchLog(fd, EPOLLIN);
  }
  paused_logs_.clear();
  resume_at_ = absl::InfiniteFuture();
}

void Supervisor::CloseLog(int log_fd) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, log_fd, nullptr);
  by_log_.erase(log_fd);
}

void Supervisor::Reap(int pidfd) {
  std::shared_ptr<Child> child = by_pidfd_[pidfd];
  siginfo_t info{};
  if (waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED) != 0) return;
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, pidfd, nullptr);
  by_pidfd_.erase(pidfd);
  int log_fd = child->log_.get();
  if (by_log_.contains(log_fd)) {
    char buffer[16 * 1024];
    // Bounded: a process that left a writer behind must not keep us here.
    for (int turn = 0; turn < 16; ++turn) {
      ssize_t n = read(log_fd, buffer, sizeof(buffer));
      if (n <= 0) break;
      child->AppendLog(std::string_view(buffer, static_cast<size_t>(n)));
    }
    CloseLog(log_fd);
  }
  {
    absl::MutexLock lock(&child->mutex_);
    child->exit_ = ChildExit{.by_signal = info.si_code != CLD_EXITED, .code = info.si_status};
  }
  if (child->on_exit_) child->on_exit_();
}

}  // namespace tandem::plugin
