// SPDX-License-Identifier: Apache-2.0

#include "cli/unit_commands.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "fmt/format.h"
#include "tandem/v1/region_service.pb.h"
#include "tandem/v1/service_category_service.pb.h"
#include "tandem/v1/succession.pb.h"

#include "cli/cell_text.h"
#include "cli/display_width.h"
#include "cli/number_text.h"
#include "cli/record_printer.h"
#include "cli/request_fields.h"
#include "cli/text_table.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using google::protobuf::Message;

constexpr char kDayHelp[] = "The day, YYYY-MM-DD (server default: today in UTC)";
constexpr int kLargestPage = 1000;

struct ResolveOptions {
  std::vector<std::string> units;
  std::string code_list;
  std::string code_date;
  std::string as_of;
};

struct CountOptions {
  std::string collection;
  std::string filter;
  std::string level;
  std::string as_of;
};

struct StaleOptions {
  std::string as_of;
  int64_t limit = 0;
};

// "regions/1 600 ‰, regions/2 400 ‰".
std::string SharesText(const google::protobuf::RepeatedPtrField<v1::UnitShare>& shares,
                       int32_t unresolved) {
  std::vector<std::string> parts;
  for (const v1::UnitShare& share : shares) {
    parts.push_back(share.share_permille() == 1000
                        ? share.unit()
                        : fmt::format("{} {} ‰", share.unit(), share.share_permille()));
  }
  if (unresolved > 0) {
    parts.push_back(unresolved == 1000 ? std::string("nobody 无")
                                       : fmt::format("nobody 无 {} ‰", unresolved));
  }
  return absl::StrJoin(parts, ", ");
}

// The field of a key that holds the list a code belongs to.
std::string CodeListField(const Noun& noun) {
  return noun.word == "region" ? "code_scheme" : "taxonomy";
}

// A repeated message field of an answer, as the class all nouns share.
template <typename T>
std::vector<const T*> Elements(const Message& answer, const std::string& name) {
  const auto* field = answer.GetDescriptor()->FindFieldByName(name);
  std::vector<const T*> elements;
  for (int i = 0; i < answer.GetReflection()->FieldSize(answer, field); ++i) {
    elements.push_back(
        static_cast<const T*>(&answer.GetReflection()->GetRepeatedMessage(answer, field, i)));
  }
  return elements;
}

