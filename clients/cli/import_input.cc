// SPDX-License-Identifier: Apache-2.0

#include "cli/import_input.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "fmt/format.h"

#include "cli/csv_source.h"
#include "cli/import_checkpoint.h"
#include "cli/ndjson_source.h"
#include "cli/region_names_loader.h"
#include "cli/xlsx_source.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

absl::Status Unreadable(const std::string& file) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                                 fmt::format("{}: {}", file, std::strerror(errno)));
}

// An error about the file as a whole.
absl::Status FileError(const std::string& text) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_INVALID", text);
}

absl::StatusOr<CsvMapping> ReadMapping(const std::string& path, const Noun& noun) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return Unreadable(path);
  absl::StatusOr<CsvMapping> mapping = CsvMapping::Parse(text.str(), path, noun.Record());
  if (!mapping.ok()) return FileError(std::string(mapping.status().message()));
  return mapping;
}

bool IsTabbed(const std::string& file) { return absl::EndsWithIgnoreCase(file, ".tsv"); }

// What stands between fields; nullopt when only the mapping can tell.
std::optional<char> DelimiterOf(const InputFlags& flags) {
  if (flags.delimiter == "tab" || (flags.delimiter.empty() && IsTabbed(flags.file))) return '\t';
  return flags.delimiter.empty() ? std::nullopt : std::optional(flags.delimiter.front());
}

// "csv", "xlsx" or "ndjson".
std::string FormatOf(const InputFlags& flags) {
  if (!flags.format.empty()) return flags.format;
  if (absl::EndsWithIgnoreCase(flags.file, ".xlsx") ||
      absl::EndsWithIgnoreCase(flags.file, ".xlsm")) {
    return "xlsx";
  }
  const bool csv = absl::EndsWithIgnoreCase(flags.file, ".csv") || IsTabbed(flags.file) ||
                   !flags.mapping.empty();
  return csv ? "csv" : "ndjson";
}

}  // namespace

void AddInputFlags(CLI::App* app, InputFlags* flags) {
  app->add_option("FILE,-f,--file", flags->file, "The file; - reads standard input")->required();
  app->add_option("--format", flags->format, "ndjson, csv or xlsx (default: by the file's name)")
      ->check(CLI::IsMember({"ndjson", "csv", "xlsx"}));
  app->add_option("--mapping", flags->mapping, "Tables: which column fills which field");
  app->add_option("--encoding", flags->encoding,
                  "utf-8, gb18030, gbk, utf-16le or utf-16be (default: found out)")
      ->check(CLI::IsMember(KnownEncodings(), CLI::ignore_case));
  app->add_option("--delimiter", flags->delimiter,
                  "CSV: what stands between fields, a character or tab (default: a comma)")
      ->check([](const std::string& text) {
        const bool sound = text == "tab" || (text.size() == 1 && text != "\"" && text != "\n" &&
                                             text != "\r" && (text[0] & 0x80) == 0);
        return sound ? std::string() : text + " is no single ASCII character and not the word tab";
      });
  app->add_option("--sheet", flags->sheet, "XLSX: the worksheet (default: the first)");
  app->add_option("--header-row", flags->header_row,
                  "Tables: the row that names the columns (default: the first)")
      ->check(CLI::Range(1, 1'000'000));
}

absl::StatusOr<std::unique_ptr<ImportInput>> ImportInput::Open(Session& session, const Noun& noun,
                                                               const InputFlags& flags) {
  std::unique_ptr<ImportInput> input(new ImportInput);
  const bool standard = flags.file == "-";
  input->name_ = standard ? "standard input" : flags.file;
  if (!standard) {
    input->file_.open(flags.file, std::ios::binary);
    if (!input->file_) return Unreadable(flags.file);
    std::error_code error;
    if (std::filesystem::is_directory(flags.file, error)) {
      return FileError(flags.file + " is a folder, not a file");
    }
    input->total_bytes_ = std::filesystem::file_size(flags.file, error);
    if (error) input->total_bytes_ = 0;
  }
  input->encoding_given_ = !flags.encoding.empty();
  input->text_ =
      std::make_unique<TextInput>(standard ? std::cin : input->file_, FindEncoding(flags.encoding));
  RETURN_IF_ERROR(input->OpenSource(session, noun, flags));
  return input;
}

absl::Status ImportInput::OpenSource(Session& session, const Noun& noun, const InputFlags& flags) {
  const std::string format = FormatOf(flags);
  is_worksheet_ = format == "xlsx";
  setup_ = fmt::format("{} {} {} sheet={} header={} mapping={}", format, flags.encoding,
                       flags.delimiter, flags.sheet, flags.header_row,
                       flags.mapping.empty() ? "" : FileFingerprint(flags.mapping));
  // Whether the file begins with a mark decides how refused records are written.
  if (!is_worksheet_) text_->utf8().peek();
  if (format == "ndjson") {
    if (!flags.mapping.empty()) return UsageError("--mapping goes with --format csv or xlsx");
    source_ = std::make_unique<NdjsonSource>(text_->utf8());
    return absl::OkStatus();
  }
  std::optional<CsvMapping> mapping;
  if (!flags.mapping.empty()) {
    ASSIGN_OR_RETURN(mapping, ReadMapping(flags.mapping, noun));
    if (mapping->NeedsRegions()) {
      ASSIGN_OR_RETURN(std::shared_ptr<const RegionNames> regions, LoadRegionNames(session));
      mapping->SetRegions(std::move(regions));
    }
  }
  if (is_worksheet_) {
    // Another program reads the file: how far it got is not known.
    total_bytes_ = 0;
    if (flags.file == "-") return UsageError("a worksheet can't be read from standard input");
    return Take(XlsxSource::Open(flags.file, flags.sheet, flags.header_row, std::move(mapping),
                                 noun.Record()));
  }
  return Take(CsvSource::Open(text_->utf8(), std::move(mapping), noun.Record(),
                              std::max<size_t>(flags.header_row, 1), DelimiterOf(flags)));
}

template <typename Source>
absl::Status ImportInput::Take(absl::StatusOr<std::unique_ptr<Source>> source) {
  if (!source.ok()) {
    return FileError(fmt::format("{}: {}", name_, std::string(source.status().message())));
  }
  source_ = *std::move(source);
  return absl::OkStatus();
}

std::string ImportInput::EncodingNote() const {
  if (is_worksheet_ || encoding_given_ || text_->encoding() == TextEncoding::kUtf8) return "";
  return fmt::format("{} is read as {}; --encoding names another", name_,
                     EncodingName(text_->encoding()));
}

absl::StatusOr<std::unique_ptr<RejectFile>> ImportInput::OpenRejects(
    const std::string& path, std::optional<uint64_t> keep_bytes) {
  if (is_worksheet_) return XlsxRejectFile::Open(path, source_->RejectHeader());
  return TextRejectFile::Open(path, *text_, source_->RejectHeader(), keep_bytes);
}

absl::Status ImportInput::Finish() {
  if (text_->failed()) return FileError(name_ + ": the file could not be read to its end");
  const absl::Status status = source_->Finish();
  if (status.ok()) return status;
  return FileError(fmt::format("{}: {}", name_, std::string(status.message())));
}

}  // namespace tandem::cli
