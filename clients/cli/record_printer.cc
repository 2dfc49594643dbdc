// SPDX-License-Identifier: Apache-2.0

#include "cli/record_printer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "cli/cell_text.h"
#include "cli/display_width.h"
#include "cli/field_value.h"
#include "cli/json_writer.h"
#include "cli/session.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

// The columns to show: those asked for, with the headers of the type's own where it has them.
std::vector<NounColumn> ShownColumns(const Output& output, const std::vector<NounColumn>& own) {
  std::vector<NounColumn> shown;
  for (const std::string& path : output.columns) {
    NounColumn column = {absl::AsciiStrToUpper(path), path};
    for (const NounColumn& each : own) {
      if (each.path == path) column = each;
    }
    shown.push_back(std::move(column));
  }
  if (!shown.empty()) return shown;
  for (const NounColumn& each : own) {
    if (output.wide || !each.wide) shown.push_back(each);
  }
  return shown;
}

std::vector<TableColumn> TableColumns(const std::vector<NounColumn>& columns) {
  std::vector<TableColumn> out;
  for (const NounColumn& column : columns) out.push_back({column.header, column.align_right, 48});
  return out;
}

// One element of the list that the document opens in Begin.
std::string JsonElement(const nlohmann::ordered_json& document) {
  return "    " + absl::StrReplaceAll(JsonText(document), {{"\n", "\n    "}});
}

std::string YamlElement(const nlohmann::ordered_json& document) {
  return YamlText(nlohmann::ordered_json::array({document}));
}

}  // namespace

ListPrinter::ListPrinter(Output output, std::string collection,
                         const std::vector<NounColumn>& columns)
    : output_(std::move(output)),
      collection_(std::move(collection)),
      columns_(ShownColumns(output_, columns)),
      table_(TableColumns(columns_)) {
  if (!output_.headers) table_.OmitHeader();
}

void ListPrinter::Begin() {
  if (begun_) return;
  begun_ = true;
  if (output_.format == OutputFormat::kJson) output_.out << "{\n  \"" << collection_ << "\": [";
}

absl::Status ListPrinter::Add(const google::protobuf::Message& record) {
  Begin();
  switch (output_.format) {
    case OutputFormat::kTable: {
      if (!columns_checked_) RETURN_IF_ERROR(CheckColumns(output_, *record.GetDescriptor()));
      columns_checked_ = true;
      std::vector<std::string> cells;
      for (const NounColumn& column : columns_) cells.push_back(CellText(record, column.path));
      table_.AddRow(std::move(cells));
      return absl::OkStatus();
    }
    case OutputFormat::kName:
      output_.out << client::TextField(record, "name") << '\n';
      return absl::OkStatus();
    case OutputFormat::kJson: {
      ASSIGN_OR_RETURN(auto document, ToJson(record));
      output_.out << (first_ ? "\n" : ",\n") << JsonElement(document);
      break;
    }
    case OutputFormat::kYaml: {
      ASSIGN_OR_RETURN(auto document, ToJson(record));
      if (first_) output_.out << collection_ << ":\n";
      output_.out << YamlElement(document);
      break;
    }
  }
  first_ = false;
  return absl::OkStatus();
}

absl::Status ListPrinter::AddPage(const google::protobuf::Message& page,
                                  const google::protobuf::FieldDescriptor* field) {
  const auto* reflection = page.GetReflection();
  for (int i = 0; i < reflection->FieldSize(page, field); ++i) {
    RETURN_IF_ERROR(Add(reflection->GetRepeatedMessage(page, field, i)));
  }
  if (output_.format == OutputFormat::kTable) table_.Flush(output_.out, output_.colour);
  return absl::OkStatus();
}

void ListPrinter::End(const std::string& next_page_token, int64_t revision) {
  Begin();
  switch (output_.format) {
    case OutputFormat::kTable:
      table_.Flush(output_.out, output_.colour);
      break;
    case OutputFormat::kName:
      break;
    case OutputFormat::kJson:
      output_.out << (first_ ? "" : "\n  ")
                  << "],\n  \"nextPageToken\": " << nlohmann::ordered_json(next_page_token).dump()
                  << ",\n  \"revision\": \"" << revision << "\"\n}\n";
      break;
    case OutputFormat::kYaml:
      if (first_) output_.out << collection_ << ": []\n";
      output_.out << YamlText(
          {{"nextPageToken", next_page_token}, {"revision", absl::StrCat(revision)}});
      break;
  }
}

absl::Status CheckColumns(const Output& output, const google::protobuf::Descriptor& record) {
  for (const std::string& column : output.columns) {
    const google::protobuf::Descriptor* type = &record;
    for (absl::string_view part : absl::StrSplit(column, '.')) {
      const google::protobuf::FieldDescriptor* field =
          type == nullptr ? nullptr : FindField(type, {part.data(), part.size()});
      if (field == nullptr) {
        return UsageError(
            absl::StrCat("--columns ", column, ": ",
                         type == nullptr ? absl::StrCat("there is nothing below ", column)
                                         : UnknownFieldMessage(type, {part.data(), part.size()})));
      }
      // Any text may be the key of a map.
      if (field->is_map()) break;
      type = field->message_type();
    }
  }
  return absl::OkStatus();
}

absl::Status PrintRecord(Output output, const Noun& noun, const google::protobuf::Message& record) {
  if (output.format == OutputFormat::kTable || output.format == OutputFormat::kName) {
    ListPrinter printer(output, noun.Collection(), noun.columns);
    RETURN_IF_ERROR(printer.Add(record));
    printer.End("", 0);
    return absl::OkStatus();
  }
  return PrintAnswer(output, record);
}

absl::Status PrintAnswer(Output output, const google::protobuf::Message& answer) {
  if (output.format == OutputFormat::kName) {
    output.out << client::TextField(answer, "name") << '\n';
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(auto document, ToJson(answer));
  switch (output.format) {
    case OutputFormat::kJson:
      output.out << JsonText(document) << '\n';
      break;
    case OutputFormat::kYaml:
      output.out << YamlText(document);
      break;
    default:
      for (const auto& [path, value] : document.flatten().items()) {
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        const std::string key = path.empty() ? "" : path.substr(1);
        output.out << absl::StrReplaceAll(key, {{"/", "."}}) << ": " << OneLine(text) << '\n';
      }
  }
  return absl::OkStatus();
}

}  // namespace tandem::cli
