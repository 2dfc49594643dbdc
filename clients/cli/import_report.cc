// SPDX-License-Identifier: Apache-2.0

#include "cli/import_report.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"

#include "cli/display_width.h"
#include "cli/json_writer.h"
#include "cli/number_text.h"
#include "cli/record_file.h"

namespace tandem::cli {
namespace {

constexpr absl::Duration kRedraw = absl::Milliseconds(100);

int64_t Processed(const v1::ImportCounts& counts) {
  return counts.created() + counts.updated() + counts.unchanged() + counts.skipped() +
         counts.failed() + counts.conflicted();
}

}  // namespace

std::string ProgressLine(double done, int64_t records, absl::Duration elapsed) {
  constexpr int kWidth = 24;
  std::string line;
  if (done >= 0) {
    const int full = static_cast<int>(std::min(done, 1.0) * kWidth);
    line = fmt::format("[{}{}] {:3.0f} %  ", std::string(static_cast<size_t>(full), '#'),
                       std::string(static_cast<size_t>(kWidth - full), '.'),
                       std::min(done, 1.0) * 100);
  }
  const double seconds = std::max(absl::ToDoubleSeconds(elapsed), 0.001);
  return line +
         fmt::format("{} records  {}/s", GroupedNumber(records),
                     GroupedNumber(static_cast<int64_t>(static_cast<double>(records) / seconds)));
}

ImportReport::ImportReport(Session& session, std::string file, uint64_t total_bytes,
                           int64_t most_shown)
    : session_(session),
      file_(std::move(file)),
      total_bytes_(total_bytes),
      most_shown_(most_shown),
      start_(absl::Now()) {}

ImportReport::~ImportReport() { ClearLine(); }

void ImportReport::Resume(int64_t local_refusals, uint64_t last_local_line) {
  local_refusals_ = local_refusals;
  last_local_line_ = last_local_line;
}

void ImportReport::FlushRejects(uint64_t* bytes) {
  if (!rejects_) return;
  rejects_->Flush();
  *bytes = rejects_->size();
}

void ImportReport::Refused(const SourceText& text, const Refusal& refusal, bool local) {
  if (local) {
    ++local_refusals_;
    if (text.line <= last_local_line_) return;
    last_local_line_ = text.line;
  }
  if (rejects_) rejects_->Write(text);
  ++refusals_;
  if (refusals_ <= most_shown_) {
    ClearLine();
    session_.err() << OneLine(FileComplaint(file_, refusal.line, refusal.column, refusal.field,
                                            refusal.reason, refusal.message))
                   << '\n';
  } else if (refusals_ == most_shown_ + 1) {
    Note("more records are refused; --reject FILE keeps them all, --show-errors N shows more");
  }
}

void ImportReport::Note(const std::string& text) {
  if (session_.quiet()) return;
  ClearLine();
  session_.err() << text << '\n';
}

void ImportReport::Stopped(const std::string& text) {
  ClearLine();
  session_.err() << "tandem: " << text << '\n';
}

void ImportReport::Progress(uint64_t bytes_read, const v1::ImportCounts& counts) {
  if (!session_.shows_progress()) return;
  const absl::Time now = absl::Now();
  if (now - last_drawn_ < kRedraw) return;
  last_drawn_ = now;
  const double done =
      total_bytes_ == 0 ? -1 : static_cast<double>(bytes_read) / static_cast<double>(total_bytes_);
  session_.err() << "\r\x1b[K"
                 << ProgressLine(done, Processed(counts) + local_refusals_, now - start_)
                 << std::flush;
  line_drawn_ = true;
}

void ImportReport::ClearLine() {
  if (!line_drawn_) return;
  session_.err() << "\r\x1b[K";
  line_drawn_ = false;
}

absl::Status ImportReport::Finish(const v1::ImportCounts& counts) {
  return PrintSums({{"created", counts.created()},
                    {"updated", counts.updated()},
                    {"unchanged", counts.unchanged()},
                    {"skipped", counts.skipped()},
                    {"failed", counts.failed() + local_refusals_}},
                   Processed(counts) + local_refusals_);
}

absl::Status ImportReport::FinishSync(const v1::ImportCounts& counts) {
  return PrintSums({{"created", counts.created()},
                    {"updated", counts.updated()},
                    {"unchanged", counts.unchanged()},
                    {"skipped", counts.skipped()},
                    {"conflicted", counts.conflicted()},
                    {"missing", counts.missing()},
                    {"failed", counts.failed() + local_refusals_}},
                   Processed(counts) + local_refusals_);
}

absl::Status ImportReport::PrintSums(const nlohmann::ordered_json& sums, int64_t records) {
  ClearLine();
  const Output output = session_.output();
  switch (output.format) {
    case OutputFormat::kJson:
      output.out << sums.dump() << '\n';
      break;
    case OutputFormat::kYaml:
      output.out << YamlText(sums);
      break;
    default:
      output.out << fmt::format("{} records in {:.1f} s:", GroupedNumber(records),
                                absl::ToDoubleSeconds(absl::Now() - start_));
      for (const auto& [word, number] : sums.items()) {
        output.out << ' ' << GroupedNumber(number.get<int64_t>()) << ' ' << word
                   << (word == "failed" ? "\n" : ",");
      }
  }
  return rejects_ ? rejects_->Finish() : absl::OkStatus();
}

}  // namespace tandem::cli
