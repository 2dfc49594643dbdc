// SPDX-License-Identifier: Apache-2.0

// manifest.json of a bundle nobody vouches for. What is accepted keeps every rule that the rest of
// the server relies on.
#include <cmath>
#include <string_view>

#include "expect.h"
#include "plugin/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tandem;  // NOLINT(google-build-using-namespace): the entry point's body
  const auto manifest = plugin::ParseManifest({reinterpret_cast<const char*>(data), size});
  if (!manifest.ok()) {
    FUZZ_EXPECT(fuzz::IsOurError(manifest.status()));
    return 0;
  }
  FUZZ_EXPECT(plugin::IsPluginId(manifest->id));
  FUZZ_EXPECT(!manifest->files.empty());
  for (const auto& [path, digest] : manifest->files) {
    FUZZ_EXPECT(!path.empty() && path.front() != '/' &&
                ("/" + path + "/").find("/../") == std::string::npos);
    FUZZ_EXPECT(path.find('\0') == std::string::npos);
    FUZZ_EXPECT(digest.size() == 64);
  }
  FUZZ_EXPECT(!manifest->stages.empty());
  FUZZ_EXPECT(std::isfinite(manifest->score_low) && std::isfinite(manifest->score_high));
  FUZZ_EXPECT(manifest->score_low <= manifest->score_high);
  FUZZ_EXPECT(manifest->call_limit > absl::ZeroDuration());
  FUZZ_EXPECT(manifest->memory_mb > 0 && manifest->threads > 0);
  for (const auto* columns : {&manifest->reads_needs, &manifest->reads_offers}) {
    for (const plugin::ReadColumn& column : *columns) FUZZ_EXPECT(!column.name.empty());
  }
  return 0;
}
