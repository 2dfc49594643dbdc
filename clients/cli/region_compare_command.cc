// SPDX-License-Identifier: Apache-2.0

#include "cli/region_compare_command.h"

#include <map>
#include <set>
#include <vector>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "tandem/v1/region_service.pb.h"

#include "cli/display_width.h"
#include "cli/number_text.h"
#include "cli/text_table.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

constexpr int kLargestPage = 1000;

struct CompareOptions {
  std::vector<std::string> schemes;
  std::string as_of;
  bool names_only = false;
};

// What is compared of a region.
struct Entry {
  std::string name;
  std::string title;
  v1::RegionLevel level = v1::REGION_LEVEL_UNSPECIFIED;
  std::string parent;
  std::vector<std::string> same_as;
};

// The regions of one list, by code.
struct CodeList {
  std::map<std::string, Entry> by_code;
  std::map<std::string, std::string> code_of_name;

  // The code of the unit above; empty at the top.
  std::string ParentCode(const Entry& entry) const {
    auto it = code_of_name.find(entry.parent);
    return it == code_of_name.end() ? entry.parent : it->second;
  }
};

// One difference.
struct Difference {
  std::string code;
  // "only", "code", "name", "level" or "parent".
  std::string kind;
  // What each list has; empty: nothing.
  std::string left;
  std::string right;
};

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

absl::StatusOr<CodeList> ReadList(Session& session, const std::string& scheme,
                                  const std::string& day) {
  v1::ListRegionsRequest request;
  request.set_filter("code_scheme = " + Quoted(scheme));
  request.set_as_of_date(day);
  request.set_page_size(kLargestPage);
  const auto* method =
      v1::ListRegionsRequest::descriptor()->file()->service(0)->FindMethodByName("ListRegions");
  client::Pager pages(session.Public(), *method, request);
  CodeList list;
  v1::ListRegionsResponse page;
  for (;;) {
    ASSIGN_OR_RETURN(bool more, pages.Next(&page));
    if (!more) break;
    for (const v1::Region& region : page.regions()) {
      Entry& entry = list.by_code[region.code()];
      entry = {region.name(),
               region.display_name(),
               region.level(),
               region.parent_region(),
               {region.same_as().begin(), region.same_as().end()}};
      list.code_of_name[region.name()] = region.code();
    }
  }
  if (list.by_code.empty()) {
    return UsageError(fmt::format("no region has the code scheme {} on {}", scheme, day));
  }
  return list;
}

// The unit of `right` that is the same as `entry` of `left`, told by either; null when none is.
const std::string* SameCode(const Entry& entry, const CodeList& right) {
  for (const std::string& name : entry.same_as) {
    if (auto it = right.code_of_name.find(name); it != right.code_of_name.end()) return &it->second;
  }
  return nullptr;
}

// Pairs of codes that the lists themselves call the same unit.
std::map<std::string, std::string> Mapped(const CodeList& left, const CodeList& right) {
  std::map<std::string, std::string> codes;
  for (const auto& [code, entry] : left.by_code) {
    if (const std::string* same = SameCode(entry, right)) codes.emplace(code, *same);
  }
  for (const auto& [code, entry] : right.by_code) {
    if (const std::string* same = SameCode(entry, left)) codes.emplace(*same, code);
  }
  return codes;
}

std::string Title(const std::string& code, const Entry& entry) {
  return code + " " + OneLine(entry.title);
}

