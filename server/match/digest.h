// SPDX-License-Identifier: Apache-2.0

// SHA-256 over what a stage decided, written as little-endian integers in a fixed order: the same
// on every machine and for any number of threads.
#pragma once

#include <openssl/evp.h>

#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/types/span.h"

namespace tandem::match {

// Not thread-safe.
class StageHash {
 public:
  StageHash();
  StageHash& Add(int64_t value);
  // Length first, then the bytes.
  StageHash& Add(std::string_view text);
  // Length first, then the values in their own width.
  template <typename Integer>
  StageHash& AddAll(absl::Span<const Integer> values) {
    static_assert(std::endian::native == std::endian::little && std::is_integral_v<Integer>);
    Add(static_cast<int64_t>(values.size()));
    return AddBytes(values.data(), values.size() * sizeof(Integer));
  }
  // Lowercase hex; the hash is spent.
  std::string Finish();

 private:
  StageHash& AddBytes(const void* bytes, size_t size);
  void Flush();
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
  std::string buffer_;
};

}  // namespace tandem::match
