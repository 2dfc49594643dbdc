// SPDX-License-Identifier: Apache-2.0

#include "catalog/claim_filter.h"

#include <xxhash.h>

namespace tandem::catalog {

uint64_t HashClaim(std::string_view scheme, std::string_view value) {
  return XXH3_64bits_withSeed(value.data(), value.size(),
                              XXH3_64bits(scheme.data(), scheme.size()));
}

}  // namespace tandem::catalog
