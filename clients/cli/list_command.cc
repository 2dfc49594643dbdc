// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "fmt/format.h"

#include "cli/parent_flag.h"
#include "cli/record_commands.h"
#include "cli/record_printer.h"
#include "cli/request_fields.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

constexpr int kLargestPage = 1000;

struct ListOptions {
  std::string parent;
  std::string filter;
  std::string order_by;
  std::string page_token;
  std::string as_of;
  int page_size = 0;
  int64_t limit = 0;
  bool all = false;
  bool show_deleted = false;
};

absl::StatusOr<ExitCode> RunList(Session& session, const Noun& noun, const ListOptions& options) {
  RETURN_IF_ERROR(CheckColumns(session.output(), *noun.Record()));
  const auto* method = noun.Method("List");
  auto request = NewMessage(method->input_type());
  if (!noun.parent_word.empty()) {
    const std::string every = FindNoun(noun.parent_word).FullName("-");
    SetText(request.get(), "parent",
            options.parent.empty() ? every : ParentName(noun, options.parent));
  }
  SetText(request.get(), "filter", options.filter);
  SetText(request.get(), "order_by", options.order_by);
  SetText(request.get(), "page_token", options.page_token);
  SetBool(request.get(), "show_deleted", options.show_deleted);
  if (!options.as_of.empty()) SetText(request.get(), "as_of_date", options.as_of);
  int page_size = options.page_size;
  if (page_size == 0 && (options.all || options.limit > 0)) page_size = kLargestPage;
  if (options.limit > 0) {
    page_size = static_cast<int>(std::min<int64_t>(page_size, options.limit));
  }
  SetInt32(request.get(), "page_size", page_size);

  auto page = NewMessage(method->output_type());
  const auto* records = RecordField(page->GetDescriptor(), noun.Record());
  ListPrinter list(session.output(), noun.Collection(), noun.columns);
  client::Pager pages(session.Public(), *method, *request);
  int64_t printed = 0;
  std::string next;
  for (;;) {
    ASSIGN_OR_RETURN(bool more, pages.Next(page.get()));
    if (!more) break;
    const auto* reflection = page->GetReflection();
    next = client::TextField(*page, "next_page_token");
    // A page that holds more than is asked for ends the list inside it: no token continues there.
    while (options.limit > 0 && printed + reflection->FieldSize(*page, records) > options.limit) {
      reflection->RemoveLast(page.get(), records);
      next.clear();
    }
    printed += reflection->FieldSize(*page, records);
    RETURN_IF_ERROR(list.AddPage(*page, records));
    const bool enough = options.limit > 0 ? printed >= options.limit : !options.all;
    if (enough) break;
  }
  list.End(next, Int64Field(*page, "revision"));
  if (!next.empty() && !session.quiet() && session.output().format == OutputFormat::kTable) {
    session.err() << fmt::format("{} shown, more follow: --all, or --page-token {}\n", printed,
                                 next);
  }
  return ExitCode::kDone;
}

}  // namespace

void AddListCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<ListOptions>(
      parent, chosen, "list", "List " + noun.plural,
      [&noun](CLI::App* app, ListOptions* options) {
        AddParentFlag(app, noun, &options->parent);
        app->add_option("--filter", options->filter,
                        "Which records, for example 'assessment.points >= 800'");
        app->add_option("--order-by", options->order_by,
                        "Comma-separated fields, each with an optional ' desc'");
        app->add_option("--page-size", options->page_size, "Records a page (server default: 50)")
            ->check(CLI::Range(1, kLargestPage));
        app->add_option("--page-token", options->page_token, "Where the last list ended");
        auto* limit = app->add_option("--limit", options->limit, "Most records in all")
                          ->check(CLI::PositiveNumber);
        app->add_flag("--all", options->all, "All pages")->excludes(limit);
        app->add_flag("--show-deleted", options->show_deleted, "Deleted records too");
        if (HasField(noun.Method("List")->input_type(), "as_of_date")) {
          app->add_option("--as-of", options->as_of, "Only what was valid on this day, YYYY-MM-DD");
        }
      },
      [&noun](Session& session, const ListOptions& options) {
        return RunList(session, noun, options);
      });
}

}  // namespace tandem::cli
