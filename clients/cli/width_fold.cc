// SPDX-License-Identifier: Apache-2.0

#include "cli/width_fold.h"

#include <unicode/utf8.h>

#include "absl/strings/ascii.h"

namespace tandem::cli {
namespace {

constexpr UChar32 kFirstFullWidth = 0xFF01;
constexpr UChar32 kLastFullWidth = 0xFF5E;
// From a full-width form to its ASCII one.
constexpr UChar32 kWidthStep = 0xFEE0;

bool HasNoWidth(UChar32 c) { return (c >= 0x200B && c <= 0x200D) || c == 0x2060 || c == 0xFEFF; }

}  // namespace

std::string FoldWidth(std::string_view text) {
  std::string folded;
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    const int32_t start = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);
    if (c >= kFirstFullWidth && c <= kLastFullWidth) {
      folded.push_back(static_cast<char>(c - kWidthStep));
    } else if (c == 0x3000 || c == 0x00A0) {
      folded.push_back(' ');
    } else if (!HasNoWidth(c)) {
      folded.append(text.substr(static_cast<size_t>(start), static_cast<size_t>(at - start)));
    }
  }
  return std::string(absl::StripAsciiWhitespace(folded));
}

}  // namespace tandem::cli
