// SPDX-License-Identifier: Apache-2.0

// Turns a filter text (AIP-160) into a tree. Knows the grammar and its limits, and nothing about
// resources.
//
//   filter      = [ expression ]             expression = sequence { AND sequence }
//   sequence    = factor { blank factor }    factor     = term { OR term }
//   term        = [ NOT | - ] simple         simple     = restriction | "(" expression ")"
//   restriction = path operator value | name "(" [ value { "," value } ] ")" | value
//
// OR binds tighter than AND: `a AND b OR c` is `a AND (b OR c)`. Conditions side by side are ANDed.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "query/filter_ast.h"

namespace tandem::query {

// Longest filter text, in bytes.
inline constexpr size_t kMaxFilterBytes = 4096;
// Most parentheses open at once.
inline constexpr int kMaxFilterDepth = 16;
// Most comparisons, functions and bare words together.
inline constexpr int kMaxFilterTerms = 64;

// The tree of `filter`; an AND without children when it is blank. FILTER_INVALID when it can't be
// read or exceeds a limit. The stack it needs is bounded by kMaxFilterDepth.
absl::StatusOr<FilterNode> ParseFilter(std::string_view filter);

}  // namespace tandem::query
