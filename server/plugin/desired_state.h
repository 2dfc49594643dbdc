// SPDX-License-Identifier: Apache-2.0

// Where the registry keeps what an operator wants loaded and enabled, so that a restart brings it
// back.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tandem/storage/v1/plugin_manifest.pb.h"

namespace tandem::plugin {

// Threads: the registry calls one method at a time.
class DesiredStateStore {
 public:
  virtual ~DesiredStateStore() = default;
  // What was saved last; empty when nothing ever was. RECORD_CORRUPT when it can't be read.
  virtual absl::StatusOr<storage::v1::DesiredPlugins> Read() = 0;
  // Durable when it returns OK; otherwise the old state stays. STORAGE_FAILED.
  virtual absl::Status Write(const storage::v1::DesiredPlugins& desired) = 0;
};

// A small JSON file, replaced whole: written beside, synced, renamed, and the folder synced.
class DesiredStateFile : public DesiredStateStore {
 public:
  explicit DesiredStateFile(std::string path) : path_(std::move(path)) {}
  absl::StatusOr<storage::v1::DesiredPlugins> Read() override;
  absl::Status Write(const storage::v1::DesiredPlugins& desired) override;

 private:
  const std::string path_;
};

}  // namespace tandem::plugin
