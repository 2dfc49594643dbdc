// SPDX-License-Identifier: Apache-2.0

// Whether others may change what lies in the data directory. Whoever can, can put another store
// there, and reads the key that page tokens are sealed with.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace tandem::server {

// DATA_DIR_INVALID when `data_dir` exists and its group or everybody may write to it. What is no
// directory is left to whoever opens it.
absl::Status CheckNotWritableByOthers(const std::string& data_dir);

}  // namespace tandem::server
