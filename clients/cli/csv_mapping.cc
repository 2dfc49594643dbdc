// SPDX-License-Identifier: Apache-2.0

#include "cli/csv_mapping.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "fmt/format.h"

#include "cli/field_value.h"
#include "cli/nearest_word.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using google::protobuf::Message;

constexpr int kNoElement = -1;

// "categories" for "categories[0].level": rules with the same list and element share one message.
std::string ListKey(const TargetPath& path) {
  std::string key;
  for (int i = 0; i <= path.list_at; ++i) {
    key += (i == 0 ? "" : ".") + path.fields[static_cast<size_t>(i)]->name();
  }
  return key;
}

// The message that holds the last field of `path`; list elements up to `element` are made.
Message* Reach(const TargetPath& path, int element, Message* message) {
  for (size_t i = 0; i + 1 < path.fields.size(); ++i) {
    const auto* field = path.fields[i];
    const auto* reflection = message->GetReflection();
    if (static_cast<int>(i) != path.list_at) {
      message = reflection->MutableMessage(message, field);
      continue;
    }
    while (reflection->FieldSize(*message, field) <= element)
      reflection->AddMessage(message, field);
    message = reflection->MutableRepeatedMessage(message, field, element);
  }
  return message;
}

std::string SetValue(const TargetPath& path, Message* parent, const std::string& value) {
  const auto* field = path.fields.back();
  if (!field->is_map()) return SetFieldFromText(parent, field, value, ValueKind::kPlain);
  Message* entry = parent->GetReflection()->AddMessage(parent, field);
  std::string wrong =
      SetFieldFromText(entry, entry->GetDescriptor()->map_key(), path.map_key, ValueKind::kPlain);
  if (!wrong.empty()) return wrong;
  return SetFieldFromText(entry, entry->GetDescriptor()->map_value(), value, ValueKind::kPlain);
}

}  // namespace

absl::StatusOr<CsvMapping> CsvMapping::FromHeader(const std::vector<std::string>& header,
                                                  const google::protobuf::Descriptor* type) {
  CsvMapping mapping;
  for (const std::string& column : header) {
    MappingRule rule;
    rule.column = column;
    ASSIGN_OR_RETURN(rule.target, ParseTargetPath(column, type));
    mapping.rules_.push_back(std::move(rule));
  }
  RETURN_IF_ERROR(mapping.Bind(header));
  return mapping;
}

absl::Status CsvMapping::Bind(const std::vector<std::string>& header) {
  for (MappingRule& rule : rules_) {
    if (rule.column.empty()) continue;
    const auto count = std::count(header.begin(), header.end(), rule.column);
    if (count != 1) {
      return absl::InvalidArgumentError(
          count == 0 ? fmt::format("the file has no column \"{}\"{}", rule.column,
                                   DidYouMean(rule.column, header))
                     : fmt::format("the file has {} columns \"{}\"", count, rule.column));
    }
    rule.index =
        static_cast<size_t>(std::find(header.begin(), header.end(), rule.column) - header.begin());
  }
  return absl::OkStatus();
}

std::optional<MappingProblem> CsvMapping::Fill(const std::vector<std::string>& fields,
                                               Message* message) const {
  message->Clear();
  // First all values: an element of a list exists only when a column gives it something.
  std::vector<std::vector<std::string>> values(rules_.size());
  // For "[n]": the elements with values, in order. For "[]": how many elements.
  std::map<std::string, std::map<int, int>> elements;
  std::map<std::string, size_t> spread;
  for (size_t i = 0; i < rules_.size(); ++i) {
    const MappingRule& rule = rules_[i];
    if (rule.column.empty()) {
      values[i] = {rule.constant};
      continue;
    }
    TransformResult result = Transform(fields[rule.index], rule.transform);
    if (result.problem.empty() && rule.required && result.values.empty()) {
      result.problem = "must not be empty";
    }
    if (!result.problem.empty())
      return MappingProblem{rule.target.text, rule.index, result.problem};
    values[i] = std::move(result.values);
    if (values[i].empty() || rule.target.list_at < 0) continue;
    const std::string list = ListKey(rule.target);
    if (rule.target.element >= 0) {
      elements[list][rule.target.element] = 0;
    } else {
      spread[list] = std::max(spread[list], values[i].size());
    }
  }
  for (auto& [list, numbers] : elements) {
    int next = 0;
    for (auto& [written, actual] : numbers) actual = next++;
  }
  for (size_t i = 0; i < rules_.size(); ++i) {
    const MappingRule& rule = rules_[i];
    if (rule.target.list_at < 0) {
      if (auto problem = FillRule(rule, values[i], kNoElement, message)) return problem;
      continue;
    }
    const std::string list = ListKey(rule.target);
    if (rule.target.element >= 0) {
      auto found = elements[list].find(rule.target.element);
      if (found == elements[list].end()) continue;
      if (auto problem = FillRule(rule, values[i], found->second, message)) return problem;
      continue;
    }
    for (size_t j = 0; j < spread[list]; ++j) {
      const bool constant = rule.column.empty();
      if (!constant && j >= values[i].size()) break;
      auto problem = FillRule(rule, {values[i][constant ? 0 : j]}, static_cast<int>(j), message);
      if (problem) return problem;
    }
  }
  return std::nullopt;
}

std::optional<MappingProblem> CsvMapping::FillRule(const MappingRule& rule,
                                                   const std::vector<std::string>& values,
                                                   int element, Message* message) const {
  if (values.empty()) return std::nullopt;
  std::optional<size_t> index;
  if (!rule.column.empty()) index = rule.index;
  const auto* field = rule.target.fields.back();
  if (values.size() > 1 && (!field->is_repeated() || field->is_map())) {
    return MappingProblem{rule.target.text, index, "takes one value, not a list"};
  }
  Message* parent = Reach(rule.target, element, message);
  for (const std::string& value : values) {
    std::string wrong = SetValue(rule.target, parent, value);
    if (!wrong.empty()) return MappingProblem{rule.target.text, index, std::move(wrong)};
  }
  return std::nullopt;
}

std::optional<size_t> CsvMapping::ColumnOf(const std::string& field) const {
  // The server may name the request's field first ("agency.home_region") and elements by number.
  auto matches = [](const MappingRule& rule, std::string_view path) {
    std::string proto_path;
    for (const auto* part : rule.target.fields) {
      proto_path += (proto_path.empty() ? "" : ".") + part->name();
    }
    if (!rule.target.map_key.empty()) proto_path += "." + rule.target.map_key;
    std::string plain;
    bool inside = false;
    for (char c : path) {
      inside = c == '[' || (inside && c != ']');
      if (!inside && c != ']') plain.push_back(c);
    }
    return plain == proto_path;
  };
  const size_t dot = field.find('.');
  for (const MappingRule& rule : rules_) {
    if (rule.column.empty()) continue;
    if (matches(rule, field)) return rule.index;
    if (dot != std::string::npos && matches(rule, std::string_view(field).substr(dot + 1))) {
      return rule.index;
    }
  }
  return std::nullopt;
}

}  // namespace tandem::cli
