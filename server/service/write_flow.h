// SPDX-License-Identifier: Apache-2.0

// How one unary write goes: prepare on what is there now, commit, prepare again when somebody else
// was faster, answer what was stored. A repeated request id answers what the first one did, also
// when preparing fails because it did.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "catalog/committer.h"
#include "google/protobuf/message.h"
#include "service/call.h"
#include "service/directory.h"

namespace tandem::service {

// Parallel writes to a record that one call outlasts before it answers WRITE_CONFLICT.
inline constexpr int kMaxWriteAttempts = 8;

// Makes the write from what the reader sees. Called again after a conflict; changes nothing.
using PrepareWrite = std::function<absl::StatusOr<catalog::PreparedWrite>(DirectoryReader*)>;
// Answers a committed write. Runs on the committer's thread: short.
using AnswerWrite =
    std::function<void(const std::shared_ptr<UnaryCall>&, const catalog::CommitResult&)>;

// What a write carries beside its records: fills principal, method, request id and the digest of
// the request without it.
struct WriteIdentity {
  std::string request_id;
  std::string request_sha256;
  bool validate_only = false;
};

// The identity of `request`, whose fields request_id and validate_only are found by name.
// FIELD_INVALID when the request id is no UUID.
absl::StatusOr<WriteIdentity> IdentityOf(const google::protobuf::Message& request);

// Answers the stored bytes of the one record that was written, or that the replayed request wrote.
void AnswerRecord(const std::shared_ptr<UnaryCall>& call, const catalog::CommitResult& result);

// Runs a write of one record and answers it so.
void RunWrite(std::shared_ptr<UnaryCall> call, WriteIdentity identity, PrepareWrite prepare);

// Runs a write whose answer is not the record; `answer` also gets replays and writes that had
// nothing to change, with no records.
void RunWrite(std::shared_ptr<UnaryCall> call, WriteIdentity identity, PrepareWrite prepare,
              AnswerWrite answer);

// Answers the current version of the record called `name`, or of the one it was merged into; on any
// thread.
void ReplyWithRecord(const std::shared_ptr<UnaryCall>& call, const std::string& name);

}  // namespace tandem::service
