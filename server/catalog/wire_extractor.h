// SPDX-License-Identifier: Apache-2.0

// Reads the indexed fields of a record straight from its wire form, in one pass and without
// building a message. The commit path and the start-up path both use it, so a restart sees exactly
// what a commit saw.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "catalog/indexed_fields.h"
#include "catalog/row_blob.h"
#include "catalog/segment.h"
#include "catalog/text_terms.h"

namespace tandem::catalog {

// Immutable after construction; any number of threads.
class WireExtractor {
 public:
  // The extractor of `type`.
  static const WireExtractor& Of(model::RecordType type);

  // Replaces `out` with the values in `body` and the terms of its searched texts; texts point into
  // `body`. RECORD_CORRUPT when it is no wire form.
  absl::Status Extract(std::string_view body, RowItems* out) const;

  const FieldTable& table() const { return table_; }

 private:
  // How one field number of one message is read.
  struct Rule {
    enum class Kind : uint8_t {
      kSkip,
      kVarint,
      kText,
      kParentName,
      kSearchOnly,
      kTimestamp,
      kMap,
      kMessage
    };
    Kind kind = Kind::kSkip;
    FieldId field = 0;
    int message = -1;
    // Searched text: where it counts.
    std::optional<TextField> search;
  };
  // One message type at one place of the record.
  struct MessageRules {
    // By field number.
    std::vector<Rule> rules;
    // Fields that have a value whenever the message is there: integers without presence are 0, and
    // each element of a repeated message adds one value to every list below it, so that the lists
    // stay parallel.
    std::vector<FieldId> defaults;
  };

  explicit WireExtractor(model::RecordType type);
  int Compile(const google::protobuf::Descriptor* message, const std::string& prefix,
              bool in_element);
  // Texts to make terms of, in the order of the record.
  using SearchTexts = std::vector<PlacedText>;
  bool Read(int message, std::string_view bytes, RowItems* out, SearchTexts* texts) const;

  const FieldTable& table_;
  const bool searched_;
  std::vector<MessageRules> messages_;
};

// Fills the times and the revision of `out` from the server's tail of a stored record.
absl::Status ReadTail(std::string_view tail, RowHeader* out);

// The hash kept to notice bodies that did not change.
uint64_t HashBody(std::string_view body);

}  // namespace tandem::catalog
