// SPDX-License-Identifier: Apache-2.0

// Records of any type in one text, told apart by their names.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "google/protobuf/message.h"

namespace tandem::cli {

// One record read from a text.
struct NamedRecord {
  std::unique_ptr<google::protobuf::Message> record;
  // Where it begins, from 1.
  size_t line = 1;
};

// The message a record of this name is read into; nullptr when no type has such names. The message
// is copied, not kept.
using PrototypeOf = std::function<const google::protobuf::Message*(const std::string& name)>;

// Why PrototypeOf has no answer for `name`, with the nearest collection.
std::string WrongNameMessage(const std::string& name);

}  // namespace tandem::cli
