// SPDX-License-Identifier: Apache-2.0

// The page of `tandem explain`. Reads no server; prints what it is given.
#pragma once

#include <cstddef>
#include <ostream>

#include "nlohmann/json.hpp"

#include "cli/explain_subject.h"

namespace tandem::cli {

// Prints the subject: its comment, type and rules, its values or its fields, each with type, rules,
// "filterable" and "orderable" marks and comment. Lines are at most `width` columns.
void PrintExplainPage(const ExplainSubject& subject, size_t width, bool colour, std::ostream& out);

// Prints all fields below the subject, one a line, indented by depth. Types that hold themselves
// are opened once.
void PrintFieldTree(const ExplainSubject& subject, std::ostream& out);

// The same facts as a document: {"name", "type", "description", "rules": […], "filterable",
// "orderable", "values": […], "fields": […]}.
nlohmann::ordered_json ExplainDocument(const ExplainSubject& subject);

}  // namespace tandem::cli
