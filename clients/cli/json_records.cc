// SPDX-License-Identifier: Apache-2.0

#include "cli/json_records.h"

#include <algorithm>
#include <string>
#include <utility>

#include "nlohmann/json.hpp"

namespace tandem::cli {
namespace {

// A part of the text that should be one object.
struct Span {
  size_t begin = 0;
  size_t end = 0;
};

bool IsBetween(char character) {
  return character == ' ' || character == '\t' || character == '\r' || character == '\n' ||
         character == ',';
}

// Where the value that begins at `begin` ends: behind its last bracket. Only brackets and strings
// are looked at: the grammar is the reader's.
size_t EndOfValue(std::string_view text, size_t begin) {
  int depth = 0;
  bool quoted = false;
  for (size_t at = begin; at < text.size(); ++at) {
    const char character = text[at];
    if (quoted) {
      if (character == '\\') ++at;
      quoted = character != '"';
    } else if (character == '"') {
      quoted = true;
    } else if (character == '{' || character == '[') {
      ++depth;
    } else if ((character == '}' || character == ']') && --depth <= 0) {
      return at + 1;
    } else if (depth == 0 && IsBetween(character)) {
      return at;
    }
  }
  return text.size();
}

// The values of [begin, end), those inside arrays one by one.
void CollectSpans(std::string_view text, size_t begin, size_t end, std::vector<Span>* spans) {
  for (size_t at = begin; at < end;) {
    if (IsBetween(text[at])) {
      ++at;
      continue;
    }
    const size_t stop = EndOfValue(text.substr(0, end), at);
    const bool closed = stop > at + 1 && text[stop - 1] == ']';
    if (text[at] == '[' && closed) {
      CollectSpans(text, at + 1, stop - 1, spans);
    } else {
      spans->push_back({at, stop});
    }
    at = stop;
  }
}

// The lists of a document like {"agencies": […], "nextPageToken": …}: the values of its keys that
// are arrays, opened by CollectSpans.
void CollectLists(std::string_view text, const Span& span, const nlohmann::json& document,
                  std::vector<Span>* spans) {
  for (const auto& [key, value] : document.items()) {
    if (!value.is_array() || value.empty() || !value.front().is_object()) continue;
    const std::string_view inside = text.substr(span.begin, span.end - span.begin);
    const std::optional<size_t> key_at = FindJsonField(inside, key);
    const size_t open = key_at ? text.find('[', span.begin + *key_at) : std::string_view::npos;
    if (open == std::string_view::npos) continue;
    CollectSpans(text, open, EndOfValue(text, open), spans);
  }
}

class Reader {
 public:
  Reader(std::string_view text, const PrototypeOf& prototype_of, std::vector<NamedRecord>* records)
      : text_(text), prototype_of_(prototype_of), records_(records) {}

  std::optional<ReadProblem> Read(const Span& span, bool opens_lists) {
    const std::string_view object = text_.substr(span.begin, span.end - span.begin);
    nlohmann::json document;
    // nlohmann reports by exceptions; they end here.
    try {
      document = nlohmann::json::parse(object);
    } catch (const nlohmann::json::parse_error& error) {
      const std::string what = error.what();
      const size_t cut = what.find(": ");
      const size_t byte = error.byte > 0 ? error.byte - 1 : 0;
      return ReadProblem{span.begin + std::min(byte, object.size()), "", "TEXT_INVALID",
                         cut == std::string::npos ? what : what.substr(cut + 2)};
    }
    if (!document.is_object()) {
      return ReadProblem{span.begin, "", "TEXT_INVALID", "a record must be an object"};
    }
    std::string name;
    if (document.contains("name") && document["name"].is_string()) {
      name = document["name"].get<std::string>();
    }
    std::vector<Span> elements;
    if (opens_lists && name.empty()) CollectLists(text_, span, document, &elements);
    for (const Span& element : elements) {
      if (auto problem = Read(element, false)) return problem;
    }
    if (!elements.empty()) return std::nullopt;
    const google::protobuf::Message* prototype = prototype_of_(name);
    if (prototype == nullptr) {
      return ReadProblem{span.begin, "name", "FIELD_INVALID", WrongNameMessage(name)};
    }
    NamedRecord read;
    read.line = LineAt(span.begin);
    read.record.reset(prototype->New());
    if (auto problem = ReadJsonRecord(object, read.record.get())) {
      problem->offset += span.begin;
      return problem;
    }
    records_->push_back(std::move(read));
    return std::nullopt;
  }

 private:
  // Offsets only grow, so lines are counted once.
  size_t LineAt(size_t offset) {
    line_ += static_cast<size_t>(std::count(text_.begin() + static_cast<ptrdiff_t>(counted_),
                                            text_.begin() + static_cast<ptrdiff_t>(offset), '\n'));
    counted_ = offset;
    return line_;
  }

  const std::string_view text_;
  const PrototypeOf& prototype_of_;
  std::vector<NamedRecord>* const records_;
  size_t counted_ = 0;
  size_t line_ = 1;
};

}  // namespace

std::optional<ReadProblem> ReadNamedJson(std::string_view text, const PrototypeOf& prototype_of,
                                         std::vector<NamedRecord>* records) {
  std::vector<Span> spans;
  CollectSpans(text, 0, text.size(), &spans);
  Reader reader(text, prototype_of, records);
  for (const Span& span : spans) {
    if (auto problem = reader.Read(span, true)) return problem;
  }
  return std::nullopt;
}

}  // namespace tandem::cli
