// SPDX-License-Identifier: Apache-2.0

#include "cli/record_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "fmt/format.h"

#include "cli/json_records.h"
#include "cli/record_file.h"
#include "cli/yaml_reader.h"
#include "cpp/call_error.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status FileError(const std::string& reason, const std::string& message) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, reason, message);
}

bool IsRecordFile(const std::filesystem::path& path) {
  static constexpr std::array kEndings = {".yaml", ".yml", ".json", ".ndjson", ".jsonl"};
  return std::find(kEndings.begin(), kEndings.end(), path.extension()) != kEndings.end();
}

// The files that `path` stands for, in order.
absl::StatusOr<std::vector<std::string>> FilesAt(const std::string& path, bool recursive) {
  std::error_code error;
  if (path == "-" || !std::filesystem::is_directory(path, error)) return std::vector{path};
  std::vector<std::string> files;
  auto take = [&files](const std::filesystem::directory_entry& entry) {
    if (entry.is_regular_file() && IsRecordFile(entry.path())) files.push_back(entry.path());
  };
  if (recursive) {
    for (auto it = std::filesystem::recursive_directory_iterator(path, error);
         !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
      take(*it);
    }
  } else {
    for (auto it = std::filesystem::directory_iterator(path, error);
         !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
      take(*it);
    }
  }
  if (error) return FileError("FILE_UNREADABLE", path + ": " + error.message());
  if (files.empty()) {
    return FileError("FILE_UNREADABLE", path +
                                            " holds no .yaml, .yml, .json, .ndjson or .jsonl file" +
                                            (recursive ? "" : "; -R looks into its folders"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

const Message* PrototypeByName(const std::string& name) {
  const Noun* noun = NounOfName(name);
  if (noun == nullptr) return nullptr;
  return google::protobuf::MessageFactory::generated_factory()->GetPrototype(noun->Record());
}

absl::Status ReadFile(const std::string& path, std::vector<NamedRecord>* records) {
  ASSIGN_OR_RETURN(const std::string text, ReadRecordText(path));
  const std::string title = FileTitle(path);
  if (LooksLikeJson(text)) {
    if (auto problem = ReadNamedJson(text, PrototypeByName, records)) {
      const TextPosition at = PositionAt(text, problem->offset);
      return FileError(problem->reason, FileComplaint(title, at.line, at.column, problem->field, "",
                                                      problem->message));
    }
  } else if (auto problem = ReadNamedYaml(text, PrototypeByName, records)) {
    return FileError(problem->reason, FileComplaint(title, problem->line, problem->column,
                                                    problem->field, "", problem->message));
  }
  if (records->empty()) return FileError("TEXT_INVALID", title + " holds no record");
  return absl::OkStatus();
}

// The texts of `message`, at any depth, that are names in `places`.
void CollectNames(const Message& message, const std::map<std::string, size_t>& places,
                  std::set<size_t>* found) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        CollectNames(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                          : reflection->GetMessage(message, field),
                     places, found);
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        const auto place =
            places.find(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                             : reflection->GetString(message, field));
        if (place != places.end()) found->insert(place->second);
      }
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<SourcedRecord>> ReadRecordFiles(const std::vector<std::string>& paths,
                                                           bool recursive) {
  std::vector<SourcedRecord> all;
  std::map<std::string, std::string> place_of;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesAt(path, recursive));
    for (const std::string& file : files) {
      std::vector<NamedRecord> records;
      RETURN_IF_ERROR(ReadFile(file, &records));
      for (NamedRecord& read : records) {
        SourcedRecord sourced;
        sourced.name = client::TextField(*read.record, "name");
        sourced.noun = NounOfName(sourced.name);
        sourced.record = std::move(read.record);
        sourced.place = fmt::format("{}:{}", FileTitle(file), read.line);
        const auto [first, is_new] = place_of.emplace(sourced.name, sourced.place);
        if (!is_new) {
          return FileError("FIELD_INVALID",
                           fmt::format("{}: {} stands at {} already", sourced.place, sourced.name,
                                       first->second));
        }
        all.push_back(std::move(sourced));
      }
    }
  }
  return all;
}

std::vector<SourcedRecord> ReferencedFirst(std::vector<SourcedRecord> records) {
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < records.size(); ++i) places[records[i].name] = i;
  std::vector<std::set<size_t>> needs(records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    CollectNames(*records[i].record, places, &needs[i]);
    const auto parent = places.find(ParentOfName(records[i].name));
    if (parent != places.end()) needs[i].insert(parent->second);
    needs[i].erase(i);
  }
  std::vector<SourcedRecord> ordered;
  std::vector<bool> entered(records.size());
  // Depth first without recursion: a chain may be as long as the file.
  for (size_t root = 0; root < records.size(); ++root) {
    std::vector<size_t> path;
    auto enter = [&](size_t at) {
      if (entered[at]) return;
      entered[at] = true;
      path.push_back(at);
    };
    enter(root);
    while (!path.empty()) {
      const size_t at = path.back();
      if (needs[at].empty()) {
        ordered.push_back(std::move(records[at]));
        path.pop_back();
        continue;
      }
      const size_t next = *needs[at].begin();
      needs[at].erase(needs[at].begin());
      enter(next);
    }
  }
  return ordered;
}

}  // namespace tandem::cli
