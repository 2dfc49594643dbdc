// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "absl/strings/str_cat.h"
#include "fmt/format.h"

#include "cli/cell_text.h"
#include "cli/change_commands.h"
#include "cli/display_width.h"
#include "cli/interrupt.h"
#include "cli/json_writer.h"
#include "cli/nearest_word.h"
#include "cli/watched_collection.h"
#include "cpp/call_error.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"
#include "cpp/watcher.h"

namespace tandem::cli {
namespace {

// How soon Ctrl-C is heard.
constexpr absl::Duration kBeat = absl::Milliseconds(200);

struct WatchFlags {
  std::vector<std::string> nouns;
  std::string filter;
  int64_t from = 0;
  bool previous = false;
  bool until_now = false;
};

absl::StatusOr<v1::WatchRequest> RequestOf(const WatchFlags& flags) {
  v1::WatchRequest request;
  for (const std::string& word : flags.nouns) {
    const WatchedCollection* collection = FindCollection(word);
    if (collection == nullptr) {
      std::vector<std::string> known;
      for (const WatchedCollection& one : WatchedCollections()) known.push_back(one.plural);
      return UsageError(absl::StrCat("no changes of ", word, " are told", DidYouMean(word, known)));
    }
    request.add_collections(collection->name);
  }
  if (!flags.filter.empty() && flags.nouns.size() != 1) {
    return UsageError("--filter goes with exactly one noun");
  }
  request.set_filter(flags.filter);
  request.set_start_revision(flags.from);
  request.set_include_previous(flags.previous);
  return request;
}

// The revision, the kind, the name and what the record is called.
std::string EventLine(const v1::ChangeEvent& event) {
  const auto* kind = v1::ChangeKind_descriptor()->FindValueByNumber(event.kind());
  const google::protobuf::Message* record = RecordIn(event.record());
  const std::string title =
      record == nullptr ? "" : OneLine(client::TextField(*record, "display_name"));
  return fmt::format("{}  {:<9}  {}{}{}", event.revision(), kind == nullptr ? "?" : EnumText(kind),
                     OneLine(event.name()), title.empty() ? "" : "  ", title);
}

absl::Status PrintEvent(const Output& output, const v1::ChangeEvent& event) {
  switch (output.format) {
    case OutputFormat::kTable:
      output.out << EventLine(event) << '\n';
      return absl::OkStatus();
    case OutputFormat::kName:
      output.out << event.name() << '\n';
      return absl::OkStatus();
    case OutputFormat::kJson: {
      ASSIGN_OR_RETURN(auto document, ToJson(event));
      output.out << document.dump() << '\n';
      return absl::OkStatus();
    }
    case OutputFormat::kYaml: {
      ASSIGN_OR_RETURN(auto document, ToJson(event));
      output.out << "---\n" << YamlText(document);
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> RunWatch(Session& session, const WatchFlags& flags) {
  ASSIGN_OR_RETURN(v1::WatchRequest request, RequestOf(flags));
  const Output output = session.output();
  client::Watcher watcher(session.Public(), request, [&](const absl::Status& why) {
    if (session.quiet()) return;
    session.err() << fmt::format("connection lost ({}), going on\n",
                                 OneLine(std::string(why.message())));
  });
  const InterruptFlag interrupt;
  while (!interrupt.raised()) {
    ASSIGN_OR_RETURN(std::optional<client::WatchStep> step, watcher.Next(kBeat));
    if (!step) continue;
    for (const v1::ChangeEvent& event : step->events) {
      RETURN_IF_ERROR(PrintEvent(output, event));
    }
    output.out.flush();
    // Nobody reads any more.
    if (!output.out) break;
    if (flags.until_now && step->history) return ExitCode::kDone;
  }
  if (!session.quiet() && watcher.next_revision() > 0) {
    session.err() << fmt::format("stopped; go on with: --from {}\n", watcher.next_revision());
  }
  return ExitCode::kInterrupted;
}

}  // namespace

void AddWatchCommand(CLI::App* root, Action* chosen) {
  AddCommand<WatchFlags>(
      root, chosen, "watch", "Follow changes, one line an event, until Ctrl-C",
      [](CLI::App* app, WatchFlags* flags) {
        app->add_option("NOUN", flags->nouns,
                        "Which records, for example agencies needs (default: all)");
        app->add_option("--filter", flags->filter,
                        "Only records that fit, for example 'assessment.points >= 800'; with one "
                        "noun");
        app->add_option("--from", flags->from,
                        "First revision: one more than the last one seen (default: from now on)")
            ->check(CLI::PositiveNumber);
        app->add_flag("--previous", flags->previous,
                      "The record before the change too (-o json or yaml)");
        app->add_flag("--until-now", flags->until_now, "End when nothing newer is left");
      },
      RunWatch);
}

}  // namespace tandem::cli
