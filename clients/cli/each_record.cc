// SPDX-License-Identifier: Apache-2.0

#include "cli/each_record.h"

#include "cli/record_printer.h"
#include "cpp/status_macros.h"

namespace tandem::cli {

absl::StatusOr<ExitCode> CallForEach(
    Session& session, const Noun& noun, const google::protobuf::MethodDescriptor& method,
    size_t count, const std::function<absl::Status(size_t, google::protobuf::Message*)>& fill) {
  RETURN_IF_ERROR(CheckColumns(session.output(), *noun.Record()));
  ListPrinter list(session.output(), noun.Collection(), noun.columns);
  for (size_t i = 0; i < count; ++i) {
    auto request = NewMessage(method.input_type());
    auto record = NewMessage(method.output_type());
    absl::Status status = fill(i, request.get());
    if (status.ok()) status = session.Public().Call(method, *request, record.get());
    if (status.ok() && count == 1) {
      RETURN_IF_ERROR(PrintRecord(session.output(), noun, *record));
      return ExitCode::kDone;
    }
    if (status.ok()) status = list.Add(*record);
    if (!status.ok()) {
      // What was done before the error is told too, as a whole document.
      if (i > 0) list.End("", 0);
      return status;
    }
  }
  list.End("", 0);
  return ExitCode::kDone;
}

}  // namespace tandem::cli
