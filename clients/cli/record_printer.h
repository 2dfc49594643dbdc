// SPDX-License-Identifier: Apache-2.0

// Prints records in the form the caller asked for, page by page: memory is bounded by a page.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

#include "cli/noun.h"
#include "cli/output.h"
#include "cli/text_table.h"

namespace tandem::cli {

// Prints one list: any number of records, then End.
//
//   json  {"agencies": […], "nextPageToken": "…", "revision": "…"}
//   yaml  the same document
//   table a header and a row a record
//   name  a name a line
class ListPrinter {
 public:
  // `collection` is the key of the list in a document.
  // Tables show the columns that the output asks for, else those of `columns`; wide ones only when
  // it is wide.
  ListPrinter(Output output, std::string collection, const std::vector<NounColumn>& columns);

  // Prints the records of one page: the elements of `field` in `page`.
  absl::Status AddPage(const google::protobuf::Message& page,
                       const google::protobuf::FieldDescriptor* field);
  // Prints one record.
  absl::Status Add(const google::protobuf::Message& record);
  // Ends the list; `next_page_token` is empty when it is whole.
  void End(const std::string& next_page_token, int64_t revision);

 private:
  void Begin();

  Output output_;
  std::string collection_;
  std::vector<NounColumn> columns_;
  TextTable table_;
  bool begun_ = false;
  bool first_ = true;
  bool columns_checked_ = false;
};

// The usage error about a column of `output` that is no field of `record`, with the nearest one; OK
// when all are.
absl::Status CheckColumns(const Output& output, const google::protobuf::Descriptor& record);

// Prints one record: an object, a table of one row, or its name.
absl::Status PrintRecord(Output output, const Noun& noun, const google::protobuf::Message& record);

// Prints any other answer as a document. In table form `path: value` lines, one a set field.
absl::Status PrintAnswer(Output output, const google::protobuf::Message& answer);

}  // namespace tandem::cli
