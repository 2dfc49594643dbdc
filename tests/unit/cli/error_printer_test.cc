// SPDX-License-Identifier: Apache-2.0

#include "cli/error_printer.h"

#include <sstream>

#include <gtest/gtest.h>

#include "cli/exit_code.h"
#include "cpp/call_error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace tandem::cli {
namespace {

std::string Printed(const absl::Status& status, bool colour = false) {
  std::ostringstream out;
  PrintError(out, status, "127.0.0.1:7310", colour);
  return out.str();
}

// An error as it arrives from a server.
grpc::Status ServerError(grpc::StatusCode code, const std::string& message,
                         const std::vector<const google::protobuf::Message*>& details) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  for (const auto* detail : details) status.add_details()->PackFrom(*detail);
  return grpc::Status(code, message, status.SerializeAsString());
}

TEST(ErrorPrinterTest, PrintsReasonMessageFieldsAndRemedy) {
  google::rpc::ErrorInfo info;
  info.set_reason("FIELD_INVALID");
  info.set_domain("tandem.v1");
  google::rpc::BadRequest request;
  auto* violation = request.add_field_violations();
  violation->set_field("agency.display_name");
  violation->set_description("must not be empty");
  violation = request.add_field_violations();
  violation->set_field("agency.assessment.points");
  violation->set_description("must be from 0 to 1000");
  const absl::Status status = client::FromGrpcStatus(
      ServerError(grpc::StatusCode::INVALID_ARGUMENT, "2 fields are wrong", {&info, &request}));
  EXPECT_EQ(Printed(status),
            "tandem: FIELD_INVALID: 2 fields are wrong\n"
            "  agency.display_name: must not be empty\n"
            "  agency.assessment.points: must be from 0 to 1000\n");
}

TEST(ErrorPrinterTest, PrintsReferrersAndRemedy) {
  google::rpc::ErrorInfo info;
  info.set_reason("RESOURCE_IN_USE");
  google::rpc::PreconditionFailure failure;
  failure.add_violations()->set_subject("agencies/a");
  const absl::Status status = client::FromGrpcStatus(
      ServerError(grpc::StatusCode::FAILED_PRECONDITION, "regions/x is in use", {&info, &failure}));
  EXPECT_EQ(Printed(status),
            "tandem: RESOURCE_IN_USE: regions/x is in use\n"
            "  agencies/a\n"
            "  remedy: change or delete the records that refer to it first\n");
}

TEST(ErrorPrinterTest, NamesTheServerThatCanNotBeReached) {
  const std::string text =
      Printed(client::FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "refused")));
  EXPECT_EQ(text,
            "tandem: UNAVAILABLE: refused\n"
            "  remedy: is a server running at 127.0.0.1:7310? name another with --server, or "
            "--admin-socket for plugin commands\n");
}

TEST(ErrorPrinterTest, ColoursOnlyTheReasonAndNeutralisesTheText) {
  const std::string text = Printed(absl::InternalError("a\x1b[2Jb\nc"), true);
  EXPECT_EQ(text, "tandem: \x1b[31mINTERNAL\x1b[0m: a [2Jb c\n");
}

TEST(ErrorPrinterTest, UnreadableDetailsLeaveTheMessage) {
  const absl::Status status =
      client::FromGrpcStatus(grpc::Status(grpc::StatusCode::ABORTED, "changed", "\xff\xff\xff"));
  EXPECT_EQ(Printed(status), "tandem: ABORTED: changed\n");
}

TEST(ExitCodeTest, OneARow) {
  EXPECT_EQ(ExitCodeFor(absl::StatusCode::kOk), ExitCode::kDone);
  EXPECT_EQ(ExitCodeFor(absl::StatusCode::kNotFound), ExitCode::kNotFound);
  EXPECT_EQ(ExitCodeFor(absl::StatusCode::kPermissionDenied), ExitCode::kDenied);
  EXPECT_EQ(ExitCodeFor(absl::StatusCode::kUnauthenticated), ExitCode::kDenied);
  EXPECT_EQ(ExitCodeFor(absl::StatusCode::kUnavailable), ExitCode::kUnavailable);
  EXPECT_EQ(ExitCodeFor(absl::StatusCode::kDeadlineExceeded), ExitCode::kTimedOut);
  EXPECT_EQ(ExitCodeFor(absl::StatusCode::kInvalidArgument), ExitCode::kFailed);
  EXPECT_EQ(ExitCodeFor(absl::StatusCode::kAborted), ExitCode::kFailed);
}

}  // namespace
}  // namespace tandem::cli
