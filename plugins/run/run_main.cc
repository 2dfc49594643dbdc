// SPDX-License-Identifier: Apache-2.0

// tandem-plugin-run: one plugin, one problem, no server. The plugin runs in the real host process,
// and its answer passes the same checks as in the server. Formats: plugins/README.md. Exit status:
// 0 for OK, SKIP and INFEASIBLE, 1 for an error of the plugin, 2 for a wrong argument, file or
// problem.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "model/absl_strings.h"
#include "model/error.h"
#include "plugin/bundle.h"
#include "plugin/generation.h"
#include "plugin/supervisor.h"
#include "problem_file.h"
#include "run_output.h"
#include "sdk/tandem_plugin.h"

namespace tandem::run {
namespace {

constexpr int kExitPlugin = 1;
constexpr int kExitUsage = 2;

struct Arguments {
  std::string plugin, problem, config, manifest, stage, host;
  std::string output = "table";
  double timeout_s = 60;
};

int Report(const absl::Status& status, int code) {
  std::optional<model::Reason> reason = model::ErrorReason(status);
  std::cerr << "tandem-plugin-run: "
            << (reason ? std::string(model::ReasonName(*reason)) : "INTERNAL") << ": "
            << status.message() << "\n";
  return code;
}

bool ReadFile(const std::string& path, std::string* out) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    std::cerr << "tandem-plugin-run: can't read " << path << "\n";
    return false;
  }
  *out = text.str();
  return true;
}

// tandem-plugin-host lies beside this program.
std::string DefaultHost() {
  char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
  std::string self(path, n > 0 ? static_cast<size_t>(n) : 0);
  return self.substr(0, self.rfind('/') + 1) + "tandem-plugin-host";
}

// The stage asked for, else the one the problem is made for.
std::string ChooseStage(const Arguments& arguments, uint64_t offered, bool has_scores) {
  if (!arguments.stage.empty()) return arguments.stage;
  auto offers = [offered](wire::Stage stage) {
    return (offered & static_cast<uint64_t>(stage)) != 0;
  };
  if (offers(wire::Stage::kAssign) && has_scores) return "assign";
  if (offers(wire::Stage::kScore)) return "score";
  if (offers(wire::Stage::kFilter)) return "filter";
  return "assign";
}

int RunStage(const Arguments& arguments, plugin::Generation& generation, const ProblemFile& file) {
  const bool json = arguments.output == "json";
  plugin::GenerationStatus status = generation.status();
  Identity identity{status.module_id, status.module_version};
  plugin::CallOptions options;
  options.deadline = absl::Now() + absl::Seconds(arguments.timeout_s);
  const size_t n = file.pair_ends.size();
  std::string stage = ChooseStage(arguments, status.stages, file.has_scores);
  std::string text;
  if (stage == "score") {
    std::vector<double> scores(n);
    auto outcome =
        generation.Score(file.problem, arguments.config, options, absl::MakeSpan(scores));
    if (!outcome.ok()) return Report(outcome.status(), kExitPlugin);
    text = *outcome == plugin::StageOutcome::kSkipped
               ? SkippedText(identity, TANDEM_STAGE_SCORE, json)
               : ScoresText(identity, file, scores, json);
  } else if (stage == "filter") {
    std::vector<uint8_t> verdicts(n);
    std::vector<uint16_t> reasons(n);
    auto outcome = generation.Filter(file.problem, arguments.config, options,
                                     absl::MakeSpan(verdicts), absl::MakeSpan(reasons));
    if (!outcome.ok()) return Report(outcome.status(), kExitPlugin);
    text =
        *outcome == plugin::StageOutcome::kSkipped
            ? SkippedText(identity, TANDEM_STAGE_FILTER, json)
            : VerdictsText(identity, file, verdicts, reasons, generation.manifest().reasons, json);
  } else {
    auto result = generation.Assign(file.problem, file.terms, arguments.config, options);
    if (!result.ok()) return Report(result.status(), kExitPlugin);
    text = AssignmentText(identity, file, *result, json);
  }
  std::cout << text << std::flush;
  return std::cout ? 0 : kExitUsage;
}

int Main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"Runs one plugin on one problem outside the server."};
  app.add_option("--plugin", arguments.plugin, "The plugin's library, for example lib/plugin.so")
      ->required();
  app.add_option("--problem", arguments.problem, "The problem, a JSON file")->required();
  app.add_option("--config", arguments.config, "The plugin's configuration, a JSON object");
  app.add_option("--manifest", arguments.manifest,
                 "The bundle's manifest.json: enforces its reads and ranges");
  app.add_option("--stage", arguments.stage,
                 "filter, score or assign; default: what fits the problem")
      ->check(CLI::IsMember({"filter", "score", "assign"}));
  app.add_option("-o,--output", arguments.output, "json or table")
      ->check(CLI::IsMember({"json", "table"}));
  app.add_option("--timeout", arguments.timeout_s, "Seconds the call may take")
      ->check(CLI::PositiveNumber);
  app.add_option("--host", arguments.host,
                 "The tandem-plugin-host program; default: beside this one");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  std::string problem_text, manifest_text;
  if (!ReadFile(arguments.problem, &problem_text)) return kExitUsage;
  if (!arguments.manifest.empty() && !ReadFile(arguments.manifest, &manifest_text))
    return kExitUsage;
  ProblemFile file;
  if (absl::Status read = ReadProblem(problem_text, &file); !read.ok())
    return Report(read, kExitUsage);

  auto bundle = plugin::OpenLibrary(arguments.plugin, manifest_text);
  if (!bundle.ok()) return Report(bundle.status(), kExitPlugin);
  auto supervisor = plugin::Supervisor::Start();
  if (!supervisor.ok()) return Report(supervisor.status(), kExitPlugin);
  auto generation = plugin::Generation::Start(
      *supervisor, arguments.host.empty() ? DefaultHost() : arguments.host, *bundle, 1, {});
  if (!generation.ok()) return Report(generation.status(), kExitPlugin);
  int code = RunStage(arguments, **generation, file);
  for (const std::string& line : (*generation)->Logs()) std::cerr << line << "\n";
  return code;
}

}  // namespace
}  // namespace tandem::run

int main(int argc, char** argv) { return tandem::run::Main(argc, argv); }
