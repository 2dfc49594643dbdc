// SPDX-License-Identifier: Apache-2.0

#include "cli/mapping_inverse.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "tandem/v1/field_rules.pb.h"

#include "cli/field_value.h"
#include "cli/json_writer.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using nlohmann::ordered_json;

constexpr size_t kMostNumberDigits = 15;
constexpr int kMostDecimals = 18;

bool IsObject(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         !IsTextMessage(field->message_type());
}

void AddHeader(const Descriptor* type, const std::string& prefix,
               std::vector<std::string>* header) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->options().GetExtension(v1::output_only) || field->name() == "etag") continue;
    if (!field->is_repeated() && IsObject(field)) {
      AddHeader(field->message_type(), prefix + field->name() + ".", header);
    } else {
      header->push_back(prefix + field->name());
    }
  }
}

// A JSON value as the text that is read as it.
std::string TextOf(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// The values that `path` names in a document, in order.
void Collect(const ordered_json& document, const TargetPath& path, size_t at,
             std::vector<std::string>* values) {
  const FieldDescriptor* field = path.fields[at];
  const auto found = document.find(field->json_name());
  if (found == document.end()) return;
  const bool last = at + 1 == path.fields.size();
  if (last && path.whole) {
    values->push_back(found->dump());
  } else if (last && field->is_map()) {
    const auto entry = found->find(path.map_key);
    if (entry != found->end()) values->push_back(TextOf(*entry));
  } else if (last && found->is_array()) {
    for (const ordered_json& value : *found) values->push_back(TextOf(value));
  } else if (last) {
    values->push_back(TextOf(*found));
  } else if (static_cast<int>(at) == path.list_at) {
    for (size_t i = 0; i < found->size(); ++i) {
      const bool wanted = path.element < 0 || static_cast<size_t>(path.element) == i;
      if (wanted) Collect((*found)[i], path, at + 1, values);
    }
  } else {
    Collect(*found, path, at + 1, values);
  }
}

// `number` ÷ `scale` in decimal digits.
std::optional<std::string> Unscale(const std::string& text, int64_t scale) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return std::nullopt;
  __extension__ using Wide = __int128;
  const bool negative = (number < 0) != (scale < 0);
  Wide rest = number < 0 ? -Wide{number} : Wide{number};
  const Wide divisor = scale < 0 ? -Wide{scale} : Wide{scale};
  std::string digits = std::to_string(static_cast<uint64_t>(rest / divisor));
  rest %= divisor;
  if (rest != 0) digits.push_back('.');
  for (int i = 0; i < kMostDecimals && rest != 0; ++i) {
    rest *= 10;
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest / divisor)));
    rest %= divisor;
  }
  if (negative) digits.insert(digits.begin(), '-');
  return digits;
}

std::optional<std::string> Unread(const ValueTransform& transform, std::string value) {
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::Time time;
  std::string error;
  const bool spreadsheet = transform.date.starts_with("spreadsheet");
  if (!transform.date.empty() && !spreadsheet) {
    if (!absl::ParseTime("%Y-%m-%d", value, &time, &error)) return std::nullopt;
    return absl::FormatTime(transform.date, time, zone);
  }
  if (!transform.time.empty()) {
    if (!absl::LoadTimeZone(transform.zone, &zone) ||
        !absl::ParseTime(absl::RFC3339_full, value, &time, &error)) {
      return std::nullopt;
    }
    return absl::FormatTime(transform.time, time, zone);
  }
  return value;
}

// What the transforms would read as `value`; nullopt when nothing is.
std::optional<std::string> Invert(const ValueTransform& transform, std::string value) {
  if (!value.starts_with(transform.prefix) || !value.ends_with(transform.suffix) ||
      value.size() < transform.prefix.size() + transform.suffix.size()) {
    return std::nullopt;
  }
  value = value.substr(transform.prefix.size(),
                       value.size() - transform.prefix.size() - transform.suffix.size());
  if (transform.scale) {
    std::optional<std::string> unscaled = Unscale(value, *transform.scale);
    if (!unscaled) return std::nullopt;
    value = *std::move(unscaled);
  }
  std::optional<std::string> read = Unread(transform, std::move(value));
  if (!read || transform.values.empty()) return read;
  for (const auto& [from, to] : transform.values) {
    if (to == *read) return from;
  }
  return transform.otherwise == "keep" ? read : std::nullopt;
}

