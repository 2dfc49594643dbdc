// SPDX-License-Identifier: Apache-2.0

// A plugin library nobody vouches for, read as data before any code of it runs.
#include <string_view>

#include "expect.h"
#include "plugin/elf_image.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto note = tandem::plugin::InspectLibrary(bytes);
  if (note.ok()) {
    FUZZ_EXPECT(bytes.substr(0, 4) ==
                "\x7f"
                "ELF");
    // The answer depends on nothing but the bytes.
    FUZZ_EXPECT(tandem::plugin::InspectLibrary(bytes)->major == note->major);
  } else {
    FUZZ_EXPECT(tandem::fuzz::IsOurError(note.status()));
  }
  return 0;
}
