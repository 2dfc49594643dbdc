// SPDX-License-Identifier: Apache-2.0

#include "cli/id_text.h"

#include <xxhash.h>

#include "absl/strings/ascii.h"
#include "fmt/format.h"

#include "cli/width_fold.h"

namespace tandem::cli {
namespace {

constexpr size_t kMostBytes = 63;
constexpr size_t kHashBytes = 10;

}  // namespace

std::string IdFromText(std::string_view key) {
  const std::string folded = FoldWidth(key);
  std::string id;
  bool lost = folded.empty();
  for (char c : folded) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte)) {
      id.push_back(absl::ascii_tolower(byte));
    } else if (c == '-' && !id.empty()) {
      id.push_back(c);
    } else {
      lost = true;
      if (!id.empty() && id.back() != '-') id.push_back('-');
    }
  }
  while (!id.empty() && id.back() == '-') {
    lost = true;
    id.pop_back();
  }
  if (!lost && id.size() <= kMostBytes) return id;
  const std::string hash =
      fmt::format("{:016x}", XXH3_64bits(folded.data(), folded.size())).substr(0, kHashBytes);
  id.resize(std::min(id.size(), kMostBytes - kHashBytes - 1));
  while (!id.empty() && id.back() == '-') id.pop_back();
  return id.empty() ? "x-" + hash : id + "-" + hash;
}

}  // namespace tandem::cli
