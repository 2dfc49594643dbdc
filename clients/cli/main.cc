// SPDX-License-Identifier: Apache-2.0

#include <unistd.h>

#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "cli/command_line.h"

int main(int argc, char** argv) {
  // A reader that goes away (`tandem agency list --all | head`) ends the output, not the program's
  // sense.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const tandem::cli::Streams streams{std::cout, std::cerr, isatty(STDOUT_FILENO) == 1,
                                     isatty(STDERR_FILENO) == 1};
  return static_cast<int>(tandem::cli::RunCommandLine(arguments, streams));
}