std::vector<Difference> Compare(const CodeList& left, const CodeList& right, bool names_only,
                                int64_t* same) {
  const std::map<std::string, std::string> mapped = Mapped(left, right);
  std::set<std::string> met;
  std::vector<Difference> found;
  for (const auto& [code, entry] : left.by_code) {
    auto told = mapped.find(code);
    const std::string other_code = told == mapped.end() ? code : told->second;
    auto other = right.by_code.find(other_code);
    if (other == right.by_code.end() || !met.insert(other_code).second) {
      found.push_back({code, "only", Title(code, entry), ""});
      continue;
    }
    const size_t before = found.size();
    const Entry& its = other->second;
    if (code != other_code) {
      found.push_back({code, "code", Title(code, entry), Title(other_code, its)});
    }
    if (entry.title != its.title) {
      found.push_back({code, "name", OneLine(entry.title), OneLine(its.title)});
    }
    if (!names_only && entry.level != its.level) {
      found.push_back(
          {code, "level", v1::RegionLevel_Name(entry.level), v1::RegionLevel_Name(its.level)});
    }
    const std::string parent = left.ParentCode(entry);
    auto above = mapped.find(parent);
    const std::string expected = above == mapped.end() ? parent : above->second;
    if (!names_only && expected != right.ParentCode(its)) {
      found.push_back({code, "parent", parent, right.ParentCode(its)});
    }
    if (found.size() == before) ++*same;
  }
  for (const auto& [code, entry] : right.by_code) {
    if (!met.contains(code)) found.push_back({code, "only", "", Title(code, entry)});
  }
  return found;
}

absl::StatusOr<ExitCode> RunCompare(Session& session, const CompareOptions& options) {
  if (options.schemes.size() != 2 || options.schemes[0] == options.schemes[1]) {
    return UsageError("give two different lists: --scheme A --scheme B");
  }
  const std::string day = options.as_of.empty()
                              ? absl::FormatTime("%Y-%m-%d", absl::Now(), absl::UTCTimeZone())
                              : options.as_of;
  ASSIGN_OR_RETURN(CodeList left, ReadList(session, options.schemes[0], day));
  ASSIGN_OR_RETURN(CodeList right, ReadList(session, options.schemes[1], day));
  int64_t same = 0;
  const std::vector<Difference> found = Compare(left, right, options.names_only, &same);
  const Output output = session.output();
  if (output.format == OutputFormat::kJson || output.format == OutputFormat::kYaml) {
    nlohmann::ordered_json document = {{"schemes", options.schemes},
                                       {"asOfDate", day},
                                       {"same", same},
                                       {"differences", nlohmann::json::array()}};
    for (const Difference& one : found) {
      document["differences"].push_back(
          {{"code", one.code}, {"kind", one.kind}, {"left", one.left}, {"right", one.right}});
    }
    output.out << document.dump(2) << '\n';
    return ExitCode::kDone;
  }
  TextTable table({{"CODE 代码"},
                   {"DIFFERS 差异"},
                   {OneLine(options.schemes[0])},
                   {OneLine(options.schemes[1])}});
  for (const Difference& one : found) {
    if (output.format == OutputFormat::kName) output.out << one.code << '\n';
    table.AddRow({one.code, one.kind, one.left.empty() ? "–" : one.left,
                  one.right.empty() ? "–" : one.right});
  }
  if (output.format == OutputFormat::kName) return ExitCode::kDone;
  if (!found.empty()) table.Flush(output.out, output.colour);
  output.out << fmt::format(
      "{} and {} on {}: {} the same, {}\n", OneLine(options.schemes[0]),
      OneLine(options.schemes[1]), day, GroupedNumber(same),
      Counted(static_cast<int64_t>(found.size()), "difference", "differences"));
  return ExitCode::kDone;
}

}  // namespace

void AddRegionCompareCommand(CLI::App* region, Action* chosen) {
  AddCommand<CompareOptions>(
      region, chosen, "compare", "Compare two code lists that are both in the directory",
      [](CLI::App* app, CompareOptions* options) {
        app->add_option("--scheme", options->schemes, "A code list; give two")
            ->required()
            ->allow_extra_args(false);
        app->add_option("--as-of", options->as_of, "The day, YYYY-MM-DD (default: today in UTC)");
        app->add_flag("--names-only", options->names_only,
                      "Codes and names only, not levels and parents");
      },
      RunCompare);
}

}  // namespace tandem::cli
