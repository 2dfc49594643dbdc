// SPDX-License-Identifier: Apache-2.0

#include "service/write_flow.h"

#include <openssl/sha.h>

#include <utility>
#include <vector>

#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "service/byte_buffer.h"

namespace tandem::service {
namespace {

std::string Sha256(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), sizeof(digest));
}

// One write in progress; kept alive by whoever has to go on with it.
class WriteFlow : public std::enable_shared_from_this<WriteFlow> {
 public:
  WriteFlow(std::shared_ptr<UnaryCall> call, WriteIdentity identity, PrepareWrite prepare,
            AnswerWrite answer)
      : call_(std::move(call)),
        identity_(std::move(identity)),
        prepare_(std::move(prepare)),
        answer_(std::move(answer)) {}

  // On gRPC's thread at first: whatever needs the disk moves to a worker.
  void Prepare(bool may_block) {
    DirectoryReader reader(call_->directory(), may_block);
    absl::StatusOr<catalog::PreparedWrite> write = prepare_(&reader);
    if (reader.missed()) return PrepareOnWorker();
    if (!write.ok()) {
      return UnlessDone(may_block, [&] { call_->Fail(write.status()); });
    }
    // A verb that finds nothing to change writes nothing.
    if (write->records.empty()) {
      return UnlessDone(may_block, [&] {
        catalog::CommitResult nothing;
        nothing.revision = reader.revision();
        answer_(call_, nothing);
      });
    }
    write->principal = call_->principal();
    write->method = std::string(call_->method());
    write->request_id = identity_.request_id;
    write->request_sha256 = identity_.request_sha256;
    write->validate_only = identity_.validate_only;
    call_->directory().committer->Submit(
        *std::move(write),
        [self = shared_from_this()](absl::StatusOr<catalog::CommitResult> result) {
          self->Committed(std::move(result));
        });
  }

 private:
  void PrepareOnWorker() {
    RunOnWorker(call_, [self = shared_from_this()] { self->Prepare(/*may_block=*/true); });
  }

  void Committed(absl::StatusOr<catalog::CommitResult> result) {
    absl::Status status = result.status();
    if (status.ok()) {
      for (const catalog::RecordResult& record : result->records) {
        if (!record.status.ok()) {
          status = record.status;
          break;
        }
      }
    }
    if (status.ok()) return answer_(call_, *result);
    if (model::ErrorReason(status) == model::Reason::kWriteConflict &&
        ++attempts_ < kMaxWriteAttempts) {
      return PrepareOnWorker();
    }
    call_->Fail(status);
  }

  // A repeated delete finds its record deleted, a repeated create of a chosen id finds it taken:
  // before such an error or "nothing to do" goes out, the ledger of request ids is asked. It lies
  // on disk. `answer` is what goes out when the request is new; it runs before this returns.
  void UnlessDone(bool may_block, const std::function<void()>& answer) {
    if (identity_.request_id.empty()) return answer();
    if (!may_block) return PrepareOnWorker();
    absl::StatusOr<std::optional<storage::v1::RequestRecord>> record =
        call_->directory().log->FindRequest(call_->principal(), call_->method(),
                                            identity_.request_id);
    if (!record.ok()) return call_->Fail(record.status());
    if (!*record) return answer();
    if ((*record)->request_sha256() != identity_.request_sha256) {
      return call_->Fail(model::MakeError(
          model::Reason::kRequestIdReused,
          StrCat("the request id ", identity_.request_id, " was used with another body"),
          {{"requestId", identity_.request_id}}));
    }
    catalog::CommitResult replayed;
    replayed.revision = (*record)->revision();
    replayed.replayed = true;
    replayed.replayed_names.assign((*record)->names().begin(), (*record)->names().end());
    answer_(call_, replayed);
  }

  const std::shared_ptr<UnaryCall> call_;
  const WriteIdentity identity_;
  const PrepareWrite prepare_;
  const AnswerWrite answer_;
  int attempts_ = 0;
};

void ReadAndReply(const std::shared_ptr<UnaryCall>& call, const std::string& name) {
  absl::StatusOr<model::ResourceName> parsed = model::ParseResourceName(name);
  if (!parsed.ok()) return call->Fail(parsed.status());
  DirectoryReader reader(call->directory(), /*may_block=*/true);
  absl::StatusOr<catalog::RowRef> row = reader.FindResolved(parsed->type, parsed->id);
  if (!row.ok()) return call->Fail(row.status());
  absl::StatusOr<store::RecordBytes> bytes =
      reader.ReadBytes(parsed->type, row->id(), row->revision());
  if (!bytes.ok()) return call->Fail(bytes.status());
  call->Reply(CopyToBuffer(bytes->bytes()), reader.revision());
}

}  // namespace

void AnswerRecord(const std::shared_ptr<UnaryCall>& call, const catalog::CommitResult& result) {
  if (!result.replayed) {
    return call->Reply(CopyToBuffer(result.records.front().bytes), result.revision);
  }
  if (result.replayed_names.empty()) {
    return call->Fail(absl::InternalError("a replayed request wrote no record"));
  }
  ReplyWithRecord(call, result.replayed_names.front());
}

absl::StatusOr<WriteIdentity> IdentityOf(const google::protobuf::Message& request) {
  const google::protobuf::Descriptor& type = *request.GetDescriptor();
  const google::protobuf::Reflection& reflection = *request.GetReflection();
  WriteIdentity identity;
  if (const auto* field = type.FindFieldByName("validate_only")) {
    identity.validate_only = reflection.GetBool(request, field);
  }
  const auto* field = type.FindFieldByName("request_id");
  identity.request_id = reflection.GetString(request, field);
  if (identity.request_id.empty()) return identity;
  if (!model::IsUuid(identity.request_id)) {
    return model::FieldsInvalid({{"request_id", "is no UUID"}});
  }
  std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  reflection.ClearField(copy.get(), field);
  identity.request_sha256 = Sha256(model::SerializeCanonical(*copy));
  return identity;
}

void RunWrite(std::shared_ptr<UnaryCall> call, WriteIdentity identity, PrepareWrite prepare) {
  RunWrite(std::move(call), std::move(identity), std::move(prepare), AnswerRecord);
}

void RunWrite(std::shared_ptr<UnaryCall> call, WriteIdentity identity, PrepareWrite prepare,
              AnswerWrite answer) {
  std::make_shared<WriteFlow>(std::move(call), std::move(identity), std::move(prepare),
                              std::move(answer))
      ->Prepare(/*may_block=*/false);
}

void ReplyWithRecord(const std::shared_ptr<UnaryCall>& call, const std::string& name) {
  RunOnWorker(call, [call, name] { ReadAndReply(call, name); });
}

}  // namespace tandem::service