// Spreads "a/b/c" over several columns.
void SpreadPath(const std::string& path, const std::vector<MappingColumn>& columns,
                std::vector<TableCell>* row) {
  size_t start = 0;
  for (size_t i = 0; i < columns.size() && start <= path.size(); ++i) {
    const bool last = i + 1 == columns.size();
    const size_t end = last ? path.size() : std::min(path.find('/', start), path.size());
    (*row)[columns[i].index].text = path.substr(start, end - start);
    start = end + 1;
  }
}

bool IsNumber(const FieldDescriptor* field, const std::string& text) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return !field->is_repeated() && text.size() <= kMostNumberDigits;
    default:
      return false;
  }
}

size_t Utf16Units(const std::string& text) {
  size_t units = 0;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

class RowWriter : public ExportWriter {
 public:
  RowWriter(std::string kind, std::unique_ptr<TableWriter> table, CsvMapping mapping,
            std::vector<std::string> header, std::shared_ptr<const RegionNames> regions,
            LossReport* report)
      : kind_(std::move(kind)),
        table_(std::move(table)),
        mapping_(std::move(mapping)),
        columns_(header.size()),
        regions_(std::move(regions)),
        report_(*report) {
    mapping_.SetRegions(regions_);
    std::vector<TableCell> cells;
    for (std::string& name : header) cells.push_back({std::move(name)});
    table_->Row(cells);
  }

  absl::Status Write(const google::protobuf::Message& record) override {
    std::unique_ptr<google::protobuf::Message> own(record.New());
    own->CopyFrom(record);
    ClearServerFields(own.get());
    ASSIGN_OR_RETURN(const ordered_json document, ToJson(*own));
    std::vector<TableCell> row = RowOf(mapping_, document, columns_, regions_.get());
    std::vector<std::string> texts;
    for (TableCell& cell : row) {
      if (Utf16Units(cell.text) > table_->most_units()) cell = TableCell();
      texts.push_back(cell.text);
    }
    table_->Row(row);
    std::unique_ptr<google::protobuf::Message> read(record.New());
    if (auto problem = mapping_.Fill(texts, read.get())) {
      report_.Lost(kind_ + "." + problem->field,
                   "the record is not read again: " + problem->message);
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const ordered_json read_back, ToJson(*read));
    CompareCarried(kind_, document, read_back, &report_);
    return absl::OkStatus();
  }
  absl::Status Finish() override { return table_->Finish(); }

 private:
  const std::string kind_;
  std::unique_ptr<TableWriter> table_;
  CsvMapping mapping_;
  const size_t columns_;
  const std::shared_ptr<const RegionNames> regions_;
  LossReport& report_;
};

}  // namespace

std::vector<std::string> DefaultHeader(const Descriptor* type) {
  std::vector<std::string> header;
  AddHeader(type, "", &header);
  return header;
}

std::vector<std::string> HeaderOf(const CsvMapping& mapping) {
  std::vector<std::string> header;
  std::set<std::string> seen;
  for (const MappingRule& rule : mapping.rules()) {
    for (const MappingColumn& column : rule.columns) {
      if (seen.insert(column.name).second) header.push_back(column.name);
    }
  }
  return header;
}

std::vector<TableCell> RowOf(const CsvMapping& mapping, const ordered_json& record, size_t columns,
                             const RegionNames* regions) {
  std::vector<TableCell> row(columns);
  for (const MappingRule& rule : mapping.rules()) {
    if (rule.columns.empty()) continue;
    TableCell& first = row[rule.columns.front().index];
    if (!first.text.empty()) continue;
    std::vector<std::string> values;
    Collect(record, rule.target, 0, &values);
    std::vector<std::string> texts;
    for (std::string& value : values) {
      if (rule.region_by_name && regions != nullptr) {
        std::string path = regions->PathOf(value);
        if (!path.empty()) value = std::move(path);
      }
      std::optional<std::string> text = Invert(rule.transform, std::move(value));
      if (text) texts.push_back(*std::move(text));
    }
    if (texts.empty()) continue;
    if (rule.region_by_name && rule.columns.size() > 1) {
      SpreadPath(texts.front(), rule.columns, &row);
      continue;
    }
    const std::string& separator = rule.transform.separator;
    first.text = separator.empty() ? texts.front() : absl::StrJoin(texts, separator);
    first.is_number = IsNumber(rule.target.fields.back(), first.text);
  }
  return row;
}

std::unique_ptr<ExportWriter> MakeRowWriter(std::string kind, std::unique_ptr<TableWriter> table,
                                            CsvMapping mapping, std::vector<std::string> header,
                                            std::shared_ptr<const RegionNames> regions,
                                            LossReport* report) {
  return std::make_unique<RowWriter>(std::move(kind), std::move(table), std::move(mapping),
                                     std::move(header), std::move(regions), report);
}

}  // namespace tandem::cli
