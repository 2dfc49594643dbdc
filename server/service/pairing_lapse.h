// SPDX-License-Identifier: Apache-2.0

// Proposals nobody answered by their round's deadline lapse. The verbs refuse to accept them from
// that moment on; this writes it down and gives the slots of one-sided acceptances back.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "service/directory.h"

namespace tandem::service {

// Lapses at most `limit` of them in one commit and returns how many; fewer than `limit` means that
// none was left. Uses the directory's catalog, reader, committer and clock. Waits for disk and
// committer: for a thread of its own. A pairing that is answered or a round whose windows are moved
// meanwhile is left for the next time. RECORD_CORRUPT when a record could not be read; the others
// have lapsed all the same.
absl::StatusOr<int64_t> LapseProposals(const Directory& directory, int64_t limit);

}  // namespace tandem::service
