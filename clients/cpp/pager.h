// SPDX-License-Identifier: Apache-2.0

// Walks the pages of a list method. One page is held at a time.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

#include "cpp/client.h"

namespace tandem::client {

// The pages of one list call. `client` must outlive it; one thread at a time.
//
//   Pager pages(client, *method, request);
//   ListAgenciesResponse page;
//   for (;;) {
//     ASSIGN_OR_RETURN(bool more, pages.Next(&page));
//     if (!more) break;
//     …
//   }
class Pager {
 public:
  // `request` is copied; its page token, when set, is where the walk begins.
  Pager(const Client& client, const google::protobuf::MethodDescriptor& method,
        const google::protobuf::Message& request);

  // Fills `page` with the next page; false when there is none left. A list has at least one page,
  // which may be empty.
  absl::StatusOr<bool> Next(google::protobuf::Message* page);

 private:
  const Client& client_;
  const google::protobuf::MethodDescriptor& method_;
  std::unique_ptr<google::protobuf::Message> request_;
  bool over_ = false;
};

// A text field of a message by name; empty when the message has none.
std::string TextField(const google::protobuf::Message& message, const std::string& field);
// Sets a text field by name when the message has it; tells whether it did.
bool SetTextField(google::protobuf::Message* message, const std::string& field,
                  const std::string& value);

}  // namespace tandem::client
