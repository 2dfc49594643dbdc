// SPDX-License-Identifier: Apache-2.0

#include "cli/pairing_commands.h"

#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "tandem/v1/pairing_service.pb.h"

#include "cli/json_writer.h"
#include "cli/noun.h"
#include "cli/number_text.h"
#include "cli/record_printer.h"
#include "cli/request_fields.h"
#include "cli/text_table.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

// Beside name, actor, etag and request id.
struct VerbOptions {
  std::string name;
  std::string actor;
  int64_t slots = 0;
  std::string reason;
  std::string date;
  std::string reference;
  std::string successor;
  std::string etag;
  std::string request_id;
};

// One verb: a row a command. Which flags it has comes from the fields of its request.
struct VerbRow {
  const char* word;
  const char* method;
  const char* help;
};

constexpr VerbRow kVerbs[] = {
    {"accept", "AcceptPairing", "Say yes for one side, to all slots or a part of them"},
    {"decline", "DeclinePairing", "Say no for one side"},
    {"agree", "AgreePairing", "Put the signed agreement (结对协议) on record"},
    {"activate", "ActivatePairing", "Begin the work of an agreed pairing"},
    {"pause", "PausePairing", "Interrupt the work"},
    {"resume", "ResumePairing", "Take the work up again"},
    {"complete", "CompletePairing", "End the work as planned"},
    {"withdraw", "WithdrawPairing", "Take a pairing back before the work began"},
    {"fail", "FailPairing", "End the work because it broke off"},
    {"supersede", "SupersedePairing", "End a pairing that another one replaces"},
};

const Noun& PairingNoun() { return FindNoun("pairing"); }

const google::protobuf::FieldDescriptor* FieldOf(const google::protobuf::Descriptor* type,
                                                 std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const auto* field = type->FindFieldByName(name)) return field;
  }
  return nullptr;
}

// The request's own day: of the work or of the agreement.
const google::protobuf::FieldDescriptor* DateField(const google::protobuf::Descriptor* type) {
  return FieldOf(type, {"start_date", "end_date"});
}

void AddVerbFlags(CLI::App* app, const google::protobuf::Descriptor* type, VerbOptions* options) {
  app->add_option("NAME", options->name, "pairings/{id}, or the id alone")->required();
  app->add_option("--by", options->actor,
                  "Who does it: agency, county or coordinator (default where it may)")
      ->check(CLI::IsMember({"agency", "county", "coordinator"}));
  if (type->FindFieldByName("slots") != nullptr) {
    app->add_option("--slots", options->slots, "How many of the slots (default: all)")
        ->check(CLI::PositiveNumber);
  }
  if (type->FindFieldByName("reason") != nullptr) {
    app->add_option("--reason", options->reason, "Why");
  }
  const bool agreement = type->FindFieldByName("agreement") != nullptr;
  if (agreement) {
    app->add_option("--reference", options->reference, "The agreement's number");
  }
  if (agreement || DateField(type) != nullptr) {
    app->add_option("--date", options->date, "The day, YYYY-MM-DD (default: today)");
  }
  if (type->FindFieldByName("superseded_by") != nullptr) {
    app->add_option("--with", options->successor, "The pairing that takes its place");
  }
  app->add_option("--etag", options->etag, "Only when the pairing still has this etag");
  app->add_option("--request-id", options->request_id,
                  "UUID that makes a repeated command harmless");
}

absl::StatusOr<ExitCode> RunVerb(Session& session, const VerbRow& verb,
                                 const VerbOptions& options) {
  const Noun& noun = PairingNoun();
  const auto* method = noun.service->FindMethodByName(verb.method);
  const auto* type = method->input_type();
  auto request = NewMessage(type);
  const auto* reflection = request->GetReflection();
  SetText(request.get(), "name", noun.FullName(options.name));
  SetText(request.get(), "etag", options.etag);
  SetText(request.get(), "request_id", options.request_id);
  if (!options.actor.empty()) {
    v1::PairingActor actor = v1::PAIRING_ACTOR_UNSPECIFIED;
    v1::PairingActor_Parse("PAIRING_ACTOR_" + absl::AsciiStrToUpper(options.actor), &actor);
    reflection->SetEnumValue(request.get(), type->FindFieldByName("actor"), actor);
  }
  if (options.slots > 0) {
    reflection->SetInt64(request.get(), type->FindFieldByName("slots"), options.slots);
  }
  if (!options.reason.empty()) SetText(request.get(), "reason", options.reason);
  if (!options.successor.empty()) {
    SetText(request.get(), "superseded_by", noun.FullName(options.successor));
  }
  if (const auto* agreement = type->FindFieldByName("agreement")) {
    auto* paper = reflection->MutableMessage(request.get(), agreement);
    SetText(paper, "agreement_date", options.date);
    SetText(paper, "reference", options.reference);
  } else if (!options.date.empty()) {
    SetText(request.get(), DateField(type)->name(), options.date);
  }
  v1::Pairing pairing;
  RETURN_IF_ERROR(session.Public().Call(*method, *request, &pairing));
  RETURN_IF_ERROR(PrintRecord(session.output(), noun, pairing));
  return ExitCode::kDone;
}

