// SPDX-License-Identifier: Apache-2.0

// The descriptor set of proto/ with comments, as bytes of the program.
#pragma once

#include <string_view>

namespace tandem::cli {

// A serialised google.protobuf.FileDescriptorSet; valid for the life of the program.
std::string_view EmbeddedDescriptorSet();

}  // namespace tandem::cli
