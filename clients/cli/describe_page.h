// SPDX-License-Identifier: Apache-2.0

// The page of `describe`: everything a record holds, for people, in both languages. Reads no
// server; prints what it is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "cli/noun.h"

namespace tandem::cli {

// Records of one noun that refer to the one described or lie below it.
struct RelatedRecords {
  const Noun* noun = nullptr;
  // The flags of `list` that find them all, for example `--filter 'agency = "agencies/x"'`.
  std::string flags;
  // The first of them.
  std::vector<std::unique_ptr<google::protobuf::Message>> shown;
  // How many there are; when `more`, at least that many.
  int64_t count = 0;
  bool more = false;
};

struct DescribePage {
  const Noun* noun = nullptr;
  const google::protobuf::Message* record = nullptr;
  // Display names of records that the record refers to, by name.
  std::map<std::string, std::string> titles;
  std::vector<RelatedRecords> related;
};

// How a page is laid out.
struct PageStyle {
  size_t width = 100;
  bool colour = false;
  absl::TimeZone zone;
};

void PrintDescribePage(const DescribePage& page, const PageStyle& style, std::ostream& out);

}  // namespace tandem::cli
