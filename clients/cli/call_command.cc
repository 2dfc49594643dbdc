// SPDX-License-Identifier: Apache-2.0

#include "cli/call_command.h"

#include <vector>

#include "cli/error_printer.h"
#include "cli/interrupt.h"
#include "cli/json_writer.h"
#include "cli/method_finder.h"
#include "cli/noun.h"
#include "cli/record_printer.h"
#include "cli/request_source.h"
#include "cpp/message_stream.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// How long a stream waits before it looks for Ctrl-C again.
constexpr absl::Duration kGlance = absl::Milliseconds(100);
// Answers that wait for a slow reader of our output before the server is made to wait.
constexpr size_t kMostWaiting = 64;

struct CallOptions {
  std::string method;
  std::string data;
  bool admin = false;
};

absl::StatusOr<const client::Client*> ClientFor(Session& session, const MethodDescriptor& method,
                                                bool admin) {
  if (admin || IsAdminService(*method.service())) return session.Admin();
  return &session.Public();
}

// One answer: indented, or on a line of its own in a stream. There is no table of any message.
absl::Status PrintAnswerOf(const MethodDescriptor& method, Output output, const Message& answer) {
  if (output.format == OutputFormat::kYaml) {
    if (method.server_streaming()) output.out << "---\n";
    return PrintAnswer(output, answer);
  }
  ASSIGN_OR_RETURN(auto document, ToJson(answer));
  output.out << (method.server_streaming() ? document.dump() : JsonText(document)) << '\n';
  return absl::OkStatus();
}

absl::Status CallUnary(Session& session, const client::Client& client,
                       const MethodDescriptor& method, RequestSource* source) {
  auto request = NewMessage(method.input_type());
  auto answer = NewMessage(method.output_type());
  ASSIGN_OR_RETURN(bool any, source->Next(request.get()));
  if (any) {
    auto second = NewMessage(method.input_type());
    ASSIGN_OR_RETURN(bool more, source->Next(second.get()));
    if (more) return UsageError(method.name() + " takes one message; -d holds several");
  }
  RETURN_IF_ERROR(client.Call(method, *request, answer.get()));
  return PrintAnswerOf(method, session.output(), *answer);
}

// Prints the answers that are there; waits for the first of them at most `limit`.
absl::Status PrintWaiting(Session& session, const MethodDescriptor& method, absl::Duration limit,
                          client::MessageStream* stream) {
  auto answer = NewMessage(method.output_type());
  while (std::optional<std::string> bytes = stream->Read(limit)) {
    if (!answer->ParseFromString(*bytes)) {
      return absl::InternalError("an answer of " + method.full_name() + " can't be read");
    }
    RETURN_IF_ERROR(PrintAnswerOf(method, session.output(), *answer));
    limit = absl::ZeroDuration();
  }
  session.output().out.flush();
  return absl::OkStatus();
}

// Streams may last for ever: --timeout holds for sending and ending only, Ctrl-C ends the call.
absl::StatusOr<ExitCode> CallStream(Session& session, const client::Client& client,
                                    const MethodDescriptor& method, RequestSource* source) {
  const InterruptFlag interrupt;
  const absl::Duration timeout = client.options().timeout;
  client::MessageStream stream(client.channel(), method, kMostWaiting);
  bool sent_one = false;
  for (;;) {
    auto request = NewMessage(method.input_type());
    ASSIGN_OR_RETURN(bool any, source->Next(request.get()));
    // A method that takes one message gets an empty one when none is given.
    if (!any && (sent_one || method.client_streaming())) break;
    if (sent_one && !method.client_streaming()) {
      return UsageError(method.name() + " takes one message; -d holds several");
    }
    sent_one = true;
    if (!stream.Write(request->SerializeAsString(), timeout)) break;
    RETURN_IF_ERROR(PrintWaiting(session, method, absl::ZeroDuration(), &stream));
    if (!any || interrupt.raised()) break;
  }
  stream.FinishWriting();
  while (!stream.ended() && !interrupt.raised() && session.output().out) {
    RETURN_IF_ERROR(PrintWaiting(session, method, kGlance, &stream));
  }
  RETURN_IF_ERROR(PrintWaiting(session, method, absl::ZeroDuration(), &stream));
  if (interrupt.raised()) return ExitCode::kInterrupted;
  if (!session.output().out) return ExitCode::kFailed;
  RETURN_IF_ERROR(stream.Close(timeout));
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunCall(Session& session, const CallOptions& options) {
  ASSIGN_OR_RETURN(const MethodDescriptor* method, FindMethod(options.method));
  ASSIGN_OR_RETURN(auto source, RequestSource::Open(options.data));
  ASSIGN_OR_RETURN(const client::Client* client, ClientFor(session, *method, options.admin));
  absl::StatusOr<ExitCode> outcome = ExitCode::kDone;
  if (method->client_streaming() || method->server_streaming()) {
    outcome = CallStream(session, *client, *method, source.get());
  } else {
    const absl::Status status = CallUnary(session, *client, *method, source.get());
    if (!status.ok()) outcome = status;
  }
  if (outcome.ok() || IsUsageError(outcome.status())) return outcome;
  session.output().out.flush();
  PrintError(session.err(), outcome.status(), client->options().target, session.colour_errors());
  PrintErrorDetails(session.err(), outcome.status());
  return ExitCodeFor(outcome.status().code());
}

}  // namespace

void AddCallCommand(CLI::App* root, Action* chosen) {
  AddCommand<CallOptions>(
      root, chosen, "call", "Call any method of the API with JSON",
      [](CLI::App* app, CallOptions* options) {
        app->add_option("METHOD", options->method,
                        "SERVICE/METHOD, for example AgencyService/GetAgency")
            ->required();
        app->add_option("-d,--data", options->data,
                        "The request as JSON, @FILE, or - for standard input; several objects for "
                        "a method that takes a stream");
        app->add_flag("--admin", options->admin, "Use the admin socket, as for admin services");
      },
      RunCall);
}

}  // namespace tandem::cli
