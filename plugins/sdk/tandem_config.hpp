// SPDX-License-Identifier: Apache-2.0

// A plugin's configuration: a JSON object read strictly, with typed look-ups. Header-only, C++17,
// no dependency; part of tandem_plugin.hpp. A key that the plugin never asks for is an error after
// its constructor, so a misspelt option can't be ignored silently.
#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tandem_problem.hpp"

namespace tandem {

// One JSON value.
struct Json {
  enum class Kind { kNull, kFlag, kNumber, kText, kList, kObject };
  Kind kind = Kind::kNull;
  bool flag = false;
  double number = 0;
  int64_t integer = 0;
  bool is_integer =
      false;  // the number was written without fraction and exponent and fits into int64
  std::string text;
  std::vector<Json> list;
  std::map<std::string, Json, std::less<>> object;
};

// Reads one JSON text; throws TANDEM_BAD_CONFIG with the position of the first fault.
class JsonReader {
 public:
  static Json Read(std::string_view text) {
    JsonReader reader(text);
    Json value = reader.Value(0);
    reader.Space();
    if (reader.at_ != text.size()) reader.Fail("text after the value");
    return value;
  }

 private:
  explicit JsonReader(std::string_view text) : text_(text) {}

  [[noreturn]] void Fail(const char* what) const {
    throw Error(TANDEM_BAD_CONFIG,
                "configuration: " + std::string(what) + " at byte " + std::to_string(at_));
  }
  void Space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool Take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  Json Value(int depth) {
    if (depth > 32) Fail("nesting deeper than 32");
    Space();
    Json value;
    if (Take("null")) return value;
    if (Take("true") || Take("false")) {
      value.kind = Json::Kind::kFlag;
      value.flag = text_[at_ - 2] == 'u';
    } else if (Take("\"")) {
      value.kind = Json::Kind::kText;
      value.text = Text();
    } else if (Take("[")) {
      value.kind = Json::Kind::kList;
      for (Space(); !Take("]"); Space()) {
        if (!value.list.empty() && !Take(",")) Fail("',' or ']' missing");
        value.list.push_back(Value(depth + 1));
      }
    } else if (Take("{")) {
      Object(depth, &value);
    } else {
      Number(&value);
    }
    return value;
  }
  void Object(int depth, Json* value) {
    value->kind = Json::Kind::kObject;
    for (Space(); !Take("}"); Space()) {
      if (!value->object.empty()) {
        if (!Take(",")) Fail("',' or '}' missing");
        Space();
      }
      if (!Take("\"")) Fail("a key in quotes missing");
      std::string key = Text();
      Space();
      if (!Take(":")) Fail("':' missing");
      if (!value->object.emplace(std::move(key), Value(depth + 1)).second) Fail("key twice");
    }
  }
  void Number(Json* value) {
    size_t end = text_.find_first_not_of("+-.0123456789eE", at_);
    std::string_view word = text_.substr(at_, end == text_.npos ? text_.npos : end - at_);
    const char* last = word.data() + word.size();
    auto [stop, fault] = std::from_chars(word.data(), last, value->number);
    if (word.empty() || word[0] == '+' || fault != std::errc() || stop != last) {
      Fail("a value missing or a number wrong");
    }
    value->kind = Json::Kind::kNumber;
    auto [int_stop, int_fault] = std::from_chars(word.data(), last, value->integer);
    value->is_integer = int_fault == std::errc() && int_stop == last;
    at_ += word.size();
  }
  std::string Text() {
    std::string out;
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '"') return ++at_, out;
      if (static_cast<unsigned char>(c) < 0x20) Fail("control character in a text");
      if (c != '\\') {
        out += c;
        continue;
      }
      if (++at_ == text_.size()) break;
      constexpr std::string_view kEscapes = "\"\\/bfnrt";
      size_t which = kEscapes.find(text_[at_]);
      if (which != kEscapes.npos) {
        out += "\"\\/\b\f\n\r\t"[which];
      } else if (text_[at_] == 'u') {
        AppendCodePoint(&out);
      } else {
        Fail("unknown escape");
      }
    }
    Fail("text without an end");
  }
  uint32_t Hex4() {
    uint32_t value = 0;
    const char* from = text_.data() + at_ + 1;
    if (text_.size() - at_ < 5 || std::from_chars(from, from + 4, value, 16).ptr != from + 4) {
      Fail("wrong \\u escape");
    }
    at_ += 4;
    return value;
  }
  void AppendCodePoint(std::string* out) {
    uint32_t c = Hex4();
    if (c >= 0xD800 && c < 0xDC00) {
      if (text_.substr(at_ + 1, 2) != "\\u") Fail("half a surrogate pair");
      at_ += 2;
      uint32_t low = Hex4();
      if (low < 0xDC00 || low > 0xDFFF) Fail("half a surrogate pair");
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    } else if (c >= 0xDC00 && c < 0xE000) {
      Fail("half a surrogate pair");
    }
    auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
    if (c < 0x80) return put(c);
    if (c < 0x800) return put(0xC0 | (c >> 6)), put(0x80 | (c & 0x3F));
    if (c < 0x10000) {
      return put(0xE0 | (c >> 12)), put(0x80 | ((c >> 6) & 0x3F)), put(0x80 | (c & 0x3F));
    }
    put(0xF0 | (c >> 18)), put(0x80 | ((c >> 12) & 0x3F)), put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }

  std::string_view text_;
  size_t at_ = 0;
};

