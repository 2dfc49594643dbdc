// SPDX-License-Identifier: Apache-2.0

#include "golden/filter_case_file.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "catalog/indexed_fields.h"
#include "google/protobuf/text_format.h"

namespace tandem::testing {
namespace {

std::string Trim(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

std::unique_ptr<google::protobuf::Message> MakeRecord(model::RecordType type, const std::string& id,
                                                      const std::string& body) {
  const auto* descriptor = catalog::FieldTable::Of(type).message_type();
  auto record = std::unique_ptr<google::protobuf::Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  const std::string name = std::string(catalog::NamePrefix(type)) + id;
  const std::string text = "name: \"" + name + "\" " + body;
  if (!google::protobuf::TextFormat::ParseFromString(text, record.get())) return nullptr;
  return record;
}

// Takes the file line by line.
class CaseReader {
 public:
  FilterCaseFile Read(const std::string& path) {
    std::ifstream in(path);
    if (!in) file_.fault = path + " can't be opened";
    for (std::string line; file_.fault.empty() && std::getline(in, line);) {
      ++line_;
      TakeLine(line);
    }
    EndRecord();
    if (!file_.fault.empty()) file_.fault = path + ":" + std::to_string(line_) + ": " + file_.fault;
    return std::move(file_);
  }

 private:
  void TakeLine(const std::string& line) {
    if (line.empty() || line[0] == '#') return;
    if (line[0] == ' ' && !record_id_.empty()) {
      record_body_ += line + "\n";
      return;
    }
    EndRecord();
    const size_t colon = line.find(':');
    if (colon == std::string::npos) {
      file_.fault = "expected `word: value`";
      return;
    }
    TakeEntry(line.substr(0, colon), Trim(line.substr(colon + 1)));
  }

  void TakeEntry(const std::string& word, const std::string& value) {
    if (word == "type") {
      auto type = model::TypeOfCollection(value);
      if (!type) file_.fault = "no collection " + value;
      file_.type = type.value_or(model::RecordType::kAgency);
    } else if (word == "tree") {
      std::istringstream names(value);
      std::string child, parent;
      names >> child >> parent;
      file_.parents[child] = parent;
    } else if (word == "record") {
      record_id_ = value;
    } else if (word == "case") {
      file_.cases.emplace_back();
      file_.cases.back().title = value;
      file_.cases.back().line = line_;
    } else if (file_.cases.empty()) {
      file_.fault = "`" + word + "` before the first case";
    } else {
      TakeCaseEntry(word, value, &file_.cases.back());
    }
  }

  void TakeCaseEntry(const std::string& word, const std::string& value, FilterCase* out) {
    if (word == "filter") {
      out->filter = value;
    } else if (word == "order") {
      out->order_by = value;
    } else if (word == "names") {
      out->names = value;
    } else if (word == "error") {
      out->refused = true;
      const size_t first = value.find(" | "), second = value.find(" | ", first + 3);
      if (second == std::string::npos) {
        file_.fault = "expected `error: character | text | what was expected`";
        return;
      }
      out->position = Trim(value.substr(0, first));
      out->text = Trim(value.substr(first + 3, second - first - 3));
      out->expected = Trim(value.substr(second + 3));
    } else {
      file_.fault = "unknown word `" + word + "`";
    }
  }

  void EndRecord() {
    if (record_id_.empty()) return;
    auto record = MakeRecord(file_.type, record_id_, record_body_);
    if (record == nullptr && file_.fault.empty()) {
      file_.fault = "record " + record_id_ + " is no text format";
    }
    if (record != nullptr) file_.records.push_back(std::move(record));
    record_id_.clear();
    record_body_.clear();
  }

  FilterCaseFile file_;
  int line_ = 0;
  std::string record_id_;
  std::string record_body_;
};

}  // namespace

FilterCaseFile ReadFilterCaseFile(const std::string& path) { return CaseReader().Read(path); }

}  // namespace tandem::testing
