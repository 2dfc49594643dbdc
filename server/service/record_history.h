// SPDX-License-Identifier: Apache-2.0

// Reads the history of one record backwards, version by version.
#pragma once

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/resource_traits.h"
#include "service/directory.h"
#include "tandem/v1/revision_info.pb.h"

namespace tandem::service {

// One step of a history.
struct HistoryStep {
  v1::RevisionInfo info;
  // The version's wire form; valid during the call.
  std::string_view bytes;
};

// Receives steps, newest first. Returning false ends the history there.
using HistoryVisitor = absl::FunctionRef<bool(const HistoryStep&)>;

// How a history ended.
enum class HistoryEnd {
  // The visitor had enough.
  kStopped,
  // At the record's creation.
  kComplete,
  // Before it: older versions are no longer kept.
  kCompacted,
};

// Visits the steps of record `id` that are not newer than `from`. May block. RECORD_CORRUPT.
absl::StatusOr<HistoryEnd> ReadHistory(const model::ResourceTraits& resource,
                                       const Directory& directory, std::string_view id,
                                       store::Revision from, HistoryVisitor visit);

}  // namespace tandem::service
