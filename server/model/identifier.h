// SPDX-License-Identifier: Apache-2.0

// Registration numbers: the form they are kept in, and the check characters of the unified social
// credit code (GB 32100-2015), which holds an organisation code (GB 11714-1997). Pure functions.
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

// Brings a number of any scheme into the form it is kept and compared in: full-width and other
// compatibility forms unified (NFKC), no blanks, ASCII letters in upper case. Leaves text that is
// not UTF-8 as it is.
void NormaliseIdentifier(std::string* value);

// What is wrong with `code` as a unified social credit code, for people; empty when nothing is.
std::string UsccProblem(std::string_view code);

}  // namespace tandem::model
