// SPDX-License-Identifier: Apache-2.0

// Reads a plugin library as data: is it a shared library for this machine, which ABI does its
// version note name, does it ask for anything a plugin must not have. No code of it runs.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tandem::plugin {

// The four words of the version note.
struct AbiNote {
  uint32_t major = 0;
  uint32_t minor_built = 0;
  uint32_t minor_needed = 0;
  uint32_t flags = 0;
};

// "x86_64-linux-gnu" or "aarch64-linux-gnu": what this program was built for.
std::string_view HostArch();

// PLUGIN_ABI, saying both versions, when a plugin of this major and needed minor can't run here.
absl::Status CheckAbi(std::string_view plugin, uint32_t major, uint32_t minor_needed);

// Checks the file and finds its note. PLUGIN_REFUSED when it is not a shared library, is cut short,
// has an executable stack or text relocations; PLUGIN_ABI when it is for another machine or has no
// note.
absl::StatusOr<AbiNote> InspectLibrary(std::string_view bytes);

}  // namespace tandem::plugin
