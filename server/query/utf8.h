// SPDX-License-Identifier: Apache-2.0

// The little UTF-8 that filters need: whether a text is well formed, how many characters it has and
// where it may be cut. Comparing valid UTF-8 byte by byte is comparing by code point, so nothing is
// decoded.
#pragma once

#include <cstddef>
#include <string_view>

namespace tandem::query {

// Offset of the first byte that is not part of a well-formed UTF-8 sequence; text.size() when all
// are. Overlong forms, surrogates and values above U+10FFFF are not well formed.
size_t FirstInvalidUtf8(std::string_view text);

// Number of Unicode characters (code points) in `text`; stray bytes count as one each.
size_t CountCharacters(std::string_view text);

// The longest prefix of `text` of at most `limit` bytes that does not end inside a character.
std::string_view CutAtCharacter(std::string_view text, size_t limit);

}  // namespace tandem::query
