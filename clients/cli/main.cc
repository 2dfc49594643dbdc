// SPDX-License-Identifier: Apache-2.0

#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "cli/command_line.h"

namespace {

// Columns of the terminal on standard output; `otherwise` when it is none or does not say.
size_t TerminalWidth(size_t otherwise) {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away (`tandem agency list --all | head`) ends the output, not the program's
  // sense.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  tandem::cli::Streams streams{std::cout, std::cerr, isatty(STDOUT_FILENO) == 1,
                               isatty(STDERR_FILENO) == 1};
  streams.width = TerminalWidth(streams.width);
  return static_cast<int>(tandem::cli::RunCommandLine(arguments, streams));
}
