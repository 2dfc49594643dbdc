// SPDX-License-Identifier: Apache-2.0

#include "main/stop_signals.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "main/event_log.h"

namespace tandem::server {
namespace {

// Waits for a signal and takes it.
void TakeSignal(int fd) {
  signalfd_siginfo info{};
  while (read(fd, &info, sizeof(info)) < 0) {
  }
}

}  // namespace

StopSignals::StopSignals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  fd_ = signalfd(-1, &stop, SFD_CLOEXEC);
}

bool StopSignals::Wait(int other_fd) {
  pollfd fds[2] = {{fd_, POLLIN, 0}, {other_fd, POLLIN, 0}};
  while (true) {
    if (poll(fds, 2, -1) < 0) continue;
    if ((fds[1].revents & POLLIN) != 0) return true;
    if ((fds[0].revents & POLLIN) != 0) {
      TakeSignal(fd_);
      return false;
    }
  }
}

void StopSignals::ExitOnNext(int exit_code) {
  std::thread([fd = fd_, exit_code] {
    TakeSignal(fd);
    LogEvent(Level::kWarning, "stopped_at_once");
    _exit(exit_code);
  }).detach();
}

}  // namespace tandem::server
