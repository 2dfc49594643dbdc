// SPDX-License-Identifier: Apache-2.0

// `tandem match …`: runs of the matching engine and what they found. One file a command or a pair
// of commands that share their shape.
#pragma once

#include <string>

#include "cli/command.h"
#include "tandem/v1/match_run.pb.h"

namespace tandem::cli {

// Adds the noun and all its commands.
void AddMatchCommands(CLI::App* root, Action* chosen);

void AddMatchRunCommand(CLI::App* match, Action* chosen);
// get and list.
void AddMatchReadCommands(CLI::App* match, Action* chosen);
// matches and outcomes.
void AddMatchResultCommands(CLI::App* match, Action* chosen);
// explain and why-not.
void AddMatchReasonCommands(CLI::App* match, Action* chosen);
// verify and cancel.
void AddMatchControlCommands(CLI::App* match, Action* chosen);

// "matchRuns/x" for "x"; full names stay as they are.
std::string MatchRunName(const std::string& written);

// Reads a run.
absl::StatusOr<v1::MatchRun> GetMatchRun(Session& session, const std::string& name);

// Prints a run: the plan screen as a table, else the record.
absl::Status PrintMatchRun(Session& session, const v1::MatchRun& run, int top);

}  // namespace tandem::cli
