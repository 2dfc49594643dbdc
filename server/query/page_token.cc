// SPDX-License-Identifier: Apache-2.0

#include "query/page_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "tandem/storage/v1/page_token.pb.h"

namespace tandem::query {
namespace {

constexpr uint32_t kVersion = 1;
constexpr size_t kSealBytes = 16;
constexpr size_t kHashBytes = 16;
// A position holds at most five values of some hundred bytes; anything longer was not made here.
constexpr size_t kMaxTokenBytes = 16 * 1024;

// Lengths go in front, so that no two argument lists make the same bytes.
std::string HashArguments(const ListArguments& arguments) {
  std::string bytes;
  for (std::string_view part : {arguments.parent, arguments.filter, arguments.order_by,
                                std::string_view(arguments.show_deleted ? "1" : "0")}) {
    StrAppend(&bytes, part.size(), ":", part);
  }
  if (!arguments.as_of_date.empty()) StrAppend(&bytes, "as_of_date:", arguments.as_of_date);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), kHashBytes);
}

std::string SealOf(const std::array<uint8_t, PageTokens::kKeyBytes>& key, std::string_view body) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  // Fails only when the process is out of memory.
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest,
           &size) == nullptr) {
    std::abort();
  }
  return std::string(reinterpret_cast<const char*>(digest), kSealBytes);
}

absl::Status InvalidToken() {
  return model::MakeError(
      model::Reason::kPageTokenInvalid,
      "page_token: this directory did not make it, or it was cut; start again without one",
      {{"field", "page_token"}});
}

bool FitsOrder(const storage::v1::PageToken& token, size_t leading, const Order& order) {
  if (static_cast<size_t>(token.last_size()) != leading + order.keys.size()) return false;
  for (int i = 0; i < token.last_size(); ++i) {
    const auto at = static_cast<size_t>(i);
    const bool text = at >= leading && order.keys[at - leading].field->is_text();
    const auto expected = text ? storage::v1::SortValue::kText : storage::v1::SortValue::kInteger;
    if (token.last(i).value_case() != expected) return false;
  }
  return true;
}

}  // namespace

std::string PageTokens::Seal(const ListArguments& arguments, const PagePosition& position) const {
  storage::v1::PageToken token;
  token.set_version(kVersion);
  token.set_collection(std::string(arguments.collection));
  token.set_arguments_hash(HashArguments(arguments));
  for (const SortValue& value : position.last) {
    storage::v1::SortValue* out = token.add_last();
    if (const auto* integer = std::get_if<int64_t>(&value)) {
      out->set_integer(*integer);
    } else {
      out->set_text(std::get<std::string>(value));
    }
  }
  token.set_read_revision(position.read_revision);
  std::string body = token.SerializeAsString();
  body += SealOf(key_, body);
  return absl::WebSafeBase64Escape(body);
}

absl::StatusOr<PagePosition> PageTokens::Open(std::string_view token,
                                              const ListArguments& arguments,
                                              const Order& order) const {
  return Open(token, arguments, 0, order);
}

absl::StatusOr<PagePosition> PageTokens::Open(std::string_view token,
                                              const ListArguments& arguments, size_t leading,
                                              const Order& order) const {
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(ToAbsl(token), &bytes) ||
      bytes.size() < kSealBytes || absl::WebSafeBase64Escape(bytes) != token) {
    return InvalidToken();
  }
  const std::string_view body = std::string_view(bytes).substr(0, bytes.size() - kSealBytes);
  const std::string seal = SealOf(key_, body);
  if (CRYPTO_memcmp(seal.data(), bytes.data() + body.size(), kSealBytes) != 0) {
    return InvalidToken();
  }
  storage::v1::PageToken parsed;
  if (!parsed.ParseFromArray(body.data(), static_cast<int>(body.size())) ||
      parsed.version() != kVersion) {
    return InvalidToken();
  }
  if (parsed.collection() != arguments.collection ||
      parsed.arguments_hash() != HashArguments(arguments)) {
    return model::MakeError(
        model::Reason::kPageTokenMismatch,
        "page_token: it belongs to a list with another parent, text, filter, order_by, as_of_date "
        "or show_deleted; repeat those or start again without a token",
        {{"field", "page_token"}});
  }
  if (!FitsOrder(parsed, leading, order)) return InvalidToken();
  PagePosition position;
  position.read_revision = parsed.read_revision();
  for (const storage::v1::SortValue& value : parsed.last()) {
    if (value.value_case() == storage::v1::SortValue::kInteger) {
      position.last.emplace_back(value.integer());
    } else {
      position.last.emplace_back(value.text());
    }
  }
  return position;
}

}  // namespace tandem::query
