// SPDX-License-Identifier: Apache-2.0

#include "cli/csv_mapping.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_join.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/field_rules.pb.h"

#include "cli/code_damage.h"
#include "cli/field_value.h"
#include "cli/json_reader.h"
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

// Sets a field as a whole from JSON; answers what is wrong.
std::string SetWhole(const google::protobuf::FieldDescriptor* field, Message* parent,
                     const std::string& value) {
  const bool is_list = field->is_repeated() && !field->is_map();
  const bool is_object = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE &&
                         !IsTextMessage(field->message_type());
  // One value of a list needs no brackets.
  if (is_list && !is_object && value.front() != '[') {
    return SetFieldFromText(parent, field, value, ValueKind::kPlain);
  }
  // What is one JSON value can't end the object it is put into.
  if (!nlohmann::json::accept(value)) {
    return fmt::format("must be JSON, a{}", is_list ? " list in [ ]" : "n object in { }");
  }
  std::unique_ptr<Message> read(parent->New());
  if (auto problem = ReadJsonRecord("{\"" + field->json_name() + "\":" + value + "}", read.get())) {
    return problem->message;
  }
  parent->MergeFrom(*read);
  return "";
}

std::string SetValue(const TargetPath& path, Message* parent, const std::string& value) {
  const auto* field = path.fields.back();
  if (path.whole) return SetWhole(field, parent, value);
  if (!field->is_map()) return SetFieldFromText(parent, field, value, ValueKind::kPlain);
  Message* entry = parent->GetReflection()->AddMessage(parent, field);
  std::string wrong =
      SetFieldFromText(entry, entry->GetDescriptor()->map_key(), path.map_key, ValueKind::kPlain);
  if (!wrong.empty()) return wrong;
  return SetFieldFromText(entry, entry->GetDescriptor()->map_value(), value, ValueKind::kPlain);
}

}  // namespace

bool IsCodeField(const google::protobuf::FieldDescriptor* field) {
  if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) return true;
  const auto& options = field->options();
  return options.HasExtension(v1::date) || options.HasExtension(v1::pattern) ||
         options.HasExtension(v1::reference) || field->name() == "name" ||
         field->containing_type() == v1::Identifier::descriptor();
}

absl::StatusOr<CsvMapping> CsvMapping::FromHeader(const std::vector<std::string>& header,
                                                  const google::protobuf::Descriptor* type) {
  CsvMapping mapping;
  for (const std::string& column : header) {
    MappingRule rule;
    rule.columns = {{column, 0}};
    ASSIGN_OR_RETURN(rule.target, ParseTargetPath(column, type, /*whole=*/true));
    rule.transform.folds_width = !rule.target.whole && IsCodeField(rule.target.fields.back());
    mapping.rules_.push_back(std::move(rule));
  }
  RETURN_IF_ERROR(mapping.Bind(header));
  return mapping;
}

void CsvMapping::TidyHeader(std::vector<std::string>* header) {
  for (std::string& name : *header) name = std::string(TrimBlanks(name));
  while (!header->empty() && header->back().empty()) header->pop_back();
}

absl::Status CsvMapping::Bind(const std::vector<std::string>& header) {
  for (MappingRule& rule : rules_) {
    for (MappingColumn& column : rule.columns) {
      const auto count = std::count(header.begin(), header.end(), column.name);
      if (count != 1) {
        return absl::InvalidArgumentError(
            count == 0 ? fmt::format("the file has no column \"{}\"{}", column.name,
                                     DidYouMean(column.name, header))
                       : fmt::format("the file has {} columns \"{}\"", count, column.name));
      }
      column.index = static_cast<size_t>(std::find(header.begin(), header.end(), column.name) -
                                         header.begin());
    }
  }
  return absl::OkStatus();
}

bool CsvMapping::Uses(size_t index) const {
  for (const MappingRule& rule : rules_) {
    for (const MappingColumn& column : rule.columns) {
      if (column.index == index) return true;
    }
  }
  return false;
}

bool CsvMapping::NeedsRegions() const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [](const MappingRule& rule) { return rule.region_by_name; });
}

TransformResult CsvMapping::Values(const MappingRule& rule,
                                   const std::vector<std::string>& fields) const {
  std::string text;
  for (const MappingColumn& column : rule.columns) {
    const std::string& part = fields[column.index];
    if (rule.columns.size() > 1 && part.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    text += (text.empty() ? "" : rule.join) + part;
  }
  TransformResult result = Transform(text, rule.transform);
  if (!result.problem.empty()) return result;
  if (rule.target.fields.back()->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING &&
      rule.transform.folds_width && !rule.region_by_name) {
    for (const std::string& value : result.values) {
      result.problem = DescribeCodeDamage(value, CodeKind::kAny);
      if (!result.problem.empty()) return result;
    }
  }
  if (!rule.region_by_name) return result;
  for (std::string& value : result.values) {
    RegionNames::Answer answer = regions_->Find(value);
    if (!answer.problem.empty()) return {{}, std::move(answer.problem)};
    value = std::move(answer.name);
  }
  return result;
}

// A credit code that a spreadsheet spoilt: only a whole record tells that a number is one.
std::optional<MappingProblem> CsvMapping::FindDamagedCode(const Message& message) const {
  const auto* agency = dynamic_cast<const v1::Agency*>(&message);
  if (agency == nullptr) return std::nullopt;
  for (int i = 0; i < agency->identifiers_size(); ++i) {
    const v1::Identifier& identifier = agency->identifiers(i);
    if (identifier.scheme() != "uscc") continue;
    std::string problem = DescribeCodeDamage(identifier.value(), CodeKind::kCreditCode);
    if (problem.empty()) continue;
    std::string field = fmt::format("identifiers[{}].value", i);
    const std::optional<size_t> index = ColumnOf(field);
    return MappingProblem{std::move(field), index, std::move(problem)};
  }
  return std::nullopt;
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
    if (rule.columns.empty()) {
      values[i] = {rule.constant};
      continue;
    }
    TransformResult result = Values(rule, fields);
    if (result.problem.empty() && rule.required && result.values.empty()) {
      result.problem = "must not be empty";
    }
    if (!result.problem.empty())
      return MappingProblem{rule.target.text, rule.columns.front().index, result.problem};
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
      const bool constant = rule.columns.empty();
      if (!constant && j >= values[i].size()) break;
      auto problem = FillRule(rule, {values[i][constant ? 0 : j]}, static_cast<int>(j), message);
      if (problem) return problem;
    }
  }
  return FindDamagedCode(*message);
}

std::optional<MappingProblem> CsvMapping::FillRule(const MappingRule& rule,
                                                   const std::vector<std::string>& values,
                                                   int element, Message* message) const {
  if (values.empty()) return std::nullopt;
  std::optional<size_t> index;
  if (!rule.columns.empty()) index = rule.columns.front().index;
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
    return plain == proto_path ||
           (rule.target.whole && plain.substr(0, proto_path.size() + 1) == proto_path + ".");
  };
  const size_t dot = field.find('.');
  for (const MappingRule& rule : rules_) {
    if (rule.columns.empty()) continue;
    const size_t index = rule.columns.front().index;
    if (matches(rule, field)) return index;
    if (dot != std::string::npos && matches(rule, std::string_view(field).substr(dot + 1))) {
      return index;
    }
  }
  return std::nullopt;
}

}  // namespace tandem::cli
