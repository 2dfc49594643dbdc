// SPDX-License-Identifier: Apache-2.0

// A page token from a client: `order_by` \n `token`. As it comes it was never sealed here and must
// be refused; sealed by somebody who has the key it must be read or refused cleanly, and what is
// read seals to the same token again.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>

#include "absl/strings/escaping.h"
#include "expect.h"
#include "query/page_token.h"

namespace tandem {
namespace {

constexpr std::array<uint8_t, query::PageTokens::kKeyBytes> kKey = {42};
constexpr size_t kSealBytes = 16;

std::string Sealed(std::string_view body) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), kKey.data(), static_cast<int>(kKey.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest, &size);
  std::string bytes(body);
  bytes.append(reinterpret_cast<const char*>(digest), kSealBytes);
  return absl::WebSafeBase64Escape(bytes);
}

}  // namespace
}  // namespace tandem

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tandem;  // NOLINT(google-build-using-namespace): the entry point's body
  static const query::PageTokens tokens(kKey);
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string order_by(fuzz::TakeUntil('\n', &rest));
  query::ListArguments arguments;
  arguments.collection = "agencies";
  arguments.order_by = order_by;
  const auto order = query::ParseOrderBy(order_by, model::RecordType::kAgency);
  if (!order.ok()) return 0;

  const auto foreign = tokens.Open(rest, arguments, *order);
  FUZZ_EXPECT(!foreign.ok());
  FUZZ_EXPECT(fuzz::IsOurError(foreign.status()));

  const auto read = tokens.Open(Sealed(rest), arguments, *order);
  if (!read.ok()) {
    FUZZ_EXPECT(fuzz::IsOurError(read.status()));
    return 0;
  }
  FUZZ_EXPECT(read->last.size() == order->keys.size());
  const std::string token = tokens.Seal(arguments, *read);
  const auto again = tokens.Open(token, arguments, *order);
  FUZZ_EXPECT(again.ok());
  FUZZ_EXPECT(again->last == read->last && again->read_revision == read->read_revision);
  arguments.filter = "x";
  FUZZ_EXPECT(!tokens.Open(token, arguments, *order).ok());
  return 0;
}
