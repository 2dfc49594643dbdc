// SPDX-License-Identifier: Apache-2.0

// Numbers for people. Pure functions.
#pragma once

#include <cstdint>
#include <string>

namespace tandem::cli {

// "3,217".
std::string GroupedNumber(int64_t number);

// Per mille as per cent: "91 %", "1.8 %".
std::string PercentText(int64_t permille);

// A count with its noun: "1 record", "2 records".
std::string Counted(int64_t count, const std::string& singular, const std::string& plural);

}  // namespace tandem::cli
