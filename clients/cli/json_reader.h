// SPDX-License-Identifier: Apache-2.0

// Reads records in protobuf's JSON form and tells exactly where one is wrong. Protobuf's own reader
// accepts text that is no JSON (single quotes, bare keys) and gives no positions; the grammar is
// left to nlohmann's parser, this file builds the message from its events.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"

namespace tandem::cli {

// What is wrong with a text, and where.
struct ReadProblem {
  // Bytes from the start of the text to the wrong place.
  size_t offset = 0;
  // The field's path, for example "categories[2].level"; empty when the grammar itself is broken.
  std::string field;
  // "TEXT_INVALID" (grammar, encoding, cut off), "FIELD_UNKNOWN" or "FIELD_INVALID".
  std::string reason;
  std::string message;
};

// Reads one JSON object into `record`, which is cleared first. Unknown fields, fields given twice
// and wrong types are problems; null leaves a field unset.
std::optional<ReadProblem> ReadJsonRecord(std::string_view text, google::protobuf::Message* record);

// Reads one JSON object or an array of them; every record is made from `prototype`.
std::optional<ReadProblem> ReadJsonRecords(
    std::string_view text, const google::protobuf::Message& prototype,
    std::vector<std::unique_ptr<google::protobuf::Message>>* records);

// The offset of the key at `path` ("assessment.points", "categories[1].level", lowerCamel or
// snake_case), also when the path begins with the name of the request's field
// ("agency.assessment.points", "agencies[3].…"). nullopt when the text has no such key.
std::optional<size_t> FindJsonField(std::string_view text, std::string_view path);

// Line and column (both from 1, columns in characters) of a byte offset.
struct TextPosition {
  size_t line = 1;
  size_t column = 1;
};
TextPosition PositionAt(std::string_view text, size_t offset);

}  // namespace tandem::cli
