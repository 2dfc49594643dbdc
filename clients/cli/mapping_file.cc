// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "fmt/format.h"
#include "tandem/v1/field_rules.pb.h"
#include "yaml-cpp/yaml.h"

#include "cli/csv_mapping.h"
#include "cli/nearest_word.h"
#include "cli/record_file.h"

namespace tandem::cli {
namespace {

const std::vector<std::string>& RuleKeys() {
  static const auto* const kKeys = new std::vector<std::string>{
      "column", "columns",   "join",   "constant", "required", "separator",
      "values", "otherwise", "lower",  "date",     "time",     "zone",
      "scale",  "prefix",    "suffix", "region",   "id",       "json"};
  return *kKeys;
}

// Where a node stands, for a complaint.
absl::Status Wrong(const std::string& file, const YAML::Node& node, const std::string& field,
                   const std::string& message) {
  const YAML::Mark mark = node.Mark();
  return absl::InvalidArgumentError(FileComplaint(file, static_cast<size_t>(mark.line + 1),
                                                  static_cast<size_t>(mark.column + 1), field, "",
                                                  message));
}

// Reads one key of a rule; answers what is wrong.
std::string ReadKey(const std::string& key, const YAML::Node& value, MappingRule* rule) {
  ValueTransform& transform = rule->transform;
  if (key == "values") {
    if (!value.IsMap()) return "values must be a mapping";
    for (const auto& pair : value) transform.values[pair.first.Scalar()] = pair.second.Scalar();
    return transform.values.empty() ? "values must not be empty" : "";
  }
  if (key == "columns") {
    if (!value.IsSequence() || value.size() == 0) return "columns must be a list of columns";
    for (const auto& column : value) rule->columns.push_back({column.Scalar(), 0});
    return "";
  }
  if (!value.IsScalar()) return key + " must be a single value";
  const std::string& text = value.Scalar();
  if (key == "column") rule->columns.push_back({text, 0});
  if (key == "join") rule->join = text;
  if (key == "constant") rule->constant = text;
  if (key == "separator") transform.separator = text;
  if (key == "date") transform.date = text;
  if (key == "time") transform.time = text;
  if (key == "zone") transform.zone = text;
  if (key == "prefix") transform.prefix = text;
  if (key == "suffix") transform.suffix = text;
  if (key == "otherwise") {
    transform.otherwise = text;
    if (text != "error" && text != "keep" && text != "skip") {
      return "otherwise must be error, keep or skip";
    }
  }
  if (key == "region") {
    if (text != "name") return "region must be name";
    rule->region_by_name = true;
  }
  if (key == "required" || key == "lower" || key == "json" || key == "id") {
    if (text != "true" && text != "false") return key + " must be true or false";
    if (key == "required") rule->required = text == "true";
    if (key == "lower") transform.lower = text == "true";
    if (key == "id") transform.makes_id = text == "true";
  }
  if (key == "scale") {
    int64_t scale = 0;
    if (!absl::SimpleAtoi(text, &scale) || scale == 0) return "scale must be a whole number, not 0";
    transform.scale = scale;
  }
  return "";
}

absl::Status ReadRule(const std::string& file, const YAML::Node& node, MappingRule* rule) {
  if (node.IsScalar()) {
    rule->columns = {{node.Scalar(), 0}};
  } else if (!node.IsMap()) {
    return Wrong(file, node, rule->target.text, "must be a column's name or a mapping");
  } else {
    for (const auto& pair : node) {
      const std::string key = pair.first.Scalar();
      const auto& keys = RuleKeys();
      std::string wrong;
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        wrong = fmt::format("unknown word {}{}", key, DidYouMean(key, keys));
      } else {
        wrong = ReadKey(key, pair.second, rule);
      }
      if (!wrong.empty()) return Wrong(file, pair.first, rule->target.text, wrong);
    }
  }
  if (rule->columns.empty() == rule->constant.empty()) {
    return Wrong(file, node, rule->target.text, "give a column or a constant");
  }
  const google::protobuf::FieldDescriptor* field = rule->target.fields.back();
  if (rule->region_by_name) {
    if (field->options().GetExtension(v1::reference) != "regions") {
      return Wrong(file, node, rule->target.text, "is no reference to a region");
    }
    if (rule->join.empty()) rule->join = "/";
  }
  rule->transform.folds_width = !rule->target.whole && IsCodeField(field);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CsvMapping> CsvMapping::Parse(const std::string& text, const std::string& file,
                                             const google::protobuf::Descriptor* type) {
  CsvMapping mapping;
  // yaml-cpp reports by exceptions; they end here.
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap()) return Wrong(file, root, "", "a mapping file must be a mapping");
    for (const auto& pair : root) {
      const std::string key = pair.first.Scalar();
      if (key == "delimiter") {
        const std::string delimiter = pair.second.IsScalar() ? pair.second.Scalar() : "";
        const bool sound = delimiter.size() == 1 && delimiter != "\"" && delimiter != "\n" &&
                           delimiter != "\r" && static_cast<unsigned char>(delimiter[0]) < 0x80;
        if (!sound) return Wrong(file, pair.second, key, "must be one ASCII character, no quote");
        mapping.delimiter_ = delimiter[0];
      } else if (key != "fields") {
        return Wrong(
            file, pair.first, "",
            fmt::format("unknown word {}{}", key, DidYouMean(key, {"delimiter", "fields"})));
      }
    }
    const YAML::Node fields = root["fields"];
    if (!fields || !fields.IsMap()) return Wrong(file, root, "fields", "must be a mapping");
    std::set<std::string> seen;
    for (const auto& pair : fields) {
      MappingRule rule;
      const std::string path = pair.first.Scalar();
      const YAML::Node json = pair.second.IsMap() ? pair.second["json"] : YAML::Node();
      const bool whole = json && json.IsScalar() && json.Scalar() == "true";
      absl::StatusOr<TargetPath> target = ParseTargetPath(path, type, whole);
      if (!target.ok()) {
        return Wrong(file, pair.first, "", std::string(target.status().message()));
      }
      if (!seen.insert(path).second) return Wrong(file, pair.first, path, "given twice");
      rule.target = *std::move(target);
      absl::Status status = ReadRule(file, pair.second, &rule);
      if (!status.ok()) return status;
      mapping.rules_.push_back(std::move(rule));
    }
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(FileComplaint(file, static_cast<size_t>(error.mark.line + 1),
                                                    static_cast<size_t>(error.mark.column + 1), "",
                                                    "", error.msg));
  }
  return mapping;
}

}  // namespace tandem::cli
