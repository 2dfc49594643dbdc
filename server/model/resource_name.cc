// SPDX-License-Identifier: Apache-2.0

#include "model/resource_name.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/excerpt.h"

namespace tandem::model {
namespace {

// In a List's parent: all of them.
constexpr std::string_view kAnyParent = "-";

bool IsIdCharacter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::string PatternOf(RecordType type) {
  std::string own = StrCat(CollectionOf(type), "/{id}");
  std::optional<RecordType> parent = ParentTypeOf(type);
  return parent ? StrCat(CollectionOf(*parent), "/{id}/", own) : own;
}

absl::Status NoParentAllowed(RecordType type) {
  return FieldsInvalid(
      {{"parent", StrCat("must be empty: ", CollectionOf(type), " lie at the top")}});
}

absl::Status WrongName(std::string_view name, std::string_view field, std::string_view pattern) {
  return FieldsInvalid(
      {{std::string(field), name.empty() ? StrCat("is required, as ", pattern)
                                         : StrCat("\"", Excerpt(name, 80), "\" is not ", pattern,
                                                  ", ids being a-z, 0-9 and inner dashes")}});
}

// From the cryptographic generator, which is asked for many bytes at a time; it can only fail when
// the system has no entropy at all.
template <size_t kSize>
std::array<uint8_t, kSize> RandomBytes() {
  struct Stock {
    std::array<uint8_t, 1024> bytes{};
    size_t left = 0;
  };
  thread_local Stock stock;
  if (stock.left < kSize) {
    RAND_bytes(stock.bytes.data(), static_cast<int>(stock.bytes.size()));
    stock.left = stock.bytes.size();
  }
  std::array<uint8_t, kSize> bytes{};
  stock.left -= kSize;
  std::copy_n(stock.bytes.begin() + static_cast<ptrdiff_t>(stock.left), kSize, bytes.begin());
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
  std::optional<RecordType> parent_type = ParentTypeOf(type);
  if (!parent_type) return ParseNameIn(CollectionOf(type), name, field);
  std::string_view parent = ParentNameOf(name);
  if (parent.empty() || !IsNameIn(CollectionOf(*parent_type), parent) ||
      !IsNameIn(CollectionOf(type), name.substr(parent.size() + 1))) {
    return WrongName(name, field, PatternOf(type));
  }
  return std::string(name.substr(NamePrefix(type).size()));
}

absl::StatusOr<ResourceName> ParseResourceName(std::string_view name, std::string_view field) {
  std::optional<RecordKey> key = ParseRecordName(name);
  if (!key || key->type == RecordType::kMatchChunk) {
    return WrongName(name, field, "the name of a resource, {collection}/{id}");
  }
  absl::StatusOr<std::string> id = ParseNameOf(key->type, name, field);
  if (!id.ok()) return id.status();
  return ResourceName{key->type, *std::move(id)};
}

std::string FormatName(RecordType type, std::string_view id) {
  return StrCat(NamePrefix(type), id);
}

std::string_view NamePrefix(RecordType type) {
  static const auto* const kPrefixes = [] {
    auto* prefixes = new std::array<std::string, kRecordTypeSlots>;
    for (RecordType each : kAllRecordTypes) {
      (*prefixes)[static_cast<size_t>(each)] =
          StrCat(CollectionOf(ParentTypeOf(each).value_or(each)), "/");
    }
    return prefixes;
  }();
  return (*kPrefixes)[static_cast<size_t>(type)];
}

std::optional<RecordKey> ParseRecordName(std::string_view name) {
  size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash + 1 == name.size()) return std::nullopt;
  std::optional<RecordType> type = TypeOfCollection(name.substr(0, slash));
  std::string_view id = name.substr(slash + 1);
  if (size_t below = id.find('/'); type && below != std::string_view::npos) {
    std::string_view rest = id.substr(below + 1);
    type = ChildTypeOf(*type, rest.substr(0, rest.find('/')));
  }
  if (!type) return std::nullopt;
  return RecordKey{*type, id};
}

std::string_view ParentNameOf(std::string_view name) {
  size_t own_id = name.rfind('/');
  if (own_id == std::string_view::npos || own_id == 0) return {};
  size_t collection = name.rfind('/', own_id - 1);
  return collection == std::string_view::npos ? std::string_view() : name.substr(0, collection);
}

std::string_view ParentIdOf(std::string_view child_id) {
  return child_id.substr(0, child_id.find('/'));
}

std::string ChildRecordId(RecordType type, std::string_view parent_id, std::string_view id) {
  return StrCat(parent_id, "/", CollectionOf(type), "/", id);
}

absl::StatusOr<std::string> ParseCreateParent(RecordType type, std::string_view parent) {
  std::optional<RecordType> parent_type = ParentTypeOf(type);
  if (parent_type) return ParseNameIn(CollectionOf(*parent_type), parent, "parent");
  if (!parent.empty()) return NoParentAllowed(type);
  return std::string();
}

absl::StatusOr<std::string> ParseListParent(RecordType type, std::string_view parent) {
  std::optional<RecordType> parent_type = ParentTypeOf(type);
  if (!parent_type) return ParseCreateParent(type, parent);
  if (parent == StrCat(NamePrefix(*parent_type), kAnyParent)) return std::string();
  if (IsNameIn(CollectionOf(*parent_type), parent)) return ParseCreateParent(type, parent);
  return WrongName(
      parent, "parent",
      StrCat(CollectionOf(*parent_type), "/{id}, or ", CollectionOf(*parent_type), "/- for all"));
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
