// SPDX-License-Identifier: Apache-2.0

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "model/absl_strings.h"
#include "model/excerpt.h"
#include "model/record_rules.h"
#include "model/resource_name.h"
#include "model/unique_items.h"

namespace tandem::model {
namespace {

void CheckPlugin(const std::string& plugin, const std::string& path, RuleFindings* findings) {
  if (!plugin.empty() && !IsNameIn("plugins", plugin)) {
    findings->Add(StrCat(path, ".plugin"),
                  StrCat("\"", Excerpt(plugin, 80), "\" is not plugins/{id}"));
  }
}

void CheckConfig(const std::string& json, const std::string& path, RuleFindings* findings) {
  if (json.empty()) return;
  google::protobuf::Struct object;
  auto status = google::protobuf::util::JsonStringToMessage(json, &object);
  if (!status.ok()) {
    findings->Add(StrCat(path, ".config_json"), "is not a JSON object");
  }
}

void CheckForbiddenPairs(const v1::HardRules& rules, RuleFindings* findings) {
  for (int i = 0; i < rules.forbidden_pairs_size(); ++i) {
    const std::string& partner = rules.forbidden_pairs(i).partner();
    if (!IsNameIn("regions", partner) && !IsNameIn("agencies", partner)) {
      findings->AddAt(
          "hard_rules.forbidden_pairs", i, "partner",
          StrCat("\"", Excerpt(partner, 80), "\" is neither regions/{id} nor agencies/{id}"));
    }
  }
}

}  // namespace

void CheckMatchProfile(const v1::MatchProfile& profile, RuleFindings* findings) {
  CheckForbiddenPairs(profile.hard_rules(), findings);
  for (int i = 0; i < profile.filters_size(); ++i) {
    const v1::FilterStep& step = profile.filters(i);
    std::string path = StrCat("filters[", i, "]");
    CheckPlugin(step.plugin(), path, findings);
    CheckConfig(step.config_json(), path, findings);
    if (step.failure_policy() == v1::FAILURE_POLICY_FALL_BACK) {
      findings->Add(StrCat(path, ".failure_policy"),
                    "the server has no filter of its own to fall back on");
    }
  }
  for (int i = 0; i < profile.scorers_size(); ++i) {
    const v1::ScoreStep& step = profile.scorers(i);
    std::string path = StrCat("scorers[", i, "]");
    CheckPlugin(step.plugin(), path, findings);
    CheckConfig(step.config_json(), path, findings);
    if (step.failure_policy() == v1::FAILURE_POLICY_FALL_BACK) {
      findings->Add(StrCat(path, ".failure_policy"),
                    "the server has no scorer of its own to fall back on");
    }
  }
  CheckPlugin(profile.solver().plugin(), "solver", findings);
  CheckConfig(profile.solver().config_json(), "solver", findings);
  if (profile.solver().failure_policy() == v1::FAILURE_POLICY_SKIP) {
    findings->Add("solver.failure_policy",
                  "a run without a solver has no result: fail or fall back");
  }
  // A pair's parts are told by plugin; the same one twice could not be told apart.
  CheckUnique(
      profile.scorers(), "scorers", "plugin",
      [](const v1::ScoreStep& step) { return step.plugin(); }, findings);
  CheckUnique(
      profile.filters(), "filters", "plugin",
      [](const v1::FilterStep& step) { return step.plugin(); }, findings);
  CheckUnique(
      profile.reserves(), "reserves", "designation",
      [](const v1::ReserveGroup& group) { return group.designation(); }, findings);
  CheckUniqueTexts(profile.hard_rules().gap_waived_designations(),
                   "hard_rules.gap_waived_designations", findings);
}

}  // namespace tandem::model
