// SPDX-License-Identifier: Apache-2.0

#include "cli/yaml_reader.h"

#include <functional>
#include <set>
#include <sstream>
#include <utility>

#include "fmt/format.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/yaml.h"

#include "cli/field_value.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

using Problem = std::optional<YamlProblem>;

Problem At(const YAML::Node& node, std::string field, std::string reason, std::string message) {
  const YAML::Mark mark = node.Mark();
  return YamlProblem{static_cast<size_t>(mark.line + 1), static_cast<size_t>(mark.column + 1),
                     std::move(field), std::move(reason), std::move(message)};
}

Problem ReadMessage(const YAML::Node& node, const std::string& path, Message* message);

// Sets or appends one value of a field that is no list and no map here.
Problem ReadValue(const YAML::Node& node, const std::string& path, const FieldDescriptor* field,
                  Message* message) {
  const bool is_object = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                         !IsTextMessage(field->message_type());
  if (is_object) {
    const auto* reflection = message->GetReflection();
    return ReadMessage(node, path,
                       field->is_repeated() ? reflection->AddMessage(message, field)
                                            : reflection->MutableMessage(message, field));
  }
  if (!node.IsScalar()) return At(node, path, "FIELD_INVALID", "must be a single value");
  // yaml-cpp marks quoted scalars with the tag "!".
  const ValueKind kind = node.Tag() == "!" ? ValueKind::kQuoted : ValueKind::kPlain;
  std::string wrong = SetFieldFromText(message, field, node.Scalar(), kind);
  if (!wrong.empty()) return At(node, path, "FIELD_INVALID", std::move(wrong));
  return std::nullopt;
}

Problem ReadMap(const YAML::Node& node, const std::string& path, const FieldDescriptor* field,
                Message* message) {
  if (!node.IsMap()) return At(node, path, "FIELD_INVALID", "must be a mapping");
  std::set<std::string> keys;
  for (const auto& pair : node) {
    const std::string key = pair.first.Scalar();
    const std::string entry_path = path + "." + key;
    if (!keys.insert(key).second) return At(pair.first, entry_path, "FIELD_INVALID", "given twice");
    Message* entry = message->GetReflection()->AddMessage(message, field);
    const auto* type = entry->GetDescriptor();
    std::string wrong = SetFieldFromText(entry, type->map_key(), key, ValueKind::kPlain);
    if (!wrong.empty()) return At(pair.first, entry_path, "FIELD_INVALID", std::move(wrong));
    if (auto problem = ReadValue(pair.second, entry_path, type->map_value(), entry)) return problem;
  }
  return std::nullopt;
}

Problem ReadMessage(const YAML::Node& node, const std::string& path, Message* message) {
  if (!node.IsMap())
    return At(node, path, path.empty() ? "TEXT_INVALID" : "FIELD_INVALID",
              path.empty() ? "a record must be a mapping" : "must be a mapping");
  std::set<const FieldDescriptor*> seen;
  for (const auto& pair : node) {
    const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : "";
    const FieldDescriptor* field = FindField(message->GetDescriptor(), key);
    const std::string field_path =
        (path.empty() ? "" : path + ".") + (field == nullptr ? key : field->json_name());
    if (field == nullptr) {
      return At(pair.first, field_path, "FIELD_UNKNOWN",
                UnknownFieldMessage(message->GetDescriptor(), key));
    }
    if (!seen.insert(field).second)
      return At(pair.first, field_path, "FIELD_INVALID", "given twice");
    const YAML::Node& value = pair.second;
    if (value.IsNull()) continue;
    if (field->is_map()) {
      if (auto problem = ReadMap(value, field_path, field, message)) return problem;
      continue;
    }
    if (!field->is_repeated()) {
      if (auto problem = ReadValue(value, field_path, field, message)) return problem;
      continue;
    }
    if (!value.IsSequence()) return At(value, field_path, "FIELD_INVALID", "must be a list");
    for (size_t i = 0; i < value.size(); ++i) {
      auto problem = ReadValue(value[i], fmt::format("{}[{}]", field_path, i), field, message);
      if (problem) return problem;
    }
  }
  return std::nullopt;
}

// yaml-cpp 0.7 begins document after document, for ever, at a token it can't use (a lone comma, a
// bracket too many). Two that begin at one place are told as what they are.
class ProgressCheck : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (mark.pos == last_start_) throw YAML::ParserException(mark, "unexpected character");
    last_start_ = mark.pos;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {}
  void OnMapEnd() override {}

 private:
  int last_start_ = -1;
};

void CheckProgress(const std::string& text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  ProgressCheck check;
  while (parser.HandleNextDocument(check)) {
  }
}

// Calls `read` for every record of the text: documents, and the elements of those that are lists.
Problem ForEachRecord(const std::string& text,
                      const std::function<Problem(const YAML::Node&)>& read) {
  // yaml-cpp reports by exceptions; they end here.
  try {
    CheckProgress(text);
    for (const YAML::Node& document : YAML::LoadAll(text)) {
      if (document.IsNull()) continue;
      if (!document.IsSequence()) {
        if (auto problem = read(document)) return problem;
        continue;
      }
      for (const YAML::Node& element : document) {
        if (auto problem = read(element)) return problem;
      }
    }
  } catch (const YAML::Exception& error) {
    return YamlProblem{static_cast<size_t>(error.mark.line + 1),
                       static_cast<size_t>(error.mark.column + 1), "", "TEXT_INVALID", error.msg};
  }
  return std::nullopt;
}

Problem ReadNamed(const YAML::Node& node, const PrototypeOf& prototype_of, bool opens_lists,
                  std::vector<NamedRecord>* records) {
  if (!node.IsMap()) return At(node, "", "TEXT_INVALID", "a record must be a mapping");
  const YAML::Node name_node = node["name"];
  const std::string name = name_node && name_node.IsScalar() ? name_node.Scalar() : "";
  if (opens_lists && name.empty()) {
    bool any_list = false;
    for (const auto& pair : node) {
      if (!pair.second.IsSequence()) continue;
      any_list = true;
      for (const YAML::Node& element : pair.second) {
        if (auto problem = ReadNamed(element, prototype_of, false, records)) return problem;
      }
    }
    if (any_list) return std::nullopt;
  }
  const Message* prototype = prototype_of(name);
  if (prototype == nullptr) {
    return At(name_node ? name_node : node, "name", "FIELD_INVALID", WrongNameMessage(name));
  }
  NamedRecord read;
  read.line = static_cast<size_t>(node.Mark().line + 1);
  read.record.reset(prototype->New());
  if (auto problem = ReadMessage(node, "", read.record.get())) return problem;
  records->push_back(std::move(read));
  return std::nullopt;
}

}  // namespace

Problem ReadYamlRecords(const std::string& text, const Message& prototype,
                        std::vector<std::unique_ptr<Message>>* records) {
  return ForEachRecord(text, [&](const YAML::Node& node) {
    records->emplace_back(prototype.New());
    return ReadMessage(node, "", records->back().get());
  });
}

Problem ReadNamedYaml(const std::string& text, const PrototypeOf& prototype_of,
                      std::vector<NamedRecord>* records) {
  return ForEachRecord(
      text, [&](const YAML::Node& node) { return ReadNamed(node, prototype_of, true, records); });
}

}  // namespace tandem::cli
