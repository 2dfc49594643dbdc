// SPDX-License-Identifier: Apache-2.0

// What changed between two versions of a record, as the paths an update mask would name.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace tandem::model {

// Most paths that are told one by one; of more, only the first parts are told, each once.
inline constexpr size_t kMaxChangedPaths = 100;

// The fields in which two versions of one type differ, in the order of declaration: paths through
// single messages ("assessment.points"), one for each entry of a map ("labels.k"), a repeated field
// as a whole. Without the server's tail, which every write changes.
std::vector<std::string> ChangedPaths(const google::protobuf::Message& before,
                                      const google::protobuf::Message& after);

}  // namespace tandem::model
