// SPDX-License-Identifier: Apache-2.0

// Made-up names of agencies in words, as real names are built: place, a proper name of two
// characters, the field, the kind of body. For searching and its measurements; the sample itself
// numbers its agencies instead, which nobody can take for real ones. Names in words begin with 合成
// and "Synthetic".
#pragma once

#include <cstdint>
#include <string>

namespace tandem::sample {

struct MadeUpName {
  std::string chinese;
  std::string english;
};

// The name of the number-th agency, at home in the place called `place` ("杭州市"). The same
// arguments give the same name; one proper name and field in 27,000 agencies is the same.
MadeUpName NameInWords(int64_t number, const std::string& place, uint64_t seed);

}  // namespace tandem::sample
