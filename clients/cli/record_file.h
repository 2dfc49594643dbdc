// SPDX-License-Identifier: Apache-2.0

// Reads the file of `-f`: one or several records as JSON or YAML.
#pragma once

#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace tandem::cli {

using Records = std::vector<std::unique_ptr<google::protobuf::Message>>;

// Reads `path`, "-" for standard input, into records made from `prototype`. The error names file,
// line, column, field and reason. A file above 16 MiB is refused: that is what import is for.
absl::StatusOr<Records> ReadRecordFile(const std::string& path,
                                       const google::protobuf::Message& prototype);

// The same from a stream; `name` is what errors call it.
absl::StatusOr<Records> ReadRecordStream(std::istream& in, const std::string& name,
                                         const google::protobuf::Message& prototype);

// The text of `path`, "-" for standard input. A file above 16 MiB is refused.
absl::StatusOr<std::string> ReadRecordText(const std::string& path);

// Whether a text is JSON, by its first character; else it is YAML.
bool LooksLikeJson(const std::string& text);

// What errors call `path`.
std::string FileTitle(const std::string& path);

// "file:line:column: field: message (reason)", the form of every complaint about a file.
std::string FileComplaint(const std::string& file, size_t line, size_t column,
                          const std::string& field, const std::string& reason,
                          const std::string& message);

}  // namespace tandem::cli
