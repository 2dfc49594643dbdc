// SPDX-License-Identifier: Apache-2.0

// A plugin as a run uses it: the three stages of one generation. An interface, so that the failure
// policies can be tested against plugins that fail on command.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "plugin/manifest.h"
#include "plugin/plugin_registry.h"
#include "plugin/problem.h"

namespace tandem::match {

// Threads: any. Results have passed the plugin layer's checks.
class StagePlugin {
 public:
  virtual ~StagePlugin() = default;
  virtual const plugin::Manifest& manifest() const = 0;
  virtual std::string_view digest() const = 0;
  virtual uint64_t generation() const = 0;
  // As plugin::Generation.
  virtual absl::StatusOr<plugin::StageOutcome> Filter(const plugin::Problem& problem,
                                                      std::string_view config_json,
                                                      const plugin::CallOptions& options,
                                                      absl::Span<uint8_t> verdicts,
                                                      absl::Span<uint16_t> reasons) = 0;
  virtual absl::StatusOr<plugin::StageOutcome> Score(const plugin::Problem& problem,
                                                     std::string_view config_json,
                                                     const plugin::CallOptions& options,
                                                     absl::Span<double> scores) = 0;
  virtual absl::StatusOr<plugin::AssignResult> Assign(const plugin::Problem& problem,
                                                      const plugin::AssignTerms& terms,
                                                      std::string_view config_json,
                                                      const plugin::CallOptions& options) = 0;
};

// The plugins enabled at one moment. Threads: any.
class StagePlugins {
 public:
  virtual ~StagePlugins() = default;
  // PLUGIN_NOT_LOADED when `id` (without "plugins/") is not enabled.
  virtual absl::StatusOr<std::shared_ptr<StagePlugin>> Find(std::string_view id) const = 0;
};

// Those of a registry.
class EnabledPlugins final : public StagePlugins {
 public:
  // `snapshot` may be null: nothing is enabled.
  explicit EnabledPlugins(std::shared_ptr<const plugin::RegistrySnapshot> snapshot)
      : snapshot_(std::move(snapshot)) {}
  absl::StatusOr<std::shared_ptr<StagePlugin>> Find(std::string_view id) const override;

 private:
  const std::shared_ptr<const plugin::RegistrySnapshot> snapshot_;
};

// The id in "plugins/{id}".
inline std::string_view PluginIdOf(std::string_view name) {
  return name.substr(name.find('/') + 1);
}

}  // namespace tandem::match
