// SPDX-License-Identifier: Apache-2.0

#include "cli/record_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "fmt/format.h"

#include "cli/json_reader.h"
#include "cli/yaml_reader.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

constexpr size_t kMaxFileBytes = 16 * 1024 * 1024;

absl::Status Complain(const std::string& file, size_t line, size_t column, const std::string& field,
                      const std::string& reason, const std::string& message) {
  absl::Status status =
      client::MakeClientError(absl::StatusCode::kInvalidArgument, reason,
                              FileComplaint(file, line, column, field, "", message));
  return status;
}

absl::Status Unreadable(const std::string& path) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                                 fmt::format("{}: {}", path, std::strerror(errno)));
}

absl::StatusOr<std::string> ReadAll(std::istream& in, const std::string& name) {
  std::string text;
  char block[65536];
  while (in.read(block, sizeof(block)), in.gcount() > 0) {
    text.append(block, static_cast<size_t>(in.gcount()));
    if (text.size() > kMaxFileBytes) {
      return client::MakeClientError(absl::StatusCode::kInvalidArgument, "LIMIT_EXCEEDED",
                                     name + " is larger than 16 MiB; use import");
    }
  }
  return text;
}

}  // namespace

std::string FileComplaint(const std::string& file, size_t line, size_t column,
                          const std::string& field, const std::string& reason,
                          const std::string& message) {
  std::string text = fmt::format("{}:{}:{}: ", file, line, column);
  if (!reason.empty()) text += reason + ": ";
  if (!field.empty()) text += field + ": ";
  return text + message;
}

absl::StatusOr<Records> ReadRecordStream(std::istream& in, const std::string& name,
                                         const google::protobuf::Message& prototype) {
  ASSIGN_OR_RETURN(const std::string text, ReadAll(in, name));
  Records records;
  if (LooksLikeJson(text)) {
    if (auto problem = ReadJsonRecords(text, prototype, &records)) {
      const TextPosition at = PositionAt(text, problem->offset);
      return Complain(name, at.line, at.column, problem->field, problem->reason, problem->message);
    }
  } else if (auto problem = ReadYamlRecords(text, prototype, &records)) {
    return Complain(name, problem->line, problem->column, problem->field, problem->reason,
                    problem->message);
  }
  if (records.empty()) {
    return client::MakeClientError(absl::StatusCode::kInvalidArgument, "TEXT_INVALID",
                                   name + " holds no record");
  }
  return records;
}

absl::StatusOr<Records> ReadRecordFile(const std::string& path,
                                       const google::protobuf::Message& prototype) {
  if (path == "-") return ReadRecordStream(std::cin, FileTitle(path), prototype);
  std::ifstream in(path, std::ios::binary);
  if (!in) return Unreadable(path);
  return ReadRecordStream(in, path, prototype);
}

absl::StatusOr<std::string> ReadRecordText(const std::string& path) {
  if (path == "-") return ReadAll(std::cin, FileTitle(path));
  std::ifstream in(path, std::ios::binary);
  if (!in) return Unreadable(path);
  return ReadAll(in, path);
}

bool LooksLikeJson(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (text[first] == '{' || text[first] == '[');
}

std::string FileTitle(const std::string& path) { return path == "-" ? "standard input" : path; }

}  // namespace tandem::cli
