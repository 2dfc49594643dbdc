// SPDX-License-Identifier: Apache-2.0

#include "cli/round_commands.h"

#include "tandem/v1/round_service.pb.h"

#include "cli/noun.h"
#include "cli/record_printer.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct RoundOptions {
  std::string name;
  std::string etag;
};

const Noun& RoundNoun() { return FindNoun("round"); }

template <typename Request>
absl::StatusOr<ExitCode> RunVerb(Session& session, const RoundOptions& options,
                                 const std::string& method) {
  Request request;
  request.set_name(RoundNoun().FullName(options.name));
  request.set_etag(options.etag);
  v1::Round round;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.RoundService." + method, request, &round));
  RETURN_IF_ERROR(PrintRecord(session.output(), RoundNoun(), round));
  return ExitCode::kDone;
}

void AddFlags(CLI::App* app, RoundOptions* options) {
  app->add_option("NAME", options->name, "rounds/{id}, or the id alone")->required();
  app->add_option("--etag", options->etag, "Only when the round still has this etag");
}

}  // namespace

void AddRoundCommands(CLI::App* round, Action* chosen) {
  AddCommand<RoundOptions>(round, chosen, "open", "Open a draft for offers and needs", AddFlags,
                           [](Session& session, const RoundOptions& options) {
                             return RunVerb<v1::OpenRoundRequest>(session, options, "OpenRound");
                           });
  AddCommand<RoundOptions>(
      round, chosen, "freeze", "Fix an open round and pin its profile and plugins", AddFlags,
      [](Session& session, const RoundOptions& options) {
        return RunVerb<v1::FreezeRoundRequest>(session, options, "FreezeRound");
      });
}

}  // namespace tandem::cli
