// SPDX-License-Identifier: Apache-2.0

// The rules a field carries in its declaration (proto/tandem/v1/field_rules.proto), read once by
// reflection, and the one checker that holds every write to them. Reports all violations, not the
// first. Cross-field rules live in record_rules.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "model/error.h"
#include "model/text_rules.h"

namespace re2 {
class RE2;
}

namespace tandem::model {

// Largest record, in bytes of its canonical form.
inline constexpr size_t kMaxRecordBytes = 64 * 1024;
// Longest text of a field without a rule of its own, in bytes.
inline constexpr size_t kMaxTextBytes = 4096;
// Most elements of a repeated field without a rule of its own.
inline constexpr int kMaxItems = 100;
// Longest key and value of a label, in bytes.
inline constexpr size_t kMaxLabelKeyBytes = 63;
inline constexpr size_t kMaxLabelValueBytes = 256;

// The rules of one message type.
class MessageRules;

// The rules of one field.
struct FieldRule {
  const google::protobuf::FieldDescriptor* field = nullptr;
  bool required = false;
  bool output_only = false;
  bool immutable = false;
  // Output-only, but an import may write it.
  bool importable = false;
  // Code points; 0: kMaxTextBytes holds.
  int max_length = 0;
  int max_items = kMaxItems;
  // Null: no pattern.
  std::shared_ptr<const re2::RE2> pattern;
  std::string pattern_text;
  // The collection a reference must name; empty: no reference.
  std::string reference;
  std::optional<int64_t> min;
  std::optional<int64_t> max;
  std::string range_text;
  bool date = false;
  // The field is a google.protobuf.Timestamp.
  bool timestamp = false;
  TextKind text_kind = TextKind::kLine;
  // Rules of the field's own message type; null for other kinds.
  const MessageRules* message = nullptr;
};

class MessageRules {
 public:
  // The rules of `type`, for the life of the process. Thread-safe. Aborts on a rule that can't be
  // read: such a proto never leaves the build (a test reads every message).
  static const MessageRules& Of(const google::protobuf::Descriptor* type);

  // In the order of declaration.
  const std::vector<FieldRule>& fields() const { return fields_; }
  // The rule of a field of this type.
  const FieldRule& rule(const google::protobuf::FieldDescriptor* field) const {
    return fields_[static_cast<size_t>(field->index())];
  }

 private:
  friend class MessageRulesBuilder;
  std::vector<FieldRule> fields_;
};

// Fields that only the server writes: output-only ones and the record's etag.
bool IsServerField(const FieldRule& rule);

// Turns every text of `message` into normal form C and adds what breaks a rule to `violations`:
// unknown field numbers too, for dropping what a newer client wrote would lose it. Paths start with
// `prefix` ("agency."). Server-owned fields are checked like others: clear them first.
void CheckFields(google::protobuf::Message* message, std::string_view prefix,
                 std::vector<FieldViolation>* violations);

// Adds a violation for every field number that `message` itself, not the messages in it, holds and
// this server does not know.
void CheckUnknownFields(const google::protobuf::Message& message, std::string_view prefix,
                        std::vector<FieldViolation>* violations);

}  // namespace tandem::model
