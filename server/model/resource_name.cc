// SPDX-License-Identifier: Apache-2.0

#include "model/resource_name.h"

#include <openssl/rand.h>

#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/excerpt.h"

namespace tandem::model {
namespace {

constexpr std::string_view kContactsInfix = "/contacts/";

bool IsIdCharacter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::string PatternOf(RecordType type) {
  if (type == RecordType::kContact) return "agencies/{id}/contacts/{id}";
  return StrCat(CollectionOf(type), "/{id}");
}

absl::Status WrongName(std::string_view name, std::string_view field, std::string_view pattern) {
  return FieldsInvalid(
      {{std::string(field), name.empty() ? StrCat("is required, as ", pattern)
                                         : StrCat("\"", Excerpt(name, 80), "\" is not ", pattern,
                                                  ", ids being a-z, 0-9 and inner dashes")}});
}

// Fills `bytes` from the cryptographic generator; it can only fail when the system has no entropy
// at all.
template <size_t kSize>
std::array<uint8_t, kSize> RandomBytes() {
  std::array<uint8_t, kSize> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(kSize));
  return bytes;
}

}  // namespace

bool IsResourceId(std::string_view id) {
  if (id.empty() || id.size() > kMaxIdLength) return false;
  if (!IsIdCharacter(id.front()) || !IsIdCharacter(id.back())) return false;
  for (char c : id) {
    if (!IsIdCharacter(c) && c != '-') return false;
  }
  return true;
}

bool IsNameIn(std::string_view collection, std::string_view name) {
  return name.size() > collection.size() + 1 && name.substr(0, collection.size()) == collection &&
         name[collection.size()] == '/' && IsResourceId(name.substr(collection.size() + 1));
}

absl::StatusOr<std::string> ParseNameIn(std::string_view collection, std::string_view name,
                                        std::string_view field) {
  if (!IsNameIn(collection, name)) return WrongName(name, field, StrCat(collection, "/{id}"));
  return std::string(name.substr(collection.size() + 1));
}

absl::StatusOr<std::string> ParseNameOf(RecordType type, std::string_view name,
                                        std::string_view field) {
  if (type != RecordType::kContact) return ParseNameIn(CollectionOf(type), name, field);
  size_t infix = name.find(kContactsInfix);
  if (infix == std::string_view::npos || !IsNameIn("agencies", name.substr(0, infix)) ||
      !IsResourceId(name.substr(infix + kContactsInfix.size()))) {
    return WrongName(name, field, PatternOf(type));
  }
  return std::string(name.substr(CollectionOf(RecordType::kAgency).size() + 1));
}

absl::StatusOr<ResourceName> ParseResourceName(std::string_view name, std::string_view field) {
  std::optional<RecordType> type = TypeOfCollection(name.substr(0, name.find('/')));
  if (type == RecordType::kAgency && name.find(kContactsInfix) != std::string_view::npos) {
    type = RecordType::kContact;
  }
  if (!type || *type == RecordType::kMatchChunk) {
    return WrongName(name, field, "the name of a resource, {collection}/{id}");
  }
  absl::StatusOr<std::string> id = ParseNameOf(*type, name, field);
  if (!id.ok()) return id.status();
  return ResourceName{*type, *std::move(id)};
}

std::string FormatName(RecordType type, std::string_view id) {
  if (type != RecordType::kContact) return StrCat(CollectionOf(type), "/", id);
  return StrCat(CollectionOf(RecordType::kAgency), "/", id);
}

std::string MakeRandomId() {
  // 32 characters that are hard to confuse when read aloud; 5 bits each.
  constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  std::string id;
  for (uint8_t byte : RandomBytes<20>()) id.push_back(kAlphabet[byte % kAlphabet.size()]);
  return id;
}

std::string MakeUuid() {
  std::array<uint8_t, 16> bytes = RandomBytes<16>();
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  std::string hex =
      absl::BytesToHexString({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                hex.substr(16, 4), "-", hex.substr(20));
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i])))
      return false;
  }
  return true;
}

}  // namespace tandem::model
