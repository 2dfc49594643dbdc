// SPDX-License-Identifier: Apache-2.0

// Has no version note; its constructor would leave a trace if it ever ran.
#include "tandem_plugin.h"

namespace {
__attribute__((constructor)) void Early() { __builtin_trap(); }
}  // namespace

const tandem_module* tandem_entry(uint32_t, uint32_t) { return nullptr; }
