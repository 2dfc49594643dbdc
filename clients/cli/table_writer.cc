// SPDX-License-Identifier: Apache-2.0

#include "cli/table_writer.h"

#include <limits>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "cli/xlsx_program.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

constexpr size_t kMostXlsxUnits = 32767;

class CsvTableWriter : public TableWriter {
 public:
  CsvTableWriter(std::ostream& out, char delimiter) : out_(out), delimiter_(delimiter) {}

  void Row(const std::vector<TableCell>& cells) override {
    bool first = true;
    for (const TableCell& cell : cells) {
      if (!first) out_ << delimiter_;
      first = false;
      out_ << CsvField(cell.text, delimiter_);
    }
    out_ << '\n';
  }
  absl::Status Finish() override { return absl::OkStatus(); }
  size_t most_units() const override { return std::numeric_limits<size_t>::max(); }

 private:
  std::ostream& out_;
  const char delimiter_;
};

class XlsxTableWriter : public TableWriter {
 public:
  XlsxTableWriter(std::string path, std::unique_ptr<ChildProcess> program)
      : path_(std::move(path)), program_(std::move(program)) {}

  void Row(const std::vector<TableCell>& cells) override {
    nlohmann::json row = nlohmann::json::array({++rows_});
    for (const TableCell& cell : cells) {
      if (cell.text.empty()) {
        row.push_back(nullptr);
      } else if (cell.is_number) {
        row.push_back(nlohmann::json::object({{"n", cell.text}}));
      } else {
        row.push_back(cell.text);
      }
    }
    program_->input() << row.dump() << '\n';
  }
  absl::Status Finish() override {
    program_->input() << fmt::format("{{\"end\":{}}}\n", rows_);
    const absl::Status status = program_->Wait();
    if (status.ok()) return status;
    return client::MakeClientError(absl::StatusCode::kDataLoss, "FILE_UNWRITABLE",
                                   fmt::format("{}: {}", path_, std::string(status.message())));
  }
  size_t most_units() const override { return kMostXlsxUnits; }

 private:
  const std::string path_;
  std::unique_ptr<ChildProcess> program_;
  int64_t rows_ = 0;
};

}  // namespace

std::string CsvField(std::string_view text, char delimiter) {
  const bool needs_quotes = text.find_first_of("\"\r\n") != std::string_view::npos ||
                            text.find(delimiter) != std::string_view::npos ||
                            (!text.empty() && (text.front() == ' ' || text.back() == ' '));
  if (!needs_quotes) return std::string(text);
  std::string field = "\"";
  for (char c : text) {
    if (c == '"') field.push_back('"');
    field.push_back(c);
  }
  return field + "\"";
}

std::unique_ptr<TableWriter> MakeCsvWriter(std::ostream& out, char delimiter) {
  return std::make_unique<CsvTableWriter>(out, delimiter);
}

absl::StatusOr<std::unique_ptr<TableWriter>> MakeXlsxWriter(const std::string& path,
                                                            const std::string& sheet) {
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> program, StartXlsxProgram("write", path, sheet));
  return std::unique_ptr<TableWriter>(std::make_unique<XlsxTableWriter>(path, std::move(program)));
}

}  // namespace tandem::cli
