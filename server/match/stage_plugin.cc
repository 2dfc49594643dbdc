// SPDX-License-Identifier: Apache-2.0

#include "match/stage_plugin.h"

#include <utility>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::match {
namespace {

// One generation, passed through.
class LoadedPlugin final : public StagePlugin {
 public:
  explicit LoadedPlugin(std::shared_ptr<plugin::Generation> generation)
      : generation_(std::move(generation)) {}
  const plugin::Manifest& manifest() const override { return generation_->manifest(); }
  std::string_view digest() const override { return generation_->digest(); }
  uint64_t generation() const override { return generation_->number(); }
  absl::StatusOr<plugin::StageOutcome> Filter(const plugin::Problem& problem,
                                              std::string_view config_json,
                                              const plugin::CallOptions& options,
                                              absl::Span<uint8_t> verdicts,
                                              absl::Span<uint16_t> reasons) override {
    return generation_->Filter(problem, config_json, options, verdicts, reasons);
  }
  absl::StatusOr<plugin::StageOutcome> Score(const plugin::Problem& problem,
                                             std::string_view config_json,
                                             const plugin::CallOptions& options,
                                             absl::Span<double> scores) override {
    return generation_->Score(problem, config_json, options, scores);
  }
  absl::StatusOr<plugin::AssignResult> Assign(const plugin::Problem& problem,
                                              const plugin::AssignTerms& terms,
                                              std::string_view config_json,
                                              const plugin::CallOptions& options) override {
    return generation_->Assign(problem, terms, config_json, options);
  }

 private:
  const std::shared_ptr<plugin::Generation> generation_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<StagePlugin>> EnabledPlugins::Find(std::string_view id) const {
  if (snapshot_ == nullptr) {
    return model::MakeError(model::Reason::kPluginNotLoaded,
                            StrCat("plugins/", id, " is not enabled: this server has no plugins"),
                            {{"plugin", id}});
  }
  ASSIGN_OR_RETURN(std::shared_ptr<plugin::Generation> generation, snapshot_->Find(id));
  return std::shared_ptr<StagePlugin>(std::make_shared<LoadedPlugin>(std::move(generation)));
}

}  // namespace tandem::match
