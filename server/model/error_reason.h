// SPDX-License-Identifier: Apache-2.0

// Every reason an error can carry: its name on the wire (google.rpc.ErrorInfo.reason), its
// canonical code and one line for people. The pair (reason, domain) never changes its meaning. One
// row a reason; a test checks that every row is produced somewhere.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace tandem::model {

// clang-format off
#define TANDEM_ERROR_REASONS(X)                                                                              \
  X(kFieldInvalid,        "FIELD_INVALID",        kInvalidArgument,    "a field of the request is wrong")               \
  X(kFilterInvalid,       "FILTER_INVALID",       kInvalidArgument,    "the filter can't be read or names no such field") \
  X(kOrderInvalid,        "ORDER_INVALID",        kInvalidArgument,    "the order can't be read or is not offered")     \
  X(kPageTokenInvalid,    "PAGE_TOKEN_INVALID",   kInvalidArgument,    "the page token was not made by this directory") \
  X(kPageTokenMismatch,   "PAGE_TOKEN_MISMATCH",  kInvalidArgument,    "the page token belongs to other arguments")     \
  X(kRequestIdReused,     "REQUEST_ID_REUSED",    kInvalidArgument,    "the request id was used with another body")     \
  X(kResourceNotFound,    "RESOURCE_NOT_FOUND",   kNotFound,           "no such resource")                              \
  X(kResourceExists,      "RESOURCE_EXISTS",      kAlreadyExists,      "the name is taken")                             \
  X(kResourceDeletedExists, "RESOURCE_DELETED_EXISTS", kAlreadyExists, "the name belongs to a deleted record")          \
  X(kIdentifierTaken,     "IDENTIFIER_TAKEN",     kAlreadyExists,      "another record has this verified identifier")   \
  X(kEtagMismatch,        "ETAG_MISMATCH",        kAborted,            "the record changed since it was read")          \
  X(kWriteConflict,       "WRITE_CONFLICT",       kAborted,            "parallel writes to the same record")            \
  X(kResourceInUse,       "RESOURCE_IN_USE",      kFailedPrecondition, "other records refer to it")                     \
  X(kReferenceMissing,    "REFERENCE_MISSING",    kFailedPrecondition, "a record it refers to does not exist")          \
  X(kTreeCycle,           "TREE_CYCLE",           kFailedPrecondition, "the parents would form a cycle or be too deep") \
  X(kResourceMerged,      "RESOURCE_MERGED",      kFailedPrecondition, "the record was merged into another")            \
  X(kMergeCycle,          "MERGE_CYCLE",          kFailedPrecondition, "a merge would make a record its own survivor")  \
  X(kValidityConflict,    "VALIDITY_CONFLICT",    kFailedPrecondition, "days or successors of units contradict each other") \
  X(kStateWrong,          "STATE_WRONG",          kFailedPrecondition, "the record's state does not allow it")          \
  X(kRoundFrozen,         "ROUND_FROZEN",         kFailedPrecondition, "a frozen round refers to it")                   \
  X(kWindowClosed,        "WINDOW_CLOSED",        kFailedPrecondition, "the round's window is not open")                \
  X(kNoRoom,              "NO_ROOM",              kFailedPrecondition, "the offer or the need has fewer slots left")    \
  X(kHistoryChanged,      "HISTORY_CHANGED",      kFailedPrecondition, "the revision belongs to an abandoned history")  \
  X(kRunInfeasible,       "RUN_INFEASIBLE",       kFailedPrecondition, "no assignment meets the minima of the round")   \
  X(kRunInterrupted,      "RUN_INTERRUPTED",      kAborted,            "the server stopped while the run was at work")  \
  X(kRevisionCompacted,   "REVISION_COMPACTED",   kOutOfRange,         "the revision is older than the kept history")   \
  X(kOverloaded,          "OVERLOADED",           kResourceExhausted,  "too much work is waiting")                      \
  X(kLimitExceeded,       "LIMIT_EXCEEDED",       kResourceExhausted,  "a size limit is exceeded")                      \
  X(kStorageFull,         "STORAGE_FULL",         kResourceExhausted,  "the disk is full")                              \
  X(kPermissionDenied,    "PERMISSION_DENIED",    kPermissionDenied,   "the caller may not do this")                    \
  X(kShuttingDown,        "SHUTTING_DOWN",        kUnavailable,        "the server is stopping")                        \
  X(kStorageFailed,       "STORAGE_FAILED",       kUnavailable,        "storage failed; no write is taken any more")    \
  X(kOutcomeUnknown,      "OUTCOME_UNKNOWN",      kUnavailable,        "the write may or may not have happened")        \
  X(kDeadlineExceeded,    "DEADLINE_EXCEEDED",    kDeadlineExceeded,   "the time the caller gave is over")              \
  X(kCancelled,           "CANCELLED",            kCancelled,          "the caller went away or asked to stop")         \
  X(kRecordCorrupt,       "RECORD_CORRUPT",       kDataLoss,           "a stored record is damaged")                    \
  X(kDataDirInvalid,      "DATA_DIR_INVALID",     kFailedPrecondition, "the data directory can't be opened safely")     \
  X(kDataDirLocked,       "DATA_DIR_LOCKED",      kFailedPrecondition, "another process uses the data directory")       \
  X(kDataBehind,          "DATA_BEHIND",          kDataLoss,           "the data directory lost acknowledged writes")   \
  X(kPluginNotLoaded,     "PLUGIN_NOT_LOADED",    kFailedPrecondition, "the plugin is not loaded or not enabled")       \
  X(kPluginNotFound,      "PLUGIN_NOT_FOUND",     kNotFound,           "no such bundle under the plugin directory")     \
  X(kPluginInUse,         "PLUGIN_IN_USE",        kFailedPrecondition, "the plugin is enabled or pinned")               \
  X(kPluginAbi,           "PLUGIN_ABI",           kFailedPrecondition, "the plugin speaks another ABI version")         \
  X(kPluginTampered,      "PLUGIN_TAMPERED",      kFailedPrecondition, "a bundle file does not have its declared hash") \
  X(kPluginRefused,       "PLUGIN_REFUSED",       kFailedPrecondition, "the bundle breaks a rule")                      \
  X(kPluginUnsigned,      "PLUGIN_UNSIGNED",      kFailedPrecondition, "the bundle has no signature")                   \
  X(kPluginConfig,        "PLUGIN_CONFIG",        kInvalidArgument,    "the plugin does not accept its configuration")  \
  X(kPluginCrashed,       "PLUGIN_CRASHED",       kUnavailable,        "the plugin's process ended")                    \
  X(kPluginTimeout,       "PLUGIN_TIMEOUT",       kDeadlineExceeded,   "the plugin did not answer in time")             \
  X(kPluginOutOfMemory,   "PLUGIN_OUT_OF_MEMORY", kResourceExhausted,  "the plugin hit its memory limit")               \
  X(kPluginBadOutput,     "PLUGIN_BAD_OUTPUT",    kInternal,           "the plugin's answer breaks its contract")       \
  X(kPluginFailed,        "PLUGIN_FAILED",        kInternal,           "the plugin reported an error")                  \
  X(kInternal,            "INTERNAL",             kInternal,           "a fault of this server")
// clang-format on

// One value a row above.
enum class Reason {
#define TANDEM_REASON_ENUM(id, name, code, text) id,
  TANDEM_ERROR_REASONS(TANDEM_REASON_ENUM)
#undef TANDEM_REASON_ENUM
};

// The reason's name on the wire.
std::string_view ReasonName(Reason reason);
// The canonical code that errors of this reason carry.
absl::StatusCode ReasonCode(Reason reason);
// One line for people; no full stop.
std::string_view ReasonText(Reason reason);

}  // namespace tandem::model
