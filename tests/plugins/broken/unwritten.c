/* SPDX-License-Identifier: Apache-2.0 */

/* Leaves one cell unwritten. In C: the header alone must do. Its configuration is ignored; the last
 * cell is written only when the call's seed is odd. */
#include "tandem_plugin.h"

TANDEM_ABI_NOTE(0);

static tandem_status Open(const tandem_host* host, void* ctx, void** module) {
  (void)host, (void)ctx;
  *module = 0;
  return TANDEM_OK;
}
static void Close(void* module) { (void)module; }
static tandem_status Create(void* module, void* ctx, tandem_str config, void** inst) {
  (void)module, (void)ctx, (void)config;
  *inst = 0;
  return TANDEM_OK;
}
static void Destroy(void* inst) { (void)inst; }

static tandem_status Run(void* inst, const tandem_call* call, const tandem_problem* problem,
                         tandem_scores* out) {
  (void)inst, (void)problem;
  uint64_t last = call->seed % 2 == 1 ? out->count : out->count - 1;
  for (uint64_t i = 0; i < last; ++i) out->score[i] = 0.25;
  return TANDEM_OK;
}
static const tandem_score kScore = {sizeof(tandem_score), 0, Run};

static const void* Stage(const char* id) {
  const char* score = TANDEM_STAGE_SCORE;
  while (*id != 0 && *id == *score) ++id, ++score;
  return *id == *score ? &kScore : 0;
}

const tandem_module* tandem_entry(uint32_t host_major, uint32_t host_minor) {
  static const tandem_module module = {sizeof(tandem_module),
                                       TANDEM_ABI_MAJOR,
                                       TANDEM_ABI_MINOR,
                                       "broken-unwritten",
                                       "1.0.0",
                                       Open,
                                       Close,
                                       Create,
                                       Destroy,
                                       Stage};
  (void)host_major, (void)host_minor;
  return &module;
}