absl::StatusOr<ExitCode> RunResolve(Session& session, const Noun& noun,
                                    const ResolveOptions& options) {
  const auto* method = noun.Method("Resolve");
  auto request = NewMessage(method->input_type());
  SetText(request.get(), "as_of_date", options.as_of);
  const auto* keys = request->GetDescriptor()->FindFieldByName("keys");
  for (const std::string& unit : options.units) {
    Message* key = request->GetReflection()->AddMessage(request.get(), keys);
    if (unit.find('/') != std::string::npos) {
      SetText(key, key->GetDescriptor()->field(0)->name(), unit);
      continue;
    }
    SetText(key, "code", unit);
    SetText(key, CodeListField(noun), options.code_list);
    SetText(key, "code_date", options.code_date);
  }
  auto answer = NewMessage(method->output_type());
  RETURN_IF_ERROR(session.Public().Call(*method, *request, answer.get()));
  const Output output = session.output();
  if (output.format == OutputFormat::kJson || output.format == OutputFormat::kYaml) {
    RETURN_IF_ERROR(PrintAnswer(output, *answer));
    return ExitCode::kDone;
  }
  const auto results = Elements<v1::ResolvedUnit>(*answer, "results");
  if (output.format == OutputFormat::kName) {
    for (const v1::ResolvedUnit* result : results) {
      for (const v1::UnitShare& share : result->shares()) output.out << share.unit() << '\n';
    }
    return ExitCode::kDone;
  }
  TextTable table({{"ASKED 所问"}, {"UNIT 单位"}, {"NOW 现为"}});
  for (size_t i = 0; i < results.size(); ++i) {
    table.AddRow({OneLine(options.units[i]), results[i]->unit().empty() ? "–" : results[i]->unit(),
                  SharesText(results[i]->shares(), results[i]->unresolved_permille())});
  }
  table.Flush(output.out, output.colour);
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunCount(Session& session, const Noun& noun, const CountOptions& options) {
  const auto* method = noun.Method("Count");
  auto request = NewMessage(method->input_type());
  SetText(request.get(), "collection", options.collection);
  SetText(request.get(), "filter", options.filter);
  SetText(request.get(), "as_of_date", options.as_of);
  if (!options.level.empty()) {
    const auto* level = request->GetDescriptor()->FindFieldByName("level");
    request->GetReflection()->SetEnum(request.get(), level,
                                      level->enum_type()->FindValueByName(
                                          "REGION_LEVEL_" + absl::AsciiStrToUpper(options.level)));
  }
  auto answer = NewMessage(method->output_type());
  RETURN_IF_ERROR(session.Public().Call(*method, *request, answer.get()));
  const Output output = session.output();
  if (output.format == OutputFormat::kJson || output.format == OutputFormat::kYaml) {
    RETURN_IF_ERROR(PrintAnswer(output, *answer));
    return ExitCode::kDone;
  }
  TextTable table({{"UNIT 单位"}, {"RECORDS 记录", true}, {"CARRIED 并入", true}});
  for (const v1::UnitCount* count : Elements<v1::UnitCount>(*answer, "counts")) {
    if (output.format == OutputFormat::kName) output.out << count->unit() << '\n';
    table.AddRow({count->unit(), GroupedNumber(count->record_count()),
                  GroupedNumber(count->carried_count())});
  }
  if (output.format == OutputFormat::kName) return ExitCode::kDone;
  table.Flush(output.out, output.colour);
  output.out << fmt::format("{} in all, {} carried from ended units, {} without a place\n",
                            GroupedNumber(Int64Field(*answer, "total_count")),
                            GroupedNumber(Int64Field(*answer, "carried_count")),
                            GroupedNumber(Int64Field(*answer, "unplaced_count")));
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunStale(Session& session, const Noun& noun, const StaleOptions& options) {
  const auto* method = noun.Method("ListStale");
  auto request = NewMessage(method->input_type());
  SetText(request.get(), "as_of_date", options.as_of);
  SetInt32(request.get(), "page_size", kLargestPage);
  client::Pager pages(session.Public(), *method, *request);
  auto page = NewMessage(method->output_type());
  const Output output = session.output();
  const bool document =
      output.format == OutputFormat::kJson || output.format == OutputFormat::kYaml;
  TextTable table(
      {{"RECORD 记录"}, {"FIELD 字段"}, {"ENDED UNIT 已失效"}, {"SINCE 止于"}, {"NOW 现为"}});
  auto whole = NewMessage(method->output_type());
  int64_t found = 0;
  bool more = true;
  while (more) {
    ASSIGN_OR_RETURN(more, pages.Next(page.get()));
    if (!more) break;
    for (const v1::StaleReference* stale : Elements<v1::StaleReference>(*page, "references")) {
      if (options.limit > 0 && found == options.limit) {
        more = false;
        break;
      }
      ++found;
      if (output.format == OutputFormat::kName) {
        output.out << stale->record() << '\n';
      } else if (document) {
        const auto* field = whole->GetDescriptor()->FindFieldByName("references");
        whole->GetReflection()->AddMessage(whole.get(), field)->CopyFrom(*stale);
      } else {
        table.AddRow({stale->record(), stale->field_path(), stale->unit(),
                      stale->ended_date().empty() ? "–" : stale->ended_date(),
                      SharesText(stale->successors(), stale->unresolved_permille())});
      }
    }
    if (!document) table.Flush(output.out, output.colour);
  }
  if (document) RETURN_IF_ERROR(PrintAnswer(output, *whole));
  if (output.format == OutputFormat::kTable && !session.quiet()) {
    session.err() << Counted(found, "reference", "references") << " to ended " << noun.plural
                  << '\n';
  }
  return ExitCode::kDone;
}

}  // namespace

void AddUnitCommands(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<ResolveOptions>(
      parent, chosen, "resolve", "Tell what became of " + noun.plural + ", by code or name",
      [&noun](CLI::App* app, ResolveOptions* options) {
        app->add_option("UNIT", options->units, "Codes, or " + noun.Collection() + "/{id}")
            ->required();
        if (noun.word == "region") {
          app->add_option("--scheme", options->code_list,
                          "The code list (server default: gbt2260)");
        } else {
          app->add_option("--taxonomy", options->code_list, "The taxonomy the codes belong to");
        }
        app->add_option("--code-date", options->code_date, "The day the codes were meant on");
        app->add_option("--as-of", options->as_of, kDayHelp);
      },
      [&noun](Session& session, const ResolveOptions& options) {
        return RunResolve(session, noun, options);
      });
  AddCommand<CountOptions>(
      parent, chosen, "count", "Count records by " + noun.word + ", over successors",
      [&noun](CLI::App* app, CountOptions* options) {
        app->add_option("COLLECTION", options->collection, "agencies, needs, offers or pairings")
            ->required();
        app->add_option("--filter", options->filter, "Which records");
        if (noun.word == "region") {
          app->add_option("--level", options->level, "Count at regions of this level")
              ->check(CLI::IsMember({"province", "prefecture", "county", "township"}));
        }
        app->add_option("--as-of", options->as_of, kDayHelp);
      },
      [&noun](Session& session, const CountOptions& options) {
        return RunCount(session, noun, options);
      });
  AddCommand<StaleOptions>(
      parent, chosen, "stale", "List the references to " + noun.plural + " that have ended",
      [](CLI::App* app, StaleOptions* options) {
        app->add_option("--as-of", options->as_of, kDayHelp);
        app->add_option("--limit", options->limit, "Most references")->check(CLI::PositiveNumber);
      },
      [&noun](Session& session, const StaleOptions& options) {
        return RunStale(session, noun, options);
      });
}

}  // namespace tandem::cli
