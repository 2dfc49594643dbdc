// SPDX-License-Identifier: Apache-2.0

// RETURN_IF_ERROR and ASSIGN_OR_RETURN for absl::Status, which the packaged Abseil lacks. Clients
// have their own copy because they see nothing of the server but the generated code.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expr`, an absl::Status, is not OK.
#define RETURN_IF_ERROR(expr)                                       \
  do {                                                              \
    if (absl::Status client_status = (expr); !client_status.ok()) { \
      return client_status;                                         \
    }                                                               \
  } while (false)

#define TANDEM_CLIENT_CONCAT_INNER(a, b) a##b
#define TANDEM_CLIENT_CONCAT(a, b) TANDEM_CLIENT_CONCAT_INNER(a, b)

// Evaluates `expr`, an absl::StatusOr; returns its status when not OK, else moves the value to
// `lhs`.
#define ASSIGN_OR_RETURN(lhs, expr) \
  TANDEM_CLIENT_ASSIGN_INNER(TANDEM_CLIENT_CONCAT(client_result_, __LINE__), lhs, expr)

#define TANDEM_CLIENT_ASSIGN_INNER(result, lhs, expr)  \
  auto result = (expr);                                \
  if (!result.ok()) return std::move(result).status(); \
  lhs = std::move(result).value()
