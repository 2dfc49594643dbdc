// SPDX-License-Identifier: Apache-2.0

// Brings one record of the server to what a text says: create or update, and what came of it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

#include "cli/noun.h"
#include "cpp/client.h"

namespace tandem::cli {

// How a change is made.
struct ChangeOptions {
  // Check everything, write nothing.
  bool dry_run = false;
  // Clear what the text leaves out; else only the fields it sets are changed.
  bool replace = false;
};

// A change that was made or, in a dry run, would be.
struct RecordChange {
  // nullptr when there was none.
  std::unique_ptr<google::protobuf::Message> before;
  std::unique_ptr<google::protobuf::Message> after;
  bool changed = false;
};

// The record called `name`; nullptr when there is none.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> FetchRecord(const client::Client& client,
                                                                       const Noun& noun,
                                                                       const std::string& name);

// Creates or updates `record`, which has its full name. An etag in it must still be the server's.
absl::StatusOr<RecordChange> ChangeRecord(const client::Client& client, const Noun& noun,
                                          const google::protobuf::Message& record,
                                          const ChangeOptions& options);

// Fills a create request: the id and the parent come from the record's name.
void FillCreateRequest(const Noun& noun, const google::protobuf::Message& record,
                       google::protobuf::Message* request);

// Whether two states of a record hold the same: etag and update time are not looked at.
bool SameContent(const google::protobuf::Message& one, const google::protobuf::Message& other);

}  // namespace tandem::cli