struct FollowUpOptions {
  std::string name;
  int day = 0;
  std::string date;
  std::string finding;
  std::string etag;
};

absl::StatusOr<ExitCode> RunFollowUp(Session& session, const FollowUpOptions& options) {
  v1::RecordFollowUpRequest request;
  request.set_name(PairingNoun().FullName(options.name));
  request.set_etag(options.etag);
  request.mutable_follow_up()->set_day(options.day);
  request.mutable_follow_up()->set_follow_up_date(options.date);
  request.mutable_follow_up()->set_finding(options.finding);
  v1::Pairing pairing;
  RETURN_IF_ERROR(
      session.Public().Call("tandem.v1.PairingService.RecordFollowUp", request, &pairing));
  if (session.output().format != OutputFormat::kTable) {
    RETURN_IF_ERROR(PrintRecord(session.output(), PairingNoun(), pairing));
    return ExitCode::kDone;
  }
  TextTable table({{"DAY 天", true}, {"DATE 日期"}, {"FINDING 回访情况", false, 80}});
  for (const v1::FollowUp& follow_up : pairing.follow_ups()) {
    table.AddRow(
        {fmt::format("{}", follow_up.day()), follow_up.follow_up_date(), follow_up.finding()});
  }
  table.Flush(session.output().out, session.output().colour);
  return ExitCode::kDone;
}

struct ProgressOptions {
  std::string name;
};

// A measure's target and what was reached; either may be missing.
struct Progress {
  const v1::Measure* target = nullptr;
  const v1::Measure* actual = nullptr;
};

absl::StatusOr<ExitCode> RunProgress(Session& session, const ProgressOptions& options) {
  v1::GetPairingRequest request;
  request.set_name(PairingNoun().FullName(options.name));
  v1::Pairing pairing;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.PairingService.GetPairing", request, &pairing));
  std::map<std::string, Progress> measures;
  for (const v1::Measure& target : pairing.targets()) measures[target.measure()].target = &target;
  for (const v1::Measure& actual : pairing.actuals()) measures[actual.measure()].actual = &actual;
  TextTable table({{"MEASURE 指标"},
                   {"TARGET 目标", true},
                   {"ACTUAL 实际", true},
                   {"REACHED 完成", true},
                   {"EVIDENCE 依据", false, 48}});
  auto rows = nlohmann::ordered_json::array();
  for (const auto& [name, progress] : measures) {
    nlohmann::ordered_json row = {{"measure", name}};
    std::string reached;
    if (progress.target != nullptr) row["target"] = progress.target->value();
    if (progress.actual != nullptr) row["actual"] = progress.actual->value();
    if (progress.target != nullptr && progress.actual != nullptr && progress.target->value() > 0) {
      // In floating point, as the counts may be as large as they like.
      reached = fmt::format("{:.0f} %", 100.0 * static_cast<double>(progress.actual->value()) /
                                            static_cast<double>(progress.target->value()));
      row["reached"] = reached;
    }
    table.AddRow({name, progress.target == nullptr ? "" : GroupedNumber(progress.target->value()),
                  progress.actual == nullptr ? "" : GroupedNumber(progress.actual->value()),
                  reached, progress.actual == nullptr ? "" : progress.actual->evidence()});
    rows.push_back(std::move(row));
  }
  const Output output = session.output();
  const nlohmann::ordered_json document = {{"name", pairing.name()}, {"measures", rows}};
  switch (output.format) {
    case OutputFormat::kJson:
      output.out << JsonText(document) << '\n';
      break;
    case OutputFormat::kYaml:
      output.out << YamlText(document);
      break;
    default:
      table.Flush(output.out, output.colour);
  }
  return ExitCode::kDone;
}

}  // namespace

void AddPairingCommands(CLI::App* pairing, Action* chosen) {
  for (const VerbRow& verb : kVerbs) {
    AddCommand<VerbOptions>(
        pairing, chosen, verb.word, verb.help,
        [&verb](CLI::App* app, VerbOptions* options) {
          AddVerbFlags(app, PairingNoun().service->FindMethodByName(verb.method)->input_type(),
                       options);
        },
        [&verb](Session& session, const VerbOptions& options) {
          return RunVerb(session, verb, options);
        });
  }
  AddCommand<FollowUpOptions>(
      pairing, chosen, "follow-up", "Record the look back after 30, 90, 180 or 365 days",
      [](CLI::App* app, FollowUpOptions* options) {
        app->add_option("NAME", options->name, "pairings/{id}, or the id alone")->required();
        app->add_option("--day", options->day, "30, 90, 180 or 365")
            ->required()
            ->check(CLI::IsMember({30, 90, 180, 365}));
        app->add_option("--date", options->date, "Day it was made, YYYY-MM-DD (default: today)");
        app->add_option("--finding", options->finding, "What was found");
        app->add_option("--etag", options->etag, "Only when the pairing still has this etag");
      },
      RunFollowUp);
  AddCommand<ProgressOptions>(
      pairing, chosen, "progress", "What was agreed to reach beside what was reached",
      [](CLI::App* app, ProgressOptions* options) {
        app->add_option("NAME", options->name, "pairings/{id}, or the id alone")->required();
      },
      RunProgress);
}

}  // namespace tandem::cli
