// SPDX-License-Identifier: Apache-2.0

// The standard commands of a noun, each in a file of its own: get, list, describe, create,
// update, edit, delete, undelete, history, import. `noun` lives as long as the program.
#pragma once

#include "cli/command.h"
#include "cli/noun.h"

namespace tandem::cli {

void AddGetCommand(CLI::App* parent, Action* chosen, const Noun& noun);
void AddListCommand(CLI::App* parent, Action* chosen, const Noun& noun);
void AddDescribeCommand(CLI::App* parent, Action* chosen, const Noun& noun);
void AddCreateCommand(CLI::App* parent, Action* chosen, const Noun& noun);
void AddUpdateCommand(CLI::App* parent, Action* chosen, const Noun& noun);
void AddEditCommand(CLI::App* parent, Action* chosen, const Noun& noun);
void AddDeleteCommand(CLI::App* parent, Action* chosen, const Noun& noun);
void AddUndeleteCommand(CLI::App* parent, Action* chosen, const Noun& noun);
// Only for records whose service lists their revisions.
void AddHistoryCommand(CLI::App* parent, Action* chosen, const Noun& noun);
void AddImportCommand(CLI::App* parent, Action* chosen, const Noun& noun);

}  // namespace tandem::cli
