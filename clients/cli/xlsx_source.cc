// SPDX-License-Identifier: Apache-2.0

#include "cli/xlsx_source.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {

absl::StatusOr<std::unique_ptr<XlsxSource>> XlsxSource::Open(
    const std::string& file, const std::string& sheet, size_t header_row,
    std::optional<CsvMapping> mapping, const google::protobuf::Descriptor* type) {
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> program, StartXlsxProgram("read", file, sheet));
  std::unique_ptr<XlsxSource> source(new XlsxSource(std::move(program)));
  RETURN_IF_ERROR(source->ReadHeader(header_row));
  if (mapping) {
    RETURN_IF_ERROR(mapping->Bind(source->header_));
    source->mapping_ = *std::move(mapping);
  } else {
    ASSIGN_OR_RETURN(source->mapping_, CsvMapping::FromHeader(source->header_, type));
  }
  return source;
}

absl::Status XlsxSource::ReadHeader(size_t header_row) {
  while (ReadRow()) {
    header_text_ += line_ + "\n";
    if (row_.number < header_row) continue;
    if (header_row != 0 && row_.number > header_row) {
      return absl::InvalidArgumentError(fmt::format("row {} is empty", header_row));
    }
    header_ = row_.cells;
    CsvMapping::TidyHeader(&header_);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(broken_);
  return absl::InvalidArgumentError(
      header_row == 0 ? "the worksheet is empty; its first row must name the columns"
                      : fmt::format("the worksheet has no row {}", header_row));
}

bool XlsxSource::ReadRow() {
  if (ended_) return false;
  size_t size = 0;
  int byte = 0;
  while ((byte = lines_.At(size)) >= 0 && byte != '\n' && size < kMaxRowBytes) ++size;
  line_ = std::string(lines_.Window(size));
  lines_.Consume(byte < 0 ? size : size + 1);
  if (byte == '\n' && ParseXlsxRow(line_, &row_)) {
    ++rows_;
    return true;
  }
  ended_ = true;
  if (size >= kMaxRowBytes) {
    broken_ = absl::InvalidArgumentError(
        fmt::format("the row after row {} is larger than 4 MiB", row_.number));
    return false;
  }
  const bool whole = byte == '\n' && XlsxEnd(line_) == rows_;
  broken_ = program_->Wait();
  if (broken_.ok() && !whole) broken_ = absl::DataLossError("the worksheet broke off");
  return false;
}

RecordSource::Step XlsxSource::Next(google::protobuf::Message* record, SourceText* text,
                                    Refusal* refusal) {
  if (!ReadRow()) return Step::kEnd;
  *text = {row_.number, line_};
  *refusal = {row_.number, 1, "", "FIELD_INVALID", ""};
  if (row_.cells.size() > header_.size()) {
    refusal->column = header_.size() + 1;
    refusal->reason = "TEXT_INVALID";
    refusal->message = fmt::format("the header names no column {}", XlsxColumnName(header_.size()));
    return Step::kRefused;
  }
  for (size_t i = 0; i < row_.problems.size(); ++i) {
    if (row_.problems[i].empty() || !mapping_.Uses(i)) continue;
    refusal->column = i + 1;
    refusal->message = fmt::format("{}{}: {}", XlsxColumnName(i), row_.number, row_.problems[i]);
    return Step::kRefused;
  }
  row_.cells.resize(header_.size());
  if (auto problem = mapping_.Fill(row_.cells, record)) {
    if (problem->index) refusal->column = *problem->index + 1;
    refusal->field = problem->field;
    refusal->message = problem->message;
    return Step::kRefused;
  }
  return Step::kRecord;
}

void XlsxSource::Locate(const SourceText& text, const std::string& field, Refusal* refusal) const {
  refusal->line = text.line;
  refusal->column = mapping_.ColumnOf(field).value_or(0) + 1;
}

absl::Status XlsxSource::Finish() { return broken_; }

absl::StatusOr<std::unique_ptr<RejectFile>> XlsxRejectFile::Open(const std::string& path,
                                                                 const std::string& header) {
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> program, StartXlsxProgram("write", path, ""));
  std::unique_ptr<XlsxRejectFile> file(new XlsxRejectFile(path, std::move(program)));
  file->program_->input() << header;
  file->rows_ = std::count(header.begin(), header.end(), '\n');
  return std::unique_ptr<RejectFile>(std::move(file));
}

void XlsxRejectFile::Write(const SourceText& text) {
  program_->input() << text.raw << '\n';
  ++rows_;
}

absl::Status XlsxRejectFile::Finish() {
  program_->input() << fmt::format("{{\"end\":{}}}\n", rows_);
  const absl::Status status = program_->Wait();
  if (status.ok()) return status;
  return client::MakeClientError(absl::StatusCode::kDataLoss, "FILE_UNWRITABLE",
                                 fmt::format("{}: {}", path_, std::string(status.message())));
}

}  // namespace tandem::cli
