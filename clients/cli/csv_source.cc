// SPDX-License-Identifier: Apache-2.0

#include "cli/csv_source.h"

#include <sstream>

#include "fmt/format.h"

#include "cli/json_reader.h"
#include "cli/utf8_check.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

// Line and column in the file of an offset in a record's text.
void PlaceAt(const SourceText& text, size_t offset, Refusal* refusal) {
  const TextPosition position = PositionAt(text.raw, offset);
  refusal->line = text.line + position.line - 1;
  refusal->column = position.column;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CsvSource>> CsvSource::Open(std::istream& in,
                                                           std::optional<CsvMapping> mapping,
                                                           const google::protobuf::Descriptor* type,
                                                           size_t header_row,
                                                           std::optional<char> delimiter) {
  const char apart = delimiter.value_or(mapping ? mapping->delimiter() : ',');
  std::unique_ptr<CsvSource> source(new CsvSource(in, apart));
  for (size_t row = 0; row < header_row; ++row) {
    if (source->reader_.Next(&source->header_)) {
      source->header_text_ += source->header_.raw + source->header_.end;
      continue;
    }
    return absl::InvalidArgumentError(
        row == 0 ? "the file is empty; its first line must name the columns"
                 : fmt::format("the file has no row {}", header_row));
  }
  if (!source->header_.problem.empty()) {
    return absl::InvalidArgumentError("the header: " + source->header_.problem);
  }
  if (InvalidUtf8At(source->header_.raw)) {
    return absl::InvalidArgumentError(
        "the header holds bytes that are no text; name the file's encoding with --encoding");
  }
  CsvMapping::TidyHeader(&source->header_.fields);
  if (mapping) {
    RETURN_IF_ERROR(mapping->Bind(source->header_.fields));
    source->mapping_ = *std::move(mapping);
  } else {
    ASSIGN_OR_RETURN(source->mapping_, CsvMapping::FromHeader(source->header_.fields, type));
  }
  source->mapping_.SetDelimiter(apart);
  return source;
}

RecordSource::Step CsvSource::Next(google::protobuf::Message* record, SourceText* text,
                                   Refusal* refusal) {
  if (!reader_.Next(&row_)) return Step::kEnd;
  text->line = row_.line;
  text->raw = row_.raw;
  text->end = row_.end;
  *refusal = {row_.line, 1, "", "TEXT_INVALID", ""};
  if (!row_.problem.empty()) {
    PlaceAt(*text, row_.problem_offset, refusal);
    refusal->message = row_.problem;
    return Step::kRefused;
  }
  if (auto offset = InvalidUtf8At(row_.raw)) {
    PlaceAt(*text, *offset, refusal);
    refusal->message = InvalidTextMessage(row_.raw, *offset);
    return Step::kRefused;
  }
  // Spreadsheets end rows with empty fields that no column names.
  while (row_.fields.size() > header_.fields.size() && row_.fields.back().empty()) {
    row_.fields.pop_back();
  }
  if (row_.fields.size() != header_.fields.size()) {
    refusal->message = fmt::format("{} fields, but the header names {}", row_.fields.size(),
                                   header_.fields.size());
    return Step::kRefused;
  }
  if (auto problem = mapping_.Fill(row_.fields, record)) {
    if (problem->index) PlaceAt(*text, row_.offsets[*problem->index], refusal);
    refusal->field = problem->field;
    refusal->reason = "FIELD_INVALID";
    refusal->message = problem->message;
    return Step::kRefused;
  }
  return Step::kRecord;
}

absl::Status CsvSource::SkipTo(const SourcePosition& position) {
  if (reader_.SkipTo(position.offset, position.line)) return absl::OkStatus();
  return absl::DataLossError("the file ends before the place to go on from");
}

void CsvSource::Locate(const SourceText& text, const std::string& field, Refusal* refusal) const {
  refusal->line = text.line;
  refusal->column = 1;
  const std::optional<size_t> column = mapping_.ColumnOf(field);
  if (!column) return;
  // The record was read before; its text gives the same fields again.
  std::istringstream in(text.raw);
  CsvReader reader(in, mapping_.delimiter());
  CsvRecord row;
  if (reader.Next(&row) && *column < row.offsets.size())
    PlaceAt(text, row.offsets[*column], refusal);
}

}  // namespace tandem::cli
