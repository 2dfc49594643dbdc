// SPDX-License-Identifier: Apache-2.0

#include "cli/import_run.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"

#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

// What a kill -9 costs at most in reading again.
constexpr absl::Duration kSaveEvery = absl::Milliseconds(250);

}  // namespace

ImportRun::ImportRun(const client::Client& client, const google::protobuf::MethodDescriptor& method,
                     const google::protobuf::Descriptor* record, v1::ImportOptions options,
                     CheckpointPlan plan, ImportInput* input, ImportReport* report)
    : plan_(std::move(plan)),
      input_(*input),
      report_(*report),
      record_(record),
      ends_sync_(options.sync().full()),
      importer_(client, method, std::move(options), Events()) {
  plan_.state.request_id = importer_.request_id();
}

client::ImportEvents ImportRun::Events() {
  client::ImportEvents events;
  events.refused = [this](const v1::ImportError& error) { Refused(error); };
  events.warned = [this](const v1::ImportWarning& warning) { Warned(warning); };
  events.settled = [this](int64_t number) { Settled(number); };
  events.resumed = [this](int64_t number, const absl::Status& why) {
    report_.Note(fmt::format("connection lost ({}), going on after record {}",
                             std::string(why.message()), number));
  };
  return events;
}

const SourceText* ImportRun::Find(int64_t number) const {
  auto at = std::lower_bound(sent_.begin(), sent_.end(), number,
                             [](const Sent& sent, int64_t wanted) { return sent.number < wanted; });
  return at == sent_.end() || at->number != number ? nullptr : &at->text;
}

// A server's refusal as one about a place in the file.
void ImportRun::Refused(const v1::ImportError& error) {
  const SourceText* text = Find(error.number());
  if (text == nullptr) {
    // Refused in an earlier part of a resumed import: the line was read before the break.
    report_.Note(fmt::format("record {}: {}: {}", error.number(), error.reason(), error.message()));
    return;
  }
  ++plan_.state.server_refusals;
  refused_since_ = true;
  Refusal refusal{text->line, 1, "", error.reason(), error.message()};
  if (error.violations_size() > 0) {
    const auto& first = error.violations(0);
    refusal.field = first.field();
    refusal.message = first.description();
    for (int i = 1; i < error.violations_size(); ++i) {
      refusal.message +=
          fmt::format("; {}: {}", error.violations(i).field(), error.violations(i).description());
    }
    input_.source().Locate(*text, first.field(), &refusal);
  }
  report_.Refused(*text, refusal, /*local=*/false);
}

// A record that was taken with something to look at. Note() keeps quiet when asked to.
void ImportRun::Warned(const v1::ImportWarning& warning) {
  const SourceText* text = Find(warning.number());
  const std::string place = text == nullptr ? fmt::format("record {}", warning.number())
                                            : fmt::format("{}:{}", input_.name(), text->line);
  for (const v1::ImportFieldViolation& violation : warning.violations()) {
    report_.Note(
        fmt::format("{}: warning: {}: {}", place, violation.field(), violation.description()));
  }
}

void ImportRun::Settled(int64_t number) {
  for (; !sent_.empty() && sent_.front().number <= number; sent_.pop_front()) {
    plan_.state.number = sent_.front().number;
    plan_.state.position = sent_.front().after;
    plan_.state.local_refusals = sent_.front().local_refusals;
  }
  if (refused_since_ || absl::Now() - last_saved_ >= kSaveEvery) checkpoint_status_.Update(Save());
}

absl::Status ImportRun::Save() {
  if (plan_.path.empty() || plan_.state.number == 0) return absl::OkStatus();
  // What the checkpoint counts on lies in the reject file first.
  report_.FlushRejects(&plan_.state.reject_bytes);
  plan_.state.refused_line = report_.last_local_line();
  last_saved_ = absl::Now();
  refused_since_ = false;
  absl::Status status = SaveCheckpoint(plan_.state, plan_.path);
  if (status.ok() || plan_.required) return status;
  plan_.path.clear();
  return absl::OkStatus();
}

absl::Status ImportRun::Run(bool resume, const std::function<bool()>& stop) {
  const int64_t from = plan_.state.number;
  importer_.SkipTo(from);
  RETURN_IF_ERROR(importer_.Start(resume));
  if (importer_.settled_number() < from) {
    return client::MakeClientError(
        absl::StatusCode::kFailedPrecondition, "CHECKPOINT_STALE",
        fmt::format("the server knows of {} records of this import, the checkpoint of {}; request "
                    "ids are kept for 24 hours: import the whole file with --on-conflict skip",
                    importer_.settled_number(), from));
  }
  auto record = std::unique_ptr<google::protobuf::Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(record_)->New());
  SourceText text;
  Refusal refusal;
  RecordSource& source = input_.source();
  bool stopped = false;
  for (int64_t number = from + 1;;) {
    stopped = stop();
    if (stopped) break;
    const RecordSource::Step step = source.Next(record.get(), &text, &refusal);
    if (step == RecordSource::Step::kEnd) break;
    if (step == RecordSource::Step::kRefused) {
      report_.Refused(text, refusal, /*local=*/true);
    } else {
      sent_.push_back({number++, text, source.position(), report_.local_refusals()});
      RETURN_IF_ERROR(importer_.Add(*record));
      // What an earlier run settled is passed over, and the place with it.
      if (sent_.back().number <= importer_.settled_number()) Settled(sent_.back().number);
      RETURN_IF_ERROR(checkpoint_status_);
    }
    report_.Progress(input_.bytes_read(), importer_.counts());
  }
  if (ends_sync_ && !stopped) {
    // What is missing is told of a file that was read to its end, and of no other.
    RETURN_IF_ERROR(input_.Finish());
    RETURN_IF_ERROR(importer_.EndSync(report_.local_refusals()));
  }
  RETURN_IF_ERROR(importer_.Finish());
  return checkpoint_status_;
}

absl::Status ImportRun::KeepCheckpoint(bool whole) {
  if (!whole) return Save();
  std::error_code ignored;
  if (!plan_.path.empty()) std::filesystem::remove(plan_.path, ignored);
  return absl::OkStatus();
}

int64_t ImportRun::untold_refusals() const {
  return importer_.counts().failed() - plan_.state.server_refusals;
}

}  // namespace tandem::cli
