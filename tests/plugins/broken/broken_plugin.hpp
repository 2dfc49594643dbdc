// SPDX-License-Identifier: Apache-2.0

// Frame of the plugins that break exactly one rule each. With {"break": false} they behave, so that
// a test sees the same plugin work after it failed.
#pragma once

#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "tandem_plugin.hpp"

// A scorer: `breaking` are the statements that run in Score, with `problem` and `score` in reach.
#define BROKEN_SCORER(id, breaking)                                                       \
  namespace {                                                                             \
  class Broken {                                                                          \
   public:                                                                                \
    static constexpr const char* kId = id;                                                \
    static constexpr const char* kVersion = "1.0.0";                                      \
    explicit Broken(const tandem::Config& config) : break_(config.flag("break", true)) {} \
    void Score(const tandem::Problem& problem, tandem::Span<double> score) const {        \
      for (double& cell : score) cell = 0.5;                                              \
      if (!break_) return;                                                                \
      [[maybe_unused]] const tandem::Problem& used = problem;                             \
      breaking                                                                            \
    }                                                                                     \
                                                                                          \
   private:                                                                               \
    bool break_;                                                                          \
  };                                                                                      \
  }                                                                                       \
  TANDEM_PLUGIN(Broken)

// A solver that gives every pair one unit as long as need and offer have room; `breaking` are the
// statements that run after that, with `problem`, `assignment` and the C struct `out` in reach.
#define BROKEN_SOLVER(id, breaking)                                                         \
  namespace {                                                                               \
  tandem_status Run(void* inst, const tandem_call*, const tandem_problem* problem,          \
                    tandem_assignment* out) {                                               \
    std::vector<int64_t> left(problem->offer_units,                                         \
                              problem->offer_units + problem->pairs->n_offers);             \
    for (uint64_t need = 0; need < problem->pairs->n_needs; ++need) {                       \
      int64_t room = problem->need_units[need];                                             \
      uint64_t end = problem->pairs->row_start[need + 1];                                   \
      for (uint64_t pair = problem->pairs->row_start[need]; pair < end; ++pair) {           \
        uint32_t offer = problem->pairs->offer[pair];                                       \
        if (room == 0 || left[offer] == 0) continue;                                        \
        --room;                                                                             \
        --left[offer];                                                                      \
        out->pair[out->count] = pair;                                                       \
        out->units[out->count++] = 1;                                                       \
        out->objective = static_cast<int64_t>(static_cast<uint64_t>(out->objective) +       \
                                              static_cast<uint64_t>(problem->score[pair])); \
      }                                                                                     \
    }                                                                                       \
    if (*static_cast<bool*>(inst)) {                                                        \
      breaking                                                                              \
    }                                                                                       \
    return TANDEM_OK;                                                                       \
  }                                                                                         \
  tandem_status Open(const tandem_host*, void*, void** module) {                            \
    return *module = nullptr, TANDEM_OK;                                                    \
  }                                                                                         \
  void Close(void*) {}                                                                      \
  tandem_status Create(void*, void*, tandem_str config, void** inst) {                      \
    *inst = new bool(tandem::Config({config.ptr, config.len}).flag("break", true));         \
    return TANDEM_OK;                                                                       \
  }                                                                                         \
  void Destroy(void* inst) { delete static_cast<bool*>(inst); }                             \
  const void* Stage(const char* stage_id) {                                                 \
    static const tandem_assign assign = {sizeof(assign), 0, &Run};                          \
    return std::string_view(stage_id) == TANDEM_STAGE_ASSIGN ? &assign : nullptr;           \
  }                                                                                         \
  }                                                                                         \
  TANDEM_ABI_NOTE(0);                                                                       \
  const tandem_module* tandem_entry(uint32_t, uint32_t) {                                   \
    static const tandem_module module = {                                                   \
        sizeof(module), TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR, id,       "1.0.0",              \
        &Open,          &Close,           &Create,          &Destroy, &Stage};              \
    return &module;                                                                         \
  }
