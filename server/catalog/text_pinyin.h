// SPDX-License-Identifier: Apache-2.0

// Pinyin without tones: the readings of a character, and how letters that somebody typed divide
// into syllables. The readings come from the Unicode Character Database (see unihan_readings.py).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace tandem::catalog {

// Number of a syllable; SyllableText names it.
using Syllable = uint16_t;

// The readings of a folded character, the commonest first, at most four; empty when it has none.
absl::Span<const Syllable> ReadingsOf(char32_t character);

std::string_view SyllableText(Syllable syllable);

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
