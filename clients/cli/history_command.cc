// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <memory>
#include <utility>

#include "cli/cell_text.h"
#include "cli/display_width.h"
#include "cli/parent_flag.h"
#include "cli/record_commands.h"
#include "cli/record_printer.h"
#include "cli/record_text.h"
#include "cli/request_fields.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr int kLargestPage = 1000;

struct HistoryOptions {
  std::string name;
  std::string parent;
  int64_t limit = 50;
  bool all = false;
  bool diff = false;
};

const std::vector<NounColumn>& Columns() {
  static const auto* const kColumns = new std::vector<NounColumn>{
      {"REVISION 修订号", "info.revision", true},
      {"TIME 时间", "info.commit_time"},
      {"WHO 操作者", "info.principal"},
      {"CHANGE 变更", "info.kind"},
      {"FIELDS 字段", "info.changed_paths"},
      {"METHOD 方法", "info.method", false, true},
      {"BEFORE 之前", "info.previous_revision", true, true},
  };
  return *kColumns;
}

// ListAgencyRevisions and its like; nullptr for a record whose history is not kept.
const MethodDescriptor* RevisionsMethod(const Noun& noun) {
  return noun.service->FindMethodByName("List" + noun.Record()->name() + "Revisions");
}

// Prints changes one by one, the newest first: a line of who and when, then what it changed. A
// change is held back until the version before it is known.
class DiffPrinter {
 public:
  DiffPrinter(const Noun& noun, Output output) : noun_(noun), output_(std::move(output)) {}

  absl::Status Add(const Message& revision) {
    const FieldDescriptor* field = RecordField(revision.GetDescriptor(), noun_.Record());
    ASSIGN_OR_RETURN(const std::string yaml,
                     WritableYaml(revision.GetReflection()->GetMessage(revision, field)));
    Print(yaml);
    title_.clear();
    for (const char* path : {"info.revision", "info.commit_time", "info.principal", "info.kind"}) {
      title_ += (title_.empty() ? "" : "  ") + OneLine(CellText(revision, path));
    }
    after_ = yaml;
    first_ = CellText(revision, "info.kind") == "CREATED";
    return absl::OkStatus();
  }

  // The oldest change: what was before it is unknown unless it was the first of all.
  void End() {
    if (first_) {
      Print("");
    } else if (!title_.empty()) {
      output_.out << title_ << '\n';
    }
  }

 private:
  void Print(const std::string& before) {
    if (title_.empty()) return;
    output_.out << (output_.colour ? "\x1b[1m" : "") << title_ << (output_.colour ? "\x1b[0m" : "")
                << '\n'
                << UnifiedDiff(before, after_, "before", "after", output_.colour) << '\n';
  }

  const Noun& noun_;
  const Output output_;
  // The change held back: empty before the first.
  std::string title_;
  std::string after_;
  bool first_ = false;
};

absl::StatusOr<ExitCode> RunHistory(Session& session, const Noun& noun,
                                    const HistoryOptions& options) {
  const MethodDescriptor& method = *RevisionsMethod(noun);
  const Output output = session.output();
  const bool diff = options.diff && output.format == OutputFormat::kTable;
  auto request = NewMessage(method.input_type());
  auto page = NewMessage(method.output_type());
  ASSIGN_OR_RETURN(const std::string name, RecordName(noun, options.name, options.parent));
  SetText(request.get(), "parent", name);
  const int64_t most = options.all ? kLargestPage : std::min<int64_t>(options.limit, kLargestPage);
  SetInt32(request.get(), "page_size", static_cast<int>(most));
  SetBool(request.get(), "include_records", diff);
  const FieldDescriptor* revisions = page->GetDescriptor()->FindFieldByName("revisions");
  ListPrinter list(output, "revisions", Columns());
  DiffPrinter diffs(noun, output);
  client::Pager pages(session.Public(), method, *request);
  int64_t printed = 0;
  std::string next;
  for (;;) {
    ASSIGN_OR_RETURN(bool more, pages.Next(page.get()));
    if (!more) break;
    const auto* reflection = page->GetReflection();
    next = client::TextField(*page, "next_page_token");
    for (int i = 0; i < reflection->FieldSize(*page, revisions); ++i) {
      if (!options.all && printed == options.limit) break;
      const Message& revision = reflection->GetRepeatedMessage(*page, revisions, i);
      ++printed;
      if (diff) {
        RETURN_IF_ERROR(diffs.Add(revision));
      } else if (output.format == OutputFormat::kName) {
        output.out << CellText(revision, "info.revision") << '\n';
      } else {
        RETURN_IF_ERROR(list.Add(revision));
      }
    }
    if (!options.all && printed >= options.limit) break;
  }
  if (diff) {
    diffs.End();
  } else if (output.format != OutputFormat::kName) {
    list.End(next, Int64Field(*page, "revision"));
  }
  const FieldDescriptor* compacted = page->GetDescriptor()->FindFieldByName("compacted");
  if (session.quiet()) return ExitCode::kDone;
  if (!next.empty()) {
    session.err() << printed << " shown, older ones follow: --all, or --limit\n";
  } else if (compacted != nullptr && page->GetReflection()->GetBool(*page, compacted)) {
    session.err() << "there were older changes, which are no longer kept\n";
  }
  return ExitCode::kDone;
}

}  // namespace

void AddHistoryCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  if (RevisionsMethod(noun) == nullptr) return;
  AddCommand<HistoryOptions>(
      parent, chosen, "history", "Tell who changed one of the " + noun.plural + ", when and what",
      [&noun](CLI::App* app, HistoryOptions* options) {
        app->add_option("NAME", options->name, noun.NamePattern() + ", or the id alone")
            ->required();
        AddParentFlag(app, noun, &options->parent);
        auto* limit = app->add_option("--limit", options->limit, "Most changes, the newest first")
                          ->check(CLI::PositiveNumber)
                          ->capture_default_str();
        app->add_flag("--all", options->all, "All that are kept")->excludes(limit);
        app->add_flag("--diff", options->diff, "What each change did, line by line");
      },
      [&noun](Session& session, const HistoryOptions& options) {
        return RunHistory(session, noun, options);
      });
}

}  // namespace tandem::cli
