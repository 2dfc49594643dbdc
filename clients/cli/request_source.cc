// SPDX-License-Identifier: Apache-2.0

#include "cli/request_source.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "fmt/format.h"

#include "cli/json_reader.h"
#include "cli/record_file.h"
#include "cpp/call_error.h"

namespace tandem::cli {
namespace {

constexpr size_t kMaxObjectBytes = 16 * 1024 * 1024;

bool IsBlank(int character) {
  return character == ' ' || character == '\n' || character == '\r' || character == '\t';
}

// The text from the first character that is no blank to the bracket that closes it; the rest of the
// stream when none does. Only brackets and strings are looked at: the grammar is the reader's.
std::string TakeObject(std::istream& in) {
  std::string text;
  int depth = 0;
  bool quoted = false;
  for (int next = in.get(); next != EOF && text.size() <= kMaxObjectBytes; next = in.get()) {
    const char character = static_cast<char>(next);
    text.push_back(character);
    if (quoted) {
      if (character == '\\' && in.peek() != EOF) text.push_back(static_cast<char>(in.get()));
      quoted = character != '"';
    } else if (character == '"') {
      quoted = true;
    } else if (character == '{' || character == '[') {
      ++depth;
    } else if ((character == '}' || character == ']') && --depth <= 0) {
      return text;
    }
  }
  return text;
}

}  // namespace

RequestSource::RequestSource(std::unique_ptr<std::istream> owned, std::istream* in,
                             std::string name)
    : owned_(std::move(owned)), in_(in), name_(std::move(name)) {}

absl::StatusOr<std::unique_ptr<RequestSource>> RequestSource::Open(const std::string& data) {
  if (data == "-") {
    return std::unique_ptr<RequestSource>(new RequestSource(nullptr, &std::cin, "standard input"));
  }
  std::unique_ptr<std::istream> in;
  std::string name = "-d";
  if (!data.empty() && data[0] == '@') {
    name = data.substr(1);
    in = std::make_unique<std::ifstream>(name, std::ios::binary);
    if (!*in) {
      return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                                     fmt::format("{}: {}", name, std::strerror(errno)));
    }
  } else {
    in = std::make_unique<std::istringstream>(data);
  }
  std::istream* const borrowed = in.get();
  return std::unique_ptr<RequestSource>(
      new RequestSource(std::move(in), borrowed, std::move(name)));
}

absl::StatusOr<bool> RequestSource::Next(google::protobuf::Message* request) {
  while (in_->peek() != EOF && IsBlank(in_->peek())) {
    if (in_->get() == '\n') ++line_;
  }
  if (in_->peek() == EOF) return false;
  const std::string text = TakeObject(*in_);
  if (text.size() > kMaxObjectBytes) {
    return client::MakeClientError(absl::StatusCode::kInvalidArgument, "LIMIT_EXCEEDED",
                                   fmt::format("{}:{}: an object above 16 MiB", name_, line_));
  }
  if (auto problem = ReadJsonRecord(text, request)) {
    const TextPosition at = PositionAt(text, problem->offset);
    return client::MakeClientError(
        absl::StatusCode::kInvalidArgument, problem->reason,
        FileComplaint(name_, line_ + at.line - 1, at.column, problem->field, "", problem->message));
  }
  line_ += PositionAt(text, text.size()).line - 1;
  return true;
}

}  // namespace tandem::cli
