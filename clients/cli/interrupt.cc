// SPDX-License-Identifier: Apache-2.0

#include "cli/interrupt.h"

#include <csignal>

namespace tandem::cli {
namespace {

volatile std::sig_atomic_t raised_flag = 0;
struct sigaction before_interrupt;
struct sigaction before_terminate;

void Raise(int /*signal*/) { raised_flag = 1; }

}  // namespace

InterruptFlag::InterruptFlag() {
  raised_flag = 0;
  struct sigaction action = {};
  action.sa_handler = Raise;
  // Once only: a second signal finds the default, which ends the program.
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before_interrupt);
  sigaction(SIGTERM, &action, &before_terminate);
}

InterruptFlag::~InterruptFlag() {
  sigaction(SIGINT, &before_interrupt, nullptr);
  sigaction(SIGTERM, &before_terminate, nullptr);
}

bool InterruptFlag::raised() const { return raised_flag != 0; }

}  // namespace tandem::cli
