// SPDX-License-Identifier: Apache-2.0

// Is built for another major; its constructor would crash if it ever ran.
#include "tandem_plugin.h"

__attribute__((section(".note.tandem"), used, aligned(4))) static const tandem_note kNote = {
    sizeof(TANDEM_NOTE_OWNER),
    16,
    TANDEM_NOTE_TYPE,
    TANDEM_NOTE_OWNER,
    TANDEM_ABI_MAJOR + 1,
    0,
    0,
    0};

namespace {
__attribute__((constructor)) void Early() { __builtin_trap(); }
}  // namespace

const tandem_module* tandem_entry(uint32_t, uint32_t) { return nullptr; }
