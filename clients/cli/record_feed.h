// SPDX-License-Identifier: Apache-2.0

// The records of one kind that a filter names, one after another: what an export reads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

#include "cli/noun.h"
#include "cpp/client.h"
#include "cpp/pager.h"

namespace tandem::cli {

// One thread.
class RecordFeed {
 public:
  virtual ~RecordFeed() = default;
  // Fills `record` with the next one; false after the last.
  virtual absl::StatusOr<bool> Next(google::protobuf::Message* record) = 0;
  // The revision that all of it is read at; 0 when there is no such thing.
  virtual int64_t revision() const { return 0; }
};

// Walks the pages of the list, by name. A record that changes during the walk comes as it was or as
// it is; none is left out or comes twice, unless it is created, deleted or renamed meanwhile.
// `client` and `noun` must outlive it.
class ListFeed : public RecordFeed {
 public:
  ListFeed(const client::Client& client, const Noun& noun, const std::string& filter);

  absl::StatusOr<bool> Next(google::protobuf::Message* record) override;

 private:
  client::Pager pages_;
  std::unique_ptr<google::protobuf::Message> page_;
  const google::protobuf::FieldDescriptor* records_;
  int at_ = 0;
};

}  // namespace tandem::cli
