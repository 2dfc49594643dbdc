// SPDX-License-Identifier: Apache-2.0

// How `tandem` ends. The numbers are a promise to scripts; --help and README.md list them.
#pragma once

#include "absl/status/status.h"

namespace tandem::cli {

enum class ExitCode {
  // Everything asked for was done.
  kDone = 0,
  // The server or this program could not do it.
  kFailed = 1,
  // The command line is wrong; nothing was sent.
  kUsage = 2,
  // No such record, plugin or run.
  kNotFound = 3,
  // The caller may not do this.
  kDenied = 4,
  // No server answers, or it is not ready.
  kUnavailable = 5,
  // The time was over.
  kTimedOut = 6,
  // An import, apply or log of activities stored some records and refused others.
  kPartialImport = 7,
  // `diff` could not compare every record. Its own 1 means that there are differences.
  kNotCompared = 8,
  kDifferent = 1,
  // Ctrl-C stopped an import, a watch or a mirror; it can go on where it stopped.
  kInterrupted = 130,
};

// The exit code of a command that ended with `status`.
constexpr ExitCode ExitCodeFor(absl::StatusCode status) {
  switch (status) {
    case absl::StatusCode::kOk:
      return ExitCode::kDone;
    case absl::StatusCode::kNotFound:
      return ExitCode::kNotFound;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return ExitCode::kDenied;
    case absl::StatusCode::kUnavailable:
      return ExitCode::kUnavailable;
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kTimedOut;
    default:
      return ExitCode::kFailed;
  }
}

}  // namespace tandem::cli
