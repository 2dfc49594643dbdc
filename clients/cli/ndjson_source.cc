// SPDX-License-Identifier: Apache-2.0

#include "cli/ndjson_source.h"

#include "cli/json_reader.h"
#include "cli/utf8_check.h"

namespace tandem::cli {

bool NdjsonSource::ReadLine(SourceText* text, bool* whole) {
  text->raw.clear();
  text->end = "\n";
  text->line = next_line_;
  *whole = true;
  size_t size = 0;
  int byte = 0;
  while ((byte = bytes_.At(size)) >= 0 && byte != '\n') {
    if (++size < kMaxLineBytes) continue;
    // Keeps the beginning, for the person who has to find the line, and drops the rest.
    if (*whole) text->raw = std::string(bytes_.Window(256));
    *whole = false;
    bytes_.Consume(size);
    size = 0;
  }
  if (byte < 0 && size == 0 && *whole) return false;
  if (*whole) text->raw = std::string(bytes_.Window(size));
  if (!text->raw.empty() && text->raw.back() == '\r') {
    text->raw.pop_back();
    text->end = "\r\n";
  }
  bytes_.Consume(byte < 0 ? size : size + 1);
  ++next_line_;
  return true;
}

RecordSource::Step NdjsonSource::Next(google::protobuf::Message* record, SourceText* text,
                                      Refusal* refusal) {
  bool whole = true;
  do {
    if (!ReadLine(text, &whole)) return Step::kEnd;
  } while (whole && text->raw.find_first_not_of(" \t\r") == std::string::npos);
  if (!whole) {
    *refusal = {text->line, 1, "", "LIMIT_EXCEEDED", "the line is longer than 1 MiB"};
    return Step::kRefused;
  }
  if (auto offset = InvalidUtf8At(text->raw)) {
    *refusal = {text->line, PositionAt(text->raw, *offset).column, "", "TEXT_INVALID",
                InvalidTextMessage(text->raw, *offset)};
    return Step::kRefused;
  }
  if (auto problem = ReadJsonRecord(text->raw, record)) {
    *refusal = {text->line, PositionAt(text->raw, problem->offset).column, problem->field,
                problem->reason, problem->message};
    return Step::kRefused;
  }
  return Step::kRecord;
}

absl::Status NdjsonSource::SkipTo(const SourcePosition& position) {
  next_line_ = position.line;
  if (bytes_.SkipTo(position.offset)) return absl::OkStatus();
  return absl::DataLossError("the file ends before the place to go on from");
}

void NdjsonSource::Locate(const SourceText& text, const std::string& field,
                          Refusal* refusal) const {
  refusal->line = text.line;
  refusal->column = 1;
  if (auto offset = FindJsonField(text.raw, field)) {
    refusal->column = PositionAt(text.raw, *offset).column;
  }
}

}  // namespace tandem::cli
