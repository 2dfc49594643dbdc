// SPDX-License-Identifier: Apache-2.0

// The C++ wrapper of tandem_plugin.h: write one class, end the file with TANDEM_PLUGIN(Class).
// Header-only, C++17, no dependency. The wrapper supplies the version note, the entry point, the
// exception wall and the stage tables.
//
//   class TravelDays {
//    public:
//     static constexpr const char* kId = "travel-days";
//     static constexpr const char* kVersion = "1.2.0";
//     explicit TravelDays(const tandem::Config& config) : max_days_(config.number("max_days", 5))
//     {} void Score(const tandem::Problem& problem, tandem::Span<double> score) const;
//    …
//   };
//   TANDEM_PLUGIN(TravelDays)
//
// A stage exists when the class has its member, else it is absent:
//   void Filter(const tandem::Problem&, tandem::Verdicts)
//   void Score(const tandem::Problem&, tandem::Span<double>)
//   void Assign(const tandem::Problem&, tandem::Assignment&)
// A class without a constructor from Config takes no configuration: any key is refused.
#pragma once

#include <exception>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tandem_config.hpp"
#include "tandem_plugin.h"
#include "tandem_problem.hpp"

namespace tandem {

// Builds the C tables around a plugin class. Use it through TANDEM_PLUGIN.
template <typename T>
class Adapter {
 public:
  // What tandem_entry returns.
  static const tandem_module* Entry(uint32_t host_major) noexcept {
    static const tandem_module module = {sizeof(tandem_module),
                                         TANDEM_ABI_MAJOR,
                                         TANDEM_ABI_MINOR,
                                         T::kId,
                                         T::kVersion,
                                         &Open,
                                         &Close,
                                         &Create,
                                         &Destroy,
                                         &Stage};
    return host_major == TANDEM_ABI_MAJOR ? &module : nullptr;
  }

 private:
  template <typename U>
  using FilterOf =
      decltype(std::declval<U&>().Filter(std::declval<const Problem&>(), std::declval<Verdicts>()));
  template <typename U>
  using ScoreOf = decltype(std::declval<U&>().Score(std::declval<const Problem&>(),
                                                    std::declval<Span<double>>()));
  template <typename U>
  using AssignOf = decltype(std::declval<U&>().Assign(std::declval<const Problem&>(),
                                                      std::declval<Assignment&>()));

  template <template <typename> class Member, typename = void>
  struct Has : std::false_type {};
  template <template <typename> class Member>
  struct Has<Member, std::void_t<Member<T>>> : std::true_type {};

  static_assert(
      Has<FilterOf>::value || Has<ScoreOf>::value || Has<AssignOf>::value,
      "a plugin needs at least one of Filter, Score, Assign with the documented arguments");

  static inline const tandem_host* host_ = nullptr;

  // Runs fn; whatever it throws becomes a status with its text.
  template <typename Fn>
  static tandem_status Wall(void* ctx, Fn&& fn) noexcept {
    auto fail = [ctx](tandem_status code, std::string_view why) {
      return host_->fail(ctx, code, tandem_str{why.data(), why.size()});
    };
    try {
      fn();
      return TANDEM_OK;
    } catch (const Error& error) {
      return fail(error.code(), error.what());
    } catch (const std::bad_alloc&) {
      return fail(TANDEM_NO_MEMORY, "out of memory");
    } catch (const std::exception& error) {
      return fail(TANDEM_INTERNAL, error.what());
    } catch (...) {
      return fail(TANDEM_INTERNAL, "an exception of unknown type");
    }
  }

  static tandem_status Open(const tandem_host* host, void*, void** module) noexcept {
    host_ = host;
    *module = nullptr;
    return TANDEM_OK;
  }
  static void Close(void*) noexcept {}
  static tandem_status Create(void*, void* ctx, tandem_str config_json, void** inst) noexcept {
    return Wall(ctx, [&] {
      Config config(std::string_view(config_json.ptr, config_json.len));
      std::unique_ptr<T> made;
      if constexpr (std::is_constructible_v<T, const Config&>) {
        made = std::make_unique<T>(config);
      } else {
        made = std::make_unique<T>();
      }
      config.RefuseUnknownKeys();
      *inst = made.release();
    });
  }
  static void Destroy(void* inst) noexcept { delete static_cast<T*>(inst); }

  static const void* Stage(const char* stage_id) noexcept {
    std::string_view id(stage_id);
    if constexpr (Has<FilterOf>::value) {
      static const tandem_filter filter = {sizeof(tandem_filter), 0, &RunFilter};
      if (id == TANDEM_STAGE_FILTER) return &filter;
    }
    if constexpr (Has<ScoreOf>::value) {
      static const tandem_score score = {sizeof(tandem_score), 0, &RunScore};
      if (id == TANDEM_STAGE_SCORE) return &score;
    }
    if constexpr (Has<AssignOf>::value) {
      static const tandem_assign assign = {sizeof(tandem_assign), 0, &RunAssign};
      if (id == TANDEM_STAGE_ASSIGN) return &assign;
    }
    return nullptr;
  }
  static tandem_status RunFilter(void* inst, const tandem_call* call, const tandem_problem* problem,
                                 tandem_verdicts* out) noexcept {
    return Wall(call->ctx, [&] {
      static_cast<T*>(inst)->Filter(Problem(host_, call, problem), Verdicts(out));
    });
  }
  static tandem_status RunScore(void* inst, const tandem_call* call, const tandem_problem* problem,
                                tandem_scores* out) noexcept {
    return Wall(call->ctx, [&] {
      static_cast<T*>(inst)->Score(Problem(host_, call, problem),
                                   Span<double>(out->score, static_cast<size_t>(out->count)));
    });
  }
  static tandem_status RunAssign(void* inst, const tandem_call* call, const tandem_problem* problem,
                                 tandem_assignment* out) noexcept {
    return Wall(call->ctx, [&] {
      Assignment assignment(problem, out);
      static_cast<T*>(inst)->Assign(Problem(host_, call, problem), assignment);
    });
  }
};

}  // namespace tandem

// Write once, at file scope, after the plugin's class.
#define TANDEM_PLUGIN(Class) TANDEM_PLUGIN_NEEDS_MINOR(Class, 0)

// The same for a plugin that uses what a later minor added.
#define TANDEM_PLUGIN_NEEDS_MINOR(Class, minor)                                     \
  TANDEM_ABI_NOTE(minor);                                                           \
  const tandem_module* tandem_entry(uint32_t host_major, uint32_t /*host_minor*/) { \
    return tandem::Adapter<Class>::Entry(host_major);                               \
  }
