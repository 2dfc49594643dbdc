// SPDX-License-Identifier: Apache-2.0

// Turns a call's descriptor in shared memory into the structs of tandem_plugin.h and runs one
// stage.
#pragma once

#include <cstdint>

#include "host/host_wire.h"
#include "host/segment_table.h"
#include "sdk/tandem_plugin.h"

namespace tandem::host {

// The stage tables of the module; null where it lacks one.
struct StageTables {
  const tandem_filter* filter = nullptr;
  const tandem_score* score = nullptr;
  const tandem_assign* assign = nullptr;
};

// Runs the call described at the start of `call_segment` on `instance`. `ctx` reaches the host's
// functions.
tandem_status RunStage(const SegmentTable& segments, uint64_t call_segment,
                       const StageTables& stages, void* instance, void* ctx);

}  // namespace tandem::host
