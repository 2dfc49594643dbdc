// SPDX-License-Identifier: Apache-2.0

#include "run_output.h"

#include <charconv>
#include <cstdio>

#include "model/absl_strings.h"
#include "nlohmann/json.hpp"
#include "sdk/tandem_plugin.h"

namespace tandem::run {
namespace {

using Json = nlohmann::ordered_json;

Json Head(const Identity& plugin, const char* stage, const char* status) {
  return Json{
      {"plugin", plugin.id}, {"version", plugin.version}, {"stage", stage}, {"status", status}};
}

// Shortest text that reads back as the same number.
std::string NumberText(double value) {
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr};
}

std::string Row(const std::pair<uint32_t, uint32_t>& ends, std::string_view rest) {
  char start[32];
  std::snprintf(start, sizeof(start), "%4u  %5u  ", ends.first, ends.second);
  return StrCat(std::string(start), rest, "\n");
}

}  // namespace

std::string ScoresText(const Identity& plugin, const ProblemFile& file,
                       absl::Span<const double> scores, bool json) {
  if (!json) {
    std::string out = "need  offer  score\n";
    for (size_t i = 0; i < scores.size(); ++i) out += Row(file.pair_ends[i], NumberText(scores[i]));
    return out;
  }
  Json out = Head(plugin, TANDEM_STAGE_SCORE, "OK");
  out["scores"] = Json::array();
  for (size_t i = 0; i < scores.size(); ++i) {
    out["scores"].push_back({{"need", file.pair_ends[i].first},
                             {"offer", file.pair_ends[i].second},
                             {"score", scores[i]}});
  }
  return out.dump() + "\n";
}

std::string VerdictsText(const Identity& plugin, const ProblemFile& file,
                         absl::Span<const uint8_t> verdicts, absl::Span<const uint16_t> reasons,
                         const std::vector<std::string>& reason_texts, bool json) {
  static constexpr const char* kNames[] = {"KEEP", "DROP", "DROP_FOR_GOOD"};
  Json out = Head(plugin, TANDEM_STAGE_FILTER, "OK");
  out["verdicts"] = Json::array();
  std::string table = "need  offer  verdict\n";
  for (size_t i = 0; i < verdicts.size(); ++i) {
    Json line = {{"need", file.pair_ends[i].first},
                 {"offer", file.pair_ends[i].second},
                 {"verdict", kNames[verdicts[i]]}};
    std::string cell = kNames[verdicts[i]];
    if (verdicts[i] != TANDEM_KEEP) {
      line["reason"] =
          reasons[i] < reason_texts.size() ? Json(reason_texts[reasons[i]]) : Json(reasons[i]);
      StrAppend(&cell, "  ", line["reason"].dump());
    }
    out["verdicts"].push_back(std::move(line));
    table += Row(file.pair_ends[i], cell);
  }
  return json ? out.dump() + "\n" : table;
}

std::string AssignmentText(const Identity& plugin, const ProblemFile& file,
                           const plugin::AssignResult& result, bool json) {
  Json out = Head(plugin, TANDEM_STAGE_ASSIGN, result.feasible ? "OK" : "INFEASIBLE");
  if (!result.feasible) {
    if (result.violated_group) {
      out["group"] = *result.violated_group;
      const std::string& name = file.group_names[*result.violated_group];
      if (!name.empty()) out["group_name"] = name;
      out["short"] = result.units_short;
    }
    out["why"] = result.why;
    if (json) return out.dump() + "\n";
    std::string text = "INFEASIBLE";
    if (result.violated_group) {
      StrAppend(&text, ": group ",
                out.contains("group_name") ? out["group_name"].dump() : out["group"].dump(), " is ",
                result.units_short, " units short");
    }
    return StrCat(text, result.why.empty() ? "" : "; ", result.why, "\n");
  }
  out["objective"] = result.objective;
  out["assignment"] = Json::array();
  std::string table = "need  offer  units\n";
  for (const plugin::AssignedPair& entry : result.assignment) {
    const auto& ends = file.pair_ends[entry.pair];
    out["assignment"].push_back(
        {{"need", ends.first}, {"offer", ends.second}, {"units", entry.units}});
    table += Row(ends, StrCat(entry.units));
  }
  if (result.potentials) {
    out["potentials"] = {{"needs", result.potentials->need},
                         {"offers", result.potentials->offer},
                         {"groups", result.potentials->group}};
  }
  return json ? out.dump() + "\n" : StrCat(table, "objective ", result.objective, "\n");
}

std::string SkippedText(const Identity& plugin, const char* stage, bool json) {
  return json ? Head(plugin, stage, "SKIP").dump() + "\n" : "SKIP: the plugin has nothing to say\n";
}

}  // namespace tandem::run
