// SPDX-License-Identifier: Apache-2.0

#include "catalog/text_pinyin.h"

#include <algorithm>
#include <iterator>

namespace tandem::catalog {
namespace {

#include "catalog/text_readings.inc"

constexpr size_t kLongestSyllable = 6;
// Letters beyond this are no place name; the search for readings stays short.
constexpr size_t kMostLetters = 40;

bool IsSyllable(std::string_view text) {
  return std::binary_search(std::begin(kSyllables), std::end(kSyllables), text);
}

bool BeginsSyllable(std::string_view text) {
  const auto* at = std::lower_bound(std::begin(kSyllables), std::end(kSyllables), text);
  return at != std::end(kSyllables) && at->starts_with(text);
}

// Depth-first, longest syllables first. `dead` marks the places from which no reading exists.
class Reader {
 public:
  Reader(std::string_view letters, bool partial, size_t limit, std::vector<PinyinReading>* out)
      : letters_(letters), partial_(partial), limit_(limit), out_(out), dead_(letters.size() + 1) {}

  bool ReadFrom(size_t at) {
    if (at == letters_.size()) {
      if (!partial_) out_->push_back({parts_, false});
      return !partial_;
    }
    if (dead_[at]) return false;
    bool found = false;
    const std::string_view rest = letters_.substr(at);
    if (partial_ && rest.size() <= kLongestSyllable && !IsSyllable(rest) && BeginsSyllable(rest)) {
      parts_.push_back(rest);
      out_->push_back({parts_, true});
      parts_.pop_back();
      found = true;
    }
    for (size_t length = std::min(kLongestSyllable, rest.size()); length > 0; --length) {
      if (out_->size() >= limit_) return true;
      if (!IsSyllable(rest.substr(0, length))) continue;
      parts_.push_back(rest.substr(0, length));
      found |= ReadFrom(at + length);
      parts_.pop_back();
    }
    dead_[at] = !found;
    return found;
  }

 private:
  const std::string_view letters_;
  const bool partial_;
  const size_t limit_;
  std::vector<PinyinReading>* const out_;
  std::vector<bool> dead_;
  std::vector<std::string_view> parts_;
};

}  // namespace

absl::Span<const Syllable> ReadingsOf(char32_t character) {
  const char32_t index = character - kFirstCharacter;
  if (character < kFirstCharacter || index >= std::size(kGroups)) return {};
  const uint16_t group = kGroups[index];
  if (group == 0) return {};
  const uint16_t begin = kGroupStarts[group];
  return {kGroupSyllables + begin, static_cast<size_t>(kGroupStarts[group + 1] - begin)};
}

std::string_view SyllableText(Syllable syllable) { return kSyllables[syllable]; }

std::optional<Syllable> FindSyllable(std::string_view text) {
  const auto* at = std::lower_bound(std::begin(kSyllables), std::end(kSyllables), text);
  if (at == std::end(kSyllables) || *at != text) return std::nullopt;
  return static_cast<Syllable>(at - std::begin(kSyllables));
}

std::pair<Syllable, Syllable> SyllablesWith(std::string_view prefix) {
  const auto* first = std::lower_bound(std::begin(kSyllables), std::end(kSyllables), prefix);
  const auto* last = std::partition_point(
      first, std::end(kSyllables), [&](std::string_view each) { return each.starts_with(prefix); });
  return {static_cast<Syllable>(first - std::begin(kSyllables)),
          static_cast<Syllable>(last - std::begin(kSyllables))};
}

std::vector<PinyinReading> ReadAsPinyin(std::string_view letters, size_t limit) {
  std::vector<PinyinReading> readings;
  const bool pinyin =
      !letters.empty() && letters.size() <= kMostLetters &&
      std::all_of(letters.begin(), letters.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!pinyin) return readings;
  Reader(letters, false, limit, &readings).ReadFrom(0);
  if (readings.size() < limit) Reader(letters, true, limit, &readings).ReadFrom(0);
  return readings;
}

}  // namespace tandem::catalog
