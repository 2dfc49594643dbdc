// SPDX-License-Identifier: Apache-2.0

// Lists of names as text: how errors show what is allowed and how dotted paths and order_by are
// cut.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tandem::query {

// The names with `separator` between them.
std::string JoinNames(const std::vector<std::string_view>& names,
                      std::string_view separator = ", ");

// The parts of `text` between separators; one part for a text without any.
std::vector<std::string_view> SplitNames(std::string_view text, char separator);

// `text` without ASCII blanks at its ends.
std::string_view WithoutBlanks(std::string_view text);

}  // namespace tandem::query
