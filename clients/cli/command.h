// SPDX-License-Identifier: Apache-2.0

// The shape of every command: an options struct, a function that adds the subcommand with its
// flags, and a function that runs it. Parsing only notes what to run; main() runs it afterwards.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "CLI/App.hpp"
#include "absl/status/statusor.h"

#include "cli/exit_code.h"
#include "cli/session.h"

namespace tandem::cli {

// Runs a parsed command.
using Action = std::function<absl::StatusOr<ExitCode>(Session&)>;

// Adds the command `word` under `parent`. `add_flags(app, options)` binds flags to the options,
// which live as long as the tree; `run(session, options)` is noted in `*chosen` when the command is
// given.
template <typename Options, typename AddFlags, typename Run>
CLI::App* AddCommand(CLI::App* parent, Action* chosen, const std::string& word,
                     const std::string& description, AddFlags add_flags, Run run) {
  CLI::App* app = parent->add_subcommand(word, description);
  auto options = std::make_shared<Options>();
  add_flags(app, options.get());
  app->callback([chosen, options, run] {
    *chosen = [options, run](Session& session) -> absl::StatusOr<ExitCode> {
      return run(session, *options);
    };
  });
  return app;
}

}  // namespace tandem::cli
