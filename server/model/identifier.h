// SPDX-License-Identifier: Apache-2.0

// Check characters of registration numbers: the unified social credit code (GB 32100-2015), which
// holds an organisation code (GB 11714-1997). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tandem::model {

// The scheme under which unified social credit codes are kept.
inline constexpr std::string_view kUsccScheme = "uscc";

// The check character of an organisation code's first 8 characters (0-9, A-Z); nullopt for others.
std::optional<char> OrganisationCodeCheck(std::string_view first_8);

// The check character of a unified social credit code's first 17 characters; nullopt when one of
// them is not in its alphabet (0-9 and A-Z without I, O, S, V, Z).
std::optional<char> UsccCheck(std::string_view first_17);

// What is wrong with `code` as a unified social credit code, for people; empty when nothing is.
std::string UsccProblem(std::string_view code);

}  // namespace tandem::model
