// SPDX-License-Identifier: Apache-2.0

#include "cli/error_printer.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "cli/display_width.h"
#include "cli/nearest_word.h"
#include "cpp/call_error.h"

namespace tandem::cli {
namespace {

// One row a reason that has a remedy of its own.
const std::map<std::string, std::string>& Remedies() {
  static const auto* const kRemedies = new std::map<std::string, std::string>{
      {"ETAG_MISMATCH", "get the record again, repeat the change on it and send its new etag"},
      {"WRITE_CONFLICT", "run the command again"},
      {"RESOURCE_EXISTS", "choose another name, or change the record with `update`"},
      {"RESOURCE_DELETED_EXISTS", "take the deletion back with `undelete`, or choose another name"},
      {"RESOURCE_IN_USE", "change or delete the records that refer to it first"},
      {"REFERENCE_MISSING", "create the record it refers to first"},
      {"REQUEST_ID_REUSED", "use a new request id"},
      {"PAGE_TOKEN_MISMATCH", "repeat the filter and order of the page before"},
      {"PAGE_TOKEN_INVALID", "begin again without a page token"},
      {"OVERLOADED", "wait a little and run the command again"},
      {"OUTCOME_UNKNOWN", "read the record to see whether the write happened"},
      {"STORAGE_FULL", "free space on the server's disk"},
      {"STORAGE_FAILED", "look at the server's log and restart it; reads may still work"},
      {"PLUGIN_NOT_LOADED", "`tandem plugin load` and `tandem plugin enable` it"},
      {"PLUGIN_NOT_FOUND", "`tandem plugin list` shows what lies under the plugin directory"},
      {"PLUGIN_IN_USE", "disable it first; a frozen round keeps its plugins"},
      {"RUN_INFEASIBLE", "lower the named minimum or add offers, then run again"},
      {"REVISION_COMPACTED", "list again, then go on from the list's revision plus one"},
      {"HISTORY_CHANGED", "list again: what you have comes from before a restore"},
      {"ROUND_FROZEN", "use an open round"},
  };
  return *kRemedies;
}

}  // namespace

std::string Remedy(const std::string& reason, absl::StatusCode code, const std::string& target) {
  auto row = Remedies().find(reason);
  if (row != Remedies().end()) return row->second;
  if (code == absl::StatusCode::kUnavailable && reason.empty()) {
    return absl::StrCat("is a server running at ", target,
                        "? name another with --server, or --admin-socket for plugin commands");
  }
  if (code == absl::StatusCode::kDeadlineExceeded) return "allow more time with --timeout";
  return "";
}

void PrintError(std::ostream& err, const absl::Status& status, const std::string& target,
                bool colour) {
  const client::CallError error = client::DescribeError(status);
  const std::string reason =
      error.reason.empty() ? absl::StatusCodeToString(status.code()) : error.reason;
  err << "tandem: " << (colour ? "\x1b[31m" : "") << OneLine(reason) << (colour ? "\x1b[0m" : "")
      << ": " << OneLine(error.message) << '\n';
  for (const auto& violation : error.violations) {
    err << "  " << OneLine(violation.field) << (violation.field.empty() ? "" : ": ")
        << OneLine(violation.description) << '\n';
  }
  // A filter or an order that names no field: the server lists those there are.
  const auto text = error.metadata.find("text");
  const auto allowed = error.metadata.find("allowed");
  if (text != error.metadata.end() && allowed != error.metadata.end()) {
    const std::string nearest =
        NearestWord(text->second, absl::StrSplit(allowed->second, ", ", absl::SkipEmpty()));
    if (!nearest.empty()) err << "  did you mean " << OneLine(nearest) << "?\n";
  }
  for (const std::string& subject : error.subjects) err << "  " << OneLine(subject) << '\n';
  if (std::string remedy = Remedy(error.reason, error.code, target); !remedy.empty()) {
    err << "  remedy: " << remedy << '\n';
  }
}

void PrintErrorDetails(std::ostream& err, const absl::Status& status) {
  const client::CallError error = client::DescribeError(status);
  err << "  code: " << absl::StatusCodeToString(error.code) << '\n';
  for (const auto& [key, value] : error.metadata) {
    err << "  metadata " << OneLine(key) << ": " << OneLine(value) << '\n';
  }
  if (!error.resource.empty()) err << "  resource: " << OneLine(error.resource) << '\n';
  if (error.retry_after)
    err << "  retry after: " << absl::FormatDuration(*error.retry_after) << '\n';
}

}  // namespace tandem::cli
