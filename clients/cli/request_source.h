// SPDX-License-Identifier: Apache-2.0

// The requests of `tandem call`, read one after the other: JSON objects, one or many.
#pragma once

#include <istream>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace tandem::cli {

// One thread.
class RequestSource {
 public:
  // `data`: JSON text, "@FILE", "-" for standard input; empty: no request.
  static absl::StatusOr<std::unique_ptr<RequestSource>> Open(const std::string& data);

  // Reads the next object into `request`; false at the end. The error names source, line and
  // column. An object above 16 MiB is refused.
  absl::StatusOr<bool> Next(google::protobuf::Message* request);

 private:
  RequestSource(std::unique_ptr<std::istream> owned, std::istream* in, std::string name);

  std::unique_ptr<std::istream> owned_;
  std::istream* in_;
  // What errors call it.
  std::string name_;
  // Line where the next object may begin, from 1.
  size_t line_ = 1;
};

}  // namespace tandem::cli
