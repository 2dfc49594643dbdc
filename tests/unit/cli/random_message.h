// SPDX-License-Identifier: Apache-2.0

// Makes messages with random contents, for round trips.
#pragma once

#include <random>

#include "google/protobuf/message.h"

namespace tandem::cli::testing {

// Fills about half of the fields, nested ones too.
void FillRandomly(google::protobuf::Message* message, std::mt19937_64* random);

// A text with letters of several scripts, quotes, commas, blanks, line ends and escapes; may be
// empty.
std::string RandomText(std::mt19937_64* random);

}  // namespace tandem::cli::testing
