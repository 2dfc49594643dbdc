// SPDX-License-Identifier: Apache-2.0

#include "cli/man_page.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "cli/command_words.h"

namespace tandem::cli {
namespace {

std::vector<const CLI::App*> Commands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// "-o, --output VALUE" or "NAME...".
std::string OptionHead(const CLI::Option& option) {
  if (option.get_positional()) {
    const bool several = option.get_items_expected_max() > 1;
    return absl::StrCat("\\fI", RoffText(option.get_name(true)), "\\fR", several ? " ..." : "");
  }
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  std::string head = absl::StrCat("\\fB", RoffText(absl::StrJoin(names, ", ")), "\\fR");
  if (TakesValue(option)) absl::StrAppend(&head, " \\fIVALUE\\fR");
  return head;
}

void AppendOptions(const CLI::App& app, std::string* out) {
  for (const CLI::Option* option : app.get_options()) {
    // Every command has --help; the program's page says so.
    if (option == app.get_help_ptr() && app.get_parent() != nullptr) continue;
    std::string text = RoffText(option->get_description());
    if (!option->get_default_str().empty()) {
      absl::StrAppend(&text, " (default: ", RoffText(option->get_default_str()), ")");
    }
    if (option->get_required()) text += " (required)";
    absl::StrAppend(out, ".TP\n", OptionHead(*option), "\n", text, "\n");
  }
}

// "tandem agency get [OPTIONS] NAME...".
std::string Synopsis(const CLI::App& app, const std::string& path) {
  std::string text = absl::StrCat("\\fB", RoffText(path), "\\fR");
  if (!Commands(app).empty()) return text + " \\fICOMMAND\\fR [\\fIOPTIONS\\fR]";
  text += " [\\fIOPTIONS\\fR]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string head = OptionHead(*option);
    absl::StrAppend(&text, " ", option->get_required() ? head : absl::StrCat("[", head, "]"));
  }
  return text;
}

// The command's own footer: CLI11 hands the one of the command above down.
std::string OwnFooter(const CLI::App& app) {
  const std::string footer = app.get_footer();
  const bool handed_down = app.get_parent() != nullptr && app.get_parent()->get_footer() == footer;
  return handed_down ? "" : footer;
}

// The lines of a footer, each on a line of its own.
void AppendFooter(const CLI::App& app, std::string* out) {
  const std::string footer = OwnFooter(app);
  for (absl::string_view line : absl::StrSplit(footer, '\n', absl::SkipWhitespace())) {
    absl::StrAppend(out, RoffText(std::string(absl::StripAsciiWhitespace(line))), "\n.br\n");
  }
  if (!footer.empty()) out->resize(out->size() - 4);  // The last break.
}

std::string Head(const std::string& title, const std::string& version) {
  return absl::StrCat(".\\\" Made by `tandem __man` from the tree of commands.\n.TH ",
                      absl::AsciiStrToUpper(title), " 1 \"\" \"Tandem ", version,
                      "\" \"Tandem\"\n");
}

// One command and those below it, each under a heading of its own.
void AppendCommand(const CLI::App& app, const std::string& path, std::string* out) {
  absl::StrAppend(out, ".SS \"", RoffText(path), "\"\n", RoffText(app.get_description()), "\n.PP\n",
                  Synopsis(app, path), "\n");
  AppendOptions(app, out);
  if (!OwnFooter(app).empty()) {
    out->append(".PP\n");
    AppendFooter(app, out);
  }
  for (const CLI::App* sub : Commands(app)) {
    AppendCommand(*sub, absl::StrCat(path, " ", sub->get_name()), out);
  }
}

ManPage CommandPage(const CLI::App& app, const std::string& root, const std::string& version) {
  const std::string title = absl::StrCat(root, "-", app.get_name());
  const std::string path = absl::StrCat(root, " ", app.get_name());
  std::string text = Head(title, version);
  absl::StrAppend(&text, ".SH NAME\n", RoffText(title), " \\- ", RoffText(app.get_description()),
                  "\n.SH SYNOPSIS\n", Synopsis(app, path), "\n");
  const std::vector<const CLI::App*> commands = Commands(app);
  std::string options;
  AppendOptions(app, &options);
  if (!options.empty()) absl::StrAppend(&text, ".SH OPTIONS\n", options);
  if (!commands.empty()) text += ".SH COMMANDS\n";
  for (const CLI::App* sub : commands) {
    AppendCommand(*sub, absl::StrCat(path, " ", sub->get_name()), &text);
  }
  if (!OwnFooter(app).empty()) {
    text += ".SH NOTES\n";
    AppendFooter(app, &text);
  }
  absl::StrAppend(&text, ".SH SEE ALSO\n.BR ", RoffText(root),
                  " (1),\nfor the options that every command takes\n");
  return {title + ".1", text};
}

ManPage RootPage(const CLI::App& root, const std::string& version) {
  const std::string& name = root.get_name();
  std::string text = Head(name, version);
  absl::StrAppend(&text, ".SH NAME\n", RoffText(name), " \\- ", RoffText(root.get_description()),
                  "\n.SH SYNOPSIS\n", Synopsis(root, name), "\n.SH COMMANDS\n");
  for (const CLI::App* sub : Commands(root)) {
    absl::StrAppend(&text, ".TP\n.BR ", RoffText(name + "-" + sub->get_name()), " (1)\n",
                    RoffText(sub->get_description()), "\n");
  }
  text += ".SH OPTIONS\nEvery command takes these, before or behind its own.\n";
  AppendOptions(root, &text);
  text += ".SH NOTES\n";
  AppendFooter(root, &text);
  return {name + ".1", text};
}

}  // namespace

std::vector<ManPage> ManPages(const CLI::App& root, const std::string& version) {
  std::vector<ManPage> pages = {RootPage(root, version)};
  for (const CLI::App* sub : Commands(root)) {
    pages.push_back(CommandPage(*sub, root.get_name(), version));
  }
  return pages;
}

std::string RoffText(const std::string& text) {
  // A hyphen that can be copied, marks that stay as typed.
  std::string out = absl::StrReplaceAll(text, {{"\\", "\\e"},
                                               {"-", "\\-"},
                                               {"\"", "\\(dq"},
                                               {"`", "\\(ga"},
                                               {"~", "\\(ti"},
                                               {"^", "\\(ha"}});
  // A dot or an apostrophe at the begin of a line would be a request.
  if (!out.empty() && (out[0] == '.' || out[0] == '\'')) out.insert(0, "\\&");
  return absl::StrReplaceAll(out, {{"\n.", "\n\\&."}, {"\n'", "\n\\&'"}});
}

}  // namespace tandem::cli
