// SPDX-License-Identifier: Apache-2.0

// RETURN_IF_ERROR and ASSIGN_OR_RETURN for absl::Status, which the packaged Abseil lacks.
// Used by every layer; adds no context of its own.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define TANDEM_CONCAT_INNER(a, b) a##b
#define TANDEM_CONCAT(a, b) TANDEM_CONCAT_INNER(a, b)

// Returns from the enclosing function when `expr`, an absl::Status, is not OK.
#define RETURN_IF_ERROR(expr)                                       \
  do {                                                              \
    if (absl::Status tandem_status = (expr); !tandem_status.ok()) { \
      return tandem_status;                                         \
    }                                                               \
  } while (false)

// Evaluates `expr`, an absl::StatusOr; returns its status when not OK, else moves the value to
// `lhs`.
#define ASSIGN_OR_RETURN(lhs, expr) \
  TANDEM_ASSIGN_OR_RETURN_INNER(TANDEM_CONCAT(tandem_result_, __LINE__), lhs, expr)

#define TANDEM_ASSIGN_OR_RETURN_INNER(result, lhs, expr) \
  auto result = (expr);                                  \
  if (!result.ok()) return std::move(result).status();   \
  lhs = std::move(result).value()
