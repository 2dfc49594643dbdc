// SPDX-License-Identifier: Apache-2.0

// Finds the word somebody probably meant. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tandem::cli {

// Insertions, deletions, replacements and swaps of neighbours that turn `from` into `to`, by bytes.
size_t EditDistance(std::string_view from, std::string_view to);

// The candidate nearest to `word`; empty when none is near enough to be a slip of the fingers (at
// most a third of the word's length, at least one change).
std::string NearestWord(std::string_view word, const std::vector<std::string>& candidates);

// ", did you mean X?" for the nearest candidate, else empty.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace tandem::cli
