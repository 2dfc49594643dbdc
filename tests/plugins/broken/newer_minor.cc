// SPDX-License-Identifier: Apache-2.0

// Needs a minor that does not exist yet; its constructor would crash if it ever ran.
#include "tandem_plugin.h"

TANDEM_ABI_NOTE(TANDEM_ABI_MINOR + 1);

namespace {
__attribute__((constructor)) void Early() { __builtin_trap(); }
}  // namespace

const tandem_module* tandem_entry(uint32_t, uint32_t) { return nullptr; }
