// SPDX-License-Identifier: Apache-2.0

// Pinyin without tones: the readings of a character, and how letters that somebody typed divide
// into syllables. The readings come from the Unicode Character Database (see unihan_readings.py).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace tandem::catalog {

// Number of a syllable in the order of their texts; SyllableText names it.
using Syllable = uint16_t;

// The readings of a folded character, the commonest first, at most four; empty when it has none.
absl::Span<const Syllable> ReadingsOf(char32_t character);

std::string_view SyllableText(Syllable syllable);
// The syllable with that text; nullopt when there is none.
std::optional<Syllable> FindSyllable(std::string_view text);
// The syllables [first, second) that begin with `prefix`.
std::pair<Syllable, Syllable> SyllablesWith(std::string_view prefix);

// One way to read typed letters as pinyin.
struct PinyinReading {
  std::vector<std::string_view> syllables;
  // The last one is only the beginning of a syllable.
  bool last_is_partial = false;
};

// The ways to read `letters` (a-z only) as syllables, long syllables first, at most `limit`. Whole
// readings come before those whose last syllable is cut. The parts point into `letters`.
std::vector<PinyinReading> ReadAsPinyin(std::string_view letters, size_t limit);

}  // namespace tandem::catalog
