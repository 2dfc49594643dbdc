// SPDX-License-Identifier: Apache-2.0

#include "cli/context_commands.h"
#include "cli/json_writer.h"
#include "cli/noun.h"
#include "cli/request_fields.h"
#include "cpp/status_macros.h"
#include "tandem/v1/region_service.pb.h"

namespace tandem::cli {
namespace {

struct NoOptions {};

// The server knows one principal until it can tell people apart; what it would answer is said here
// only after it was reached.
constexpr char kPrincipal[] = "local";

absl::StatusOr<ExitCode> RunWhoami(Session& session, const NoOptions&) {
  // The cheapest read there is: its answer tells the revision.
  v1::ListRegionsRequest request;
  request.set_page_size(1);
  v1::ListRegionsResponse answer;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.RegionService.ListRegions", request, &answer));
  const GlobalOptions& options = session.options();
  const Output output = session.output();
  if (output.format == OutputFormat::kName) {
    output.out << kPrincipal << '\n';
    return ExitCode::kDone;
  }
  const nlohmann::ordered_json document = {{"principal", kPrincipal},
                                           {"authentication", "none"},
                                           {"context", options.context},
                                           {"server", options.server},
                                           {"revision", std::to_string(answer.revision())}};
  if (output.format == OutputFormat::kJson) {
    output.out << JsonText(document) << '\n';
  } else if (output.format == OutputFormat::kYaml) {
    output.out << YamlText(document);
  } else {
    output.out << kPrincipal << " (no authentication yet 尚无身份认证)\n"
               << "  context 上下文   " << (options.context.empty() ? "(none)" : options.context)
               << "\n  server 服务器    " << options.server << "\n  revision 修订号  "
               << answer.revision() << '\n';
  }
  return ExitCode::kDone;
}

}  // namespace

void AddWhoamiCommand(CLI::App* root, Action* chosen) {
  AddCommand<NoOptions>(
      root, chosen, "whoami", "Tell which server is asked and as whom",
      [](CLI::App*, NoOptions*) {}, RunWhoami);
}

}  // namespace tandem::cli
