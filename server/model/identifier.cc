// SPDX-License-Identifier: Apache-2.0

#include "model/identifier.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>

#include "model/absl_strings.h"
#include "model/text_rules.h"

namespace tandem::model {
namespace {

constexpr std::string_view kOrganisationAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::array<int, 8> kOrganisationWeights = {3, 7, 9, 10, 5, 8, 4, 2};

constexpr std::string_view kUsccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr size_t kUsccLength = 18;
// Where the organisation code lies in a unified social credit code: 8 characters and their check.
constexpr size_t kOrganisationAt = 8;

// Nothing to do for nearly every number.
bool IsNormal(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c > ' ' && c < 0x7F && (c < 'a' || c > 'z'); });
}

}  // namespace

void NormaliseIdentifier(std::string* value) {
  if (IsNormal(*value) || !TextProblem(*value, TextKind::kLine).empty()) return;
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(error);
  if (U_FAILURE(error)) return;
  const icu::UnicodeString unified = nfkc->normalize(icu::UnicodeString::fromUTF8(*value), error);
  if (U_FAILURE(error)) return;
  icu::UnicodeString kept;
  for (int32_t i = 0; i < unified.length(); i = unified.moveIndex32(i, 1)) {
    const UChar32 c = unified.char32At(i);
    if (u_isUWhiteSpace(c)) continue;
    kept.append(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  value->clear();
  kept.toUTF8String(*value);
}

std::optional<char> OrganisationCodeCheck(std::string_view first_8) {
  if (first_8.size() != kOrganisationWeights.size()) return std::nullopt;
  int sum = 0;
  for (size_t i = 0; i < first_8.size(); ++i) {
    size_t value = kOrganisationAlphabet.find(first_8[i]);
    if (value == std::string_view::npos) return std::nullopt;
    sum += static_cast<int>(value) * kOrganisationWeights[i];
  }
  int check = 11 - sum % 11;
  if (check == 10) return 'X';
  return static_cast<char>('0' + check % 11);
}

std::optional<char> UsccCheck(std::string_view first_17) {
  if (first_17.size() != kUsccLength - 1) return std::nullopt;
  int sum = 0;
  int weight = 1;
  for (char c : first_17) {
    size_t value = kUsccAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    sum += static_cast<int>(value) * weight;
    weight = weight * 3 % 31;
  }
  return kUsccAlphabet[static_cast<size_t>((31 - sum % 31) % 31)];
}

std::string UsccProblem(std::string_view code) {
  if (code.size() != kUsccLength) {
    return StrCat("has ", code.size(), " characters; a unified social credit code has 18");
  }
  std::optional<char> check = UsccCheck(code.substr(0, kUsccLength - 1));
  if (!check || kUsccAlphabet.find(code.back()) == std::string_view::npos) {
    return "holds a character that no unified social credit code has";
  }
  for (char c : code.substr(2, 6)) {
    if (c < '0' || c > '9') return "has no region code in characters 3 to 8";
  }
  std::optional<char> inner = OrganisationCodeCheck(code.substr(kOrganisationAt, 8));
  if (inner != code[kOrganisationAt + 8]) {
    return StrCat("has the check character ", code.substr(kOrganisationAt + 8, 1),
                  " of the organisation code in place 17, not ", std::string(1, *inner));
  }
  if (*check != code.back()) {
    return StrCat("ends in the check character ", code.substr(kUsccLength - 1), ", not ",
                  std::string(1, *check));
  }
  return "";
}

}  // namespace tandem::model
