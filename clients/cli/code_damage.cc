// SPDX-License-Identifier: Apache-2.0

#include "cli/code_damage.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "re2/re2.h"

namespace tandem::cli {
namespace {

constexpr size_t kCreditCodeSize = 18;
// Letters that GB 32100 leaves out (I, O, S, V, Z) have no place here.
constexpr std::string_view kCreditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr size_t kOrganisationStart = 8;

// GB 32100: powers of 3 modulo 31.
bool WholeCheckHolds(std::string_view code) {
  size_t sum = 0;
  size_t weight = 1;
  for (size_t i = 0; i + 1 < kCreditCodeSize; ++i) {
    const size_t value = kCreditAlphabet.find(code[i]);
    if (value == std::string_view::npos) return false;
    sum += value * weight;
    weight = weight * 3 % 31;
  }
  return code.back() == kCreditAlphabet[(31 - sum % 31) % 31];
}

// GB 11714: the organisation code in places 9 to 17, its last character modulo 11.
bool OrganisationCheckHolds(std::string_view code) {
  constexpr std::array<int, 8> kWeights = {3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) {
    const char c = code[kOrganisationStart + i];
    const int value = absl::ascii_isdigit(static_cast<unsigned char>(c)) ? c - '0' : c - 'A' + 10;
    sum += value * kWeights[i];
  }
  const int check = 11 - sum % 11;
  const char wanted = check == 10 ? 'X' : check == 11 ? '0' : static_cast<char>('0' + check);
  return code[kOrganisationStart + kWeights.size()] == wanted;
}

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

std::string Damaged(const std::string& what) {
  return fmt::format(
      "looks damaged by a spreadsheet: {}; take the code from where it came from, into a column "
      "formatted as text",
      what);
}

}  // namespace

bool IsCreditCode(std::string_view code) {
  return code.size() == kCreditCodeSize && WholeCheckHolds(code) && OrganisationCheckHolds(code);
}

std::string DescribeCodeDamage(std::string_view code, CodeKind kind) {
  static const LazyRE2 kScientific = {R"([+-]?\d(?:\.\d+)?[eE]\+?\d{1,3})"};
  static const LazyRE2 kDecimal = {R"(\d{4,}\.0+)"};
  static const LazyRE2 kGrouped = {R"(\d{1,3}(?:,\d{3})+)"};
  const re2::StringPiece text(code.data(), code.size());
  // "1E5" may be a code of its own; a number that a spreadsheet shortened has a point or a plus.
  if (RE2::FullMatch(text, *kScientific) && code.find_first_of(".+") != std::string_view::npos) {
    return Damaged(
        fmt::format("{} is a number in scientific notation, most digits are lost", code));
  }
  if (!code.empty() && (code.front() == '\'' || code.front() == '`')) {
    return Damaged(fmt::format("it begins with an apostrophe ({})", code));
  }
  if (code.size() > 2 && code.substr(0, 2) == "=\"") {
    return Damaged(fmt::format("{} is a formula", code));
  }
  if (RE2::FullMatch(text, *kDecimal)) return Damaged(fmt::format("{} is a decimal number", code));
  if (RE2::FullMatch(text, *kGrouped)) {
    return Damaged(fmt::format("{} has thousands separators", code));
  }
  if (kind != CodeKind::kCreditCode || IsCreditCode(code) || !AllDigits(code)) return "";
  if (code.size() == kCreditCodeSize && code.substr(kCreditCodeSize - 3) == "000") {
    return Damaged(fmt::format("the last digits of {} became zeros, only 15 are kept", code));
  }
  if (code.size() >= 12 && code.size() < kCreditCodeSize) {
    return Damaged(fmt::format("{} has {} digits of 18, the others are lost", code, code.size()));
  }
  return "";
}

}  // namespace tandem::cli