// Typed look-ups. A key of the wrong type throws TANDEM_BAD_CONFIG naming it; an absent one gives
// `missing`.
class Config {
 public:
  explicit Config(std::string_view json)
      : root_(std::make_shared<Json>(JsonReader::Read(json.empty() ? "{}" : json))),
        asked_(std::make_shared<std::set<std::string, std::less<>>>()) {
    if (root_->kind != Json::Kind::kObject) {
      throw Error(TANDEM_BAD_CONFIG, "configuration: not an object");
    }
  }

  // A number with or without fraction.
  double number(std::string_view key, double missing) const {
    const Json* value = Find(key, Json::Kind::kNumber, "a number");
    return value == nullptr ? missing : value->number;
  }
  // A whole number.
  int64_t integer(std::string_view key, int64_t missing) const {
    const Json* value = Find(key, Json::Kind::kNumber, "a whole number");
    if (value == nullptr) return missing;
    if (!value->is_integer) Wrong(key, "a whole number");
    return value->integer;
  }
  bool flag(std::string_view key, bool missing) const {
    const Json* value = Find(key, Json::Kind::kFlag, "true or false");
    return value == nullptr ? missing : value->flag;
  }
  std::string text(std::string_view key, std::string_view missing) const {
    const Json* value = Find(key, Json::Kind::kText, "a text");
    return value == nullptr ? std::string(missing) : value->text;
  }
  // A list or an object as it is; nullptr when absent.
  const Json* list(std::string_view key) const { return Find(key, Json::Kind::kList, "a list"); }
  const Json* object(std::string_view key) const {
    return Find(key, Json::Kind::kObject, "an object");
  }

  // Throws TANDEM_BAD_CONFIG for a key that was never asked for. The wrapper calls it.
  void RefuseUnknownKeys() const {
    for (const auto& [key, value] : root_->object) {
      if (asked_->count(key) == 0)
        throw Error(TANDEM_BAD_CONFIG, "configuration: unknown key '" + key + "'");
    }
  }

 private:
  [[noreturn]] static void Wrong(std::string_view key, const char* wanted) {
    throw Error(TANDEM_BAD_CONFIG, "configuration: '" + std::string(key) + "' must be " + wanted);
  }
  const Json* Find(std::string_view key, Json::Kind kind, const char* wanted) const {
    asked_->emplace(key);
    auto it = root_->object.find(key);
    if (it == root_->object.end()) return nullptr;
    if (it->second.kind != kind) Wrong(key, wanted);
    return &it->second;
  }

  std::shared_ptr<const Json> root_;
  std::shared_ptr<std::set<std::string, std::less<>>> asked_;
};

}  // namespace tandem
