// SPDX-License-Identifier: Apache-2.0

#include "cli/json_writer.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "google/protobuf/util/json_util.h"
#include "yaml-cpp/yaml.h"

namespace tandem::cli {
namespace {

// Whether a plain YAML scalar with this text would not be read as a string (YAML 1.1 and 1.2
// words).
bool NeedsQuotes(const std::string& text) {
  static constexpr std::array kWords = {"",   "~",   "null", "true", "false", "yes", "no",
                                        "on", "off", "y",    "n",    ".inf",  ".nan"};
  const std::string lower = absl::AsciiStrToLower(text);
  for (const char* word : kWords) {
    if (lower == word) return true;
  }
  // Numbers, dates (2026-01-01), sexagesimals (12:30) and hexadecimal all begin like a number.
  return absl::ascii_isdigit(static_cast<unsigned char>(lower[0])) || lower[0] == '+' ||
         lower[0] == '-' || lower[0] == '.';
}

void Emit(const nlohmann::ordered_json& value, YAML::Emitter* out) {
  if (value.is_object()) {
    *out << YAML::BeginMap;
    for (const auto& [key, element] : value.items()) {
      *out << YAML::Key;
      if (NeedsQuotes(key)) *out << YAML::DoubleQuoted;
      *out << key << YAML::Value;
      Emit(element, out);
    }
    *out << YAML::EndMap;
  } else if (value.is_array()) {
    if (value.empty()) *out << YAML::Flow;
    *out << YAML::BeginSeq;
    for (const auto& element : value) Emit(element, out);
    *out << YAML::EndSeq;
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (NeedsQuotes(text)) *out << YAML::DoubleQuoted;
    *out << text;
  } else {
    *out << value.dump();
  }
}

}  // namespace

absl::StatusOr<nlohmann::ordered_json> ToJson(const google::protobuf::Message& message) {
  std::string text;
  auto status = google::protobuf::util::MessageToJsonString(message, &text);
  if (!status.ok()) {
    return absl::InternalError("an answer can't be written as JSON: " + status.ToString());
  }
  return nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
}

std::string JsonText(const nlohmann::ordered_json& document) {
  return document.dump(2, ' ', /*ensure_ascii=*/false,
                       nlohmann::ordered_json::error_handler_t::replace);
}

std::string YamlText(const nlohmann::ordered_json& document) {
  YAML::Emitter out;
  out.SetIndent(2);
  Emit(document, &out);
  return std::string(out.c_str()) + "\n";
}

}  // namespace tandem::cli
