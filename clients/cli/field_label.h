// SPDX-License-Identifier: Apache-2.0

// What people call a field, in both languages. Pure function.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"

namespace tandem::cli {

// "Home region 所在地" for home_region: the name in words, its unit left out (a page prints units
// with the values), and the Chinese word where there is one.
std::string FieldLabel(const google::protobuf::FieldDescriptor& field);

}  // namespace tandem::cli
