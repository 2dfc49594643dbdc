// SPDX-License-Identifier: Apache-2.0

#include "cli/descriptor_set.h"

// The assembler takes the file as it is: an array of 300,000 numbers would cost the compiler
// seconds at every change of a comment.
asm(".section .rodata\n"
    ".hidden tandem_descriptor_set_begin\n"
    ".hidden tandem_descriptor_set_end\n"
    ".global tandem_descriptor_set_begin\n"
    ".global tandem_descriptor_set_end\n"
    "tandem_descriptor_set_begin:\n"
    ".incbin \"" TANDEM_DESCRIPTOR_SET
    "\"\n"
    "tandem_descriptor_set_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char tandem_descriptor_set_begin[];
extern const char tandem_descriptor_set_end[];
}

namespace tandem::cli {

std::string_view EmbeddedDescriptorSet() {
  return {tandem_descriptor_set_begin,
          static_cast<size_t>(tandem_descriptor_set_end - tandem_descriptor_set_begin)};
}

}  // namespace tandem::cli
