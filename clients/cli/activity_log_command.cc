// SPDX-License-Identifier: Apache-2.0

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <vector>

#include "fmt/format.h"
#include "tandem/v1/pairing_service.pb.h"

#include "cli/display_width.h"
#include "cli/json_writer.h"
#include "cli/ndjson_source.h"
#include "cli/noun.h"
#include "cli/number_text.h"
#include "cli/pairing_commands.h"
#include "cli/record_file.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

// One call: far below the server's limits of 1,000 activities and 1 MiB.
constexpr int kBatchActivities = 500;
constexpr size_t kBatchBytes = size_t{512} << 10U;

struct LogOptions {
  std::string file;
  std::string pairing;
  bool all = false;
};

struct LogCounts {
  int64_t stored = 0;
  int64_t already_stored = 0;
  int64_t refused = 0;
};

// Sends a file of activities batch by batch and tells what became of each.
class LogSender {
 public:
  LogSender(Session& session, const LogOptions& options)
      : session_(session), options_(options), noun_(FindNoun("activity")) {}

  absl::Status Send(std::istream& in) {
    NdjsonSource source(in);
    v1::Activity activity;
    SourceText text;
    Refusal refusal;
    while (true) {
      const RecordSource::Step step = source.Next(&activity, &text, &refusal);
      if (step == RecordSource::Step::kEnd) break;
      if (step == RecordSource::Step::kRefused) {
        Refuse(refusal);
        continue;
      }
      activity.set_name(FullName(activity.name()));
      const size_t bytes = activity.ByteSizeLong();
      if (request_.activities_size() == kBatchActivities || bytes_ + bytes > kBatchBytes) {
        RETURN_IF_ERROR(SendBatch(source));
      }
      bytes_ += bytes;
      *request_.add_activities() = activity;
      texts_.push_back(text);
    }
    return SendBatch(source);
  }

  // The sums, and with --all or in a document every activity too.
  void Print() const {
    const Output output = session_.output();
    const nlohmann::ordered_json document = {{"stored", counts_.stored},
                                             {"alreadyStored", counts_.already_stored},
                                             {"refused", counts_.refused},
                                             {"results", results_}};
    switch (output.format) {
      case OutputFormat::kJson:
        output.out << JsonText(document) << '\n';
        return;
      case OutputFormat::kYaml:
        output.out << YamlText(document);
        return;
      default:
        output.out << fmt::format(
            "{} activities: {} stored, {} stored already, {} refused\n",
            GroupedNumber(counts_.stored + counts_.already_stored + counts_.refused),
            GroupedNumber(counts_.stored), GroupedNumber(counts_.already_stored),
            GroupedNumber(counts_.refused));
    }
  }

  const LogCounts& counts() const { return counts_; }

 private:
  // "pairings/p/activities/a" for "a" with --pairing p; a full name as it is.
  std::string FullName(const std::string& written) const {
    if (options_.pairing.empty() || written.empty()) return written;
    return noun_.FullName(written, FindNoun("pairing").FullName(options_.pairing));
  }

  void Refuse(const Refusal& refusal) {
    ++counts_.refused;
    session_.err() << OneLine(FileComplaint(options_.file == "-" ? "standard input" : options_.file,
                                            refusal.line, refusal.column, refusal.field,
                                            refusal.reason, refusal.message))
                   << '\n';
    if (Documents()) {
      results_.push_back({{"line", refusal.line},
                          {"outcome", "REFUSED"},
                          {"reason", refusal.reason},
                          {"message", refusal.message}});
    }
  }

  bool Documents() const {
    const OutputFormat format = session_.output().format;
    return format == OutputFormat::kJson || format == OutputFormat::kYaml;
  }

  absl::Status SendBatch(const RecordSource& source) {
    if (request_.activities().empty()) return absl::OkStatus();
    v1::BatchLogActivitiesResponse response;
    RETURN_IF_ERROR(
        session_.Public().Call("tandem.v1.PairingService.BatchLogActivities", request_, &response));
    for (int i = 0; i < response.results_size(); ++i) {
      Take(response.results(i), texts_[static_cast<size_t>(i)], source);
    }
    request_.Clear();
    texts_.clear();
    bytes_ = 0;
    return absl::OkStatus();
  }

  void Take(const v1::LogActivityResult& result, const SourceText& text,
            const RecordSource& source) {
    if (result.outcome() == v1::LOG_ACTIVITY_OUTCOME_REFUSED) {
      Refusal refusal{text.line, 1, "", result.reason(), result.message()};
      if (result.violations_size() > 0) {
        refusal.field = result.violations(0).field();
        refusal.message = result.violations(0).description();
        for (int i = 1; i < result.violations_size(); ++i) {
          refusal.message += fmt::format("; {}: {}", result.violations(i).field(),
                                         result.violations(i).description());
        }
        source.Locate(text, refusal.field, &refusal);
      }
      return Refuse(refusal);
    }
    const bool is_new = result.outcome() == v1::LOG_ACTIVITY_OUTCOME_STORED;
    ++(is_new ? counts_.stored : counts_.already_stored);
    const std::string word = is_new ? "STORED" : "ALREADY_STORED";
    if (Documents()) {
      results_.push_back({{"line", text.line}, {"name", result.name()}, {"outcome", word}});
    } else if (options_.all) {
      session_.output().out << result.name() << "  " << word << '\n';
    }
  }

  Session& session_;
  const LogOptions& options_;
  const Noun& noun_;
  v1::BatchLogActivitiesRequest request_;
  std::vector<SourceText> texts_;
  size_t bytes_ = 0;
  LogCounts counts_;
  nlohmann::ordered_json results_ = nlohmann::ordered_json::array();
};

absl::StatusOr<ExitCode> RunLog(Session& session, const LogOptions& options) {
  std::ifstream file;
  const bool from_input = options.file == "-";
  if (!from_input) {
    file.open(options.file, std::ios::binary);
    if (!file) {
      return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                                     fmt::format("{}: {}", options.file, std::strerror(errno)));
    }
  }
  LogSender sender(session, options);
  const absl::Status status = sender.Send(from_input ? std::cin : file);
  // What was done before an error is told too: the same file may be sent again as it is.
  sender.Print();
  RETURN_IF_ERROR(status);
  return sender.counts().refused > 0 ? ExitCode::kPartialImport : ExitCode::kDone;
}

}  // namespace

void AddActivityLogCommand(CLI::App* pairing, Action* chosen) {
  AddCommand<LogOptions>(
      pairing, chosen, "log",
      "Store activities (活动) from NDJSON; sending the same file again is harmless",
      [](CLI::App* app, LogOptions* options) {
        app->add_option("FILE,-f,--file", options->file, "The file; - reads standard input")
            ->required();
        app->add_option("--pairing", options->pairing,
                        "The pairing of activities whose name is an id alone");
        app->add_flag("--all", options->all, "Print every activity, not only refused ones");
      },
      RunLog);
}

}  // namespace tandem::cli
