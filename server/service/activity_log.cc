// SPDX-License-Identifier: Apache-2.0

#include "service/activity_log.h"

#include <openssl/sha.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "google/protobuf/util/message_differencer.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/error.h"
#include "model/field_rules.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "service/record_preparation.h"
#include "service/write_flow.h"
#include "tandem/v1/activity.pb.h"
#include "tandem/v1/pairing_service.pb.h"

namespace tandem::service {
namespace {

using model::Reason;
using model::RecordType;

constexpr int kMaxActivities = 1000;
// Hexadecimal digits of a digest that are kept: 128 bits.
constexpr size_t kDigestDigits = 32;
// What the results may take of an answer before refusals lose their field violations.
constexpr size_t kMaxViolationBytes = kMaxResponseBytes / 4;

// What the activity says, whoever stored it and whenever: without what the server writes.
v1::Activity ContentOf(const v1::Activity& activity) {
  v1::Activity content = activity;
  model::ClearServerFields(&content);
  return content;
}

std::string DigestOf(const v1::Activity& content) {
  const std::string bytes = model::SerializeCanonical(content);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  const std::string raw(reinterpret_cast<const char*>(digest), sizeof(digest));
  return absl::BytesToHexString(raw).substr(0, kDigestDigits);
}

// The names of the fields in which two activities differ.
std::string Differences(const v1::Activity& a, const v1::Activity& b) {
  google::protobuf::util::MessageDifferencer differencer;
  std::string names;
  for (const model::FieldRule& rule :
       model::MessageRules::Of(v1::Activity::descriptor()).fields()) {
    if (differencer.CompareWithFields(a, b, {rule.field}, {rule.field})) continue;
    StrAppend(&names, names.empty() ? "" : ", ", rule.field->name());
  }
  return names;
}

// Whether somebody else's write came first: looked at again, it is stored or refused for good.
bool WasRaced(const absl::Status& status) {
  const std::optional<Reason> reason = model::ErrorReason(status);
  return reason == Reason::kResourceExists || reason == Reason::kResourceDeletedExists ||
         reason == Reason::kWriteConflict;
}

// One activity of the call.
struct Item {
  std::string name;
  catalog::PreparedRecord prepared;
  std::string digest;
  // UNSPECIFIED until it is decided.
  v1::LogActivityOutcome outcome = v1::LOG_ACTIVITY_OUTCOME_UNSPECIFIED;
  absl::Status refused;

  void Settle(v1::LogActivityOutcome fate) { outcome = fate; }
  void Refuse(absl::Status status) {
    outcome = v1::LOG_ACTIVITY_OUTCOME_REFUSED;
    refused = std::move(status);
  }
  bool settled() const { return outcome != v1::LOG_ACTIVITY_OUTCOME_UNSPECIFIED; }
};

// One call at work; kept alive by whoever has to go on with it.
class ActivityLog : public std::enable_shared_from_this<ActivityLog> {
 public:
  explicit ActivityLog(std::shared_ptr<UnaryCall> call) : call_(std::move(call)) {}

  // Checks each activity on its own, then begins. On a worker.
  void Start(v1::BatchLogActivitiesRequest* request) {
    items_.resize(static_cast<size_t>(request->activities_size()));
    for (size_t i = 0; i < items_.size(); ++i) {
      absl::Status status = Check(request->mutable_activities(static_cast<int>(i)), &items_[i]);
      if (!status.ok()) items_[i].Refuse(std::move(status));
    }
    Attempt();
  }

 private:
  static absl::Status Check(v1::Activity* given, Item* item) {
    item->name = given->name();
    ASSIGN_OR_RETURN(const std::string id, model::ParseNameOf(RecordType::kActivity, item->name));
    ASSIGN_OR_RETURN(item->prepared,
                     PrepareNew(*model::FindResource(RecordType::kActivity), id, /*prefix=*/"",
                                std::make_unique<v1::Activity>(std::move(*given)),
                                model::RecordOrigin::kClient));
    const auto& checked = static_cast<const v1::Activity&>(*item->prepared.message);
    item->digest = DigestOf(ContentOf(checked));
    auto logged = std::make_shared<v1::Activity>(checked);
    logged->set_logged_digest(item->digest);
    item->prepared.body = model::SerializeCanonical(*logged);
    item->prepared.message = std::move(logged);
    return absl::OkStatus();
  }

  // Compares what is not settled with the directory and commits what is new. On a worker.
  void Attempt() {
    DirectoryReader reader(call_->directory(), /*may_block=*/true);
    revision_ = std::max(revision_, reader.revision());
    catalog::PreparedWrite write;
    batch_.clear();
    absl::flat_hash_set<std::string> names;
    for (size_t i = 0; i < items_.size(); ++i) {
      Item& item = items_[i];
      // A second one of the same name waits for what becomes of the first.
      if (item.settled() || names.contains(item.name)) continue;
      if (absl::Status status = Compare(&reader, &item); !status.ok()) item.Refuse(status);
      if (item.settled()) continue;
      names.insert(item.name);
      write.records.push_back(item.prepared);
      batch_.push_back(i);
    }
    if (batch_.empty()) return Answer();
    write.principal = call_->principal();
    write.method = std::string(call_->method());
    write.partial = true;
    call_->directory().committer->Submit(
        std::move(write),
        [self = shared_from_this()](absl::StatusOr<catalog::CommitResult> result) {
          self->Committed(std::move(result));
        });
  }

  // Settles an activity whose name is taken; leaves a new one alone.
  absl::Status Compare(DirectoryReader* reader, Item* item) const {
    if (auto refused = refusals_.find(item->name); refused != refusals_.end()) {
      return refused->second;
    }
    const std::string& id = item->prepared.id;
    std::optional<catalog::RowRef> row = reader->view().Find(RecordType::kActivity, id);
    if (!row) return absl::OkStatus();
    ASSIGN_OR_RETURN(const v1::Activity* stored,
                     reader->ReadAs<v1::Activity>(RecordType::kActivity, id));
    const v1::Activity content = ContentOf(*stored);
    if (stored->logged_digest() == item->digest || DigestOf(content) == item->digest) {
      item->Settle(v1::LOG_ACTIVITY_OUTCOME_ALREADY_STORED);
      return absl::OkStatus();
    }
    const auto& given = static_cast<const v1::Activity&>(*item->prepared.message);
    const std::string fields = Differences(content, ContentOf(given));
    return model::ResourceError(
        row->deleted() ? Reason::kResourceDeletedExists : Reason::kResourceExists, "activities",
        item->name,
        StrCat(item->name, " is stored already with another ", fields,
               row->deleted() ? ", and deleted since" : "",
               "; give another activity another id, or update this one"),
        {{"name", item->name}, {"fields", fields}});
  }

  // On the committer's thread: short.
  void Committed(absl::StatusOr<catalog::CommitResult> result) {
    if (!result.ok()) return call_->Fail(result.status());
    revision_ = std::max(revision_, result->revision);
    const bool last = ++attempts_ >= kMaxWriteAttempts;
    for (size_t k = 0; k < batch_.size(); ++k) {
      const absl::Status& status = result->records[k].status;
      if (status.ok()) {
        items_[batch_[k]].Settle(v1::LOG_ACTIVITY_OUTCOME_STORED);
      } else if (last || !WasRaced(status)) {
        items_[batch_[k]].Refuse(status);
        refusals_.emplace(items_[batch_[k]].name, status);
      }
    }
    // Admitted work goes on; only a server that stops lets go of it.
    if (!call_->directory().workers->Continue([self = shared_from_this()] { self->Attempt(); })) {
      call_->Fail(model::MakeError(Reason::kShuttingDown,
                                   "the server is stopping; send the activities again"));
    }
  }

  void Answer() {
    v1::BatchLogActivitiesResponse response;
    response.set_revision(revision_);
    size_t violation_bytes = 0;
    for (const Item& item : items_) {
      v1::LogActivityResult* out = response.add_results();
      out->set_name(item.name.substr(0, model::kMaxTextBytes));
      out->set_outcome(item.outcome);
      if (item.outcome == v1::LOG_ACTIVITY_OUTCOME_STORED) {
        response.set_stored_count(response.stored_count() + 1);
      } else if (item.outcome == v1::LOG_ACTIVITY_OUTCOME_ALREADY_STORED) {
        response.set_already_stored_count(response.already_stored_count() + 1);
      } else {
        response.set_refused_count(response.refused_count() + 1);
        AddRefusal(item.refused, &violation_bytes, out);
      }
    }
    call_->Reply(response, revision_);
  }

  static void AddRefusal(const absl::Status& status, size_t* violation_bytes,
                         v1::LogActivityResult* out) {
    const std::optional<Reason> reason = model::ErrorReason(status);
    out->set_reason(std::string(model::ReasonName(reason.value_or(Reason::kInternal))));
    out->set_message(std::string(status.message()));
    for (const model::FieldViolation& violation : model::FieldViolations(status)) {
      *violation_bytes += violation.field.size() + violation.description.size();
      if (*violation_bytes > kMaxViolationBytes) return;
      v1::ImportFieldViolation* wrong = out->add_violations();
      wrong->set_field(violation.field);
      wrong->set_description(violation.description);
    }
  }

  const std::shared_ptr<UnaryCall> call_;
  std::vector<Item> items_;
  // Places of the activities that are being committed.
  std::vector<size_t> batch_;
  // Names the committer took nothing for.
  absl::flat_hash_map<std::string, absl::Status> refusals_;
  store::Revision revision_ = 0;
  int attempts_ = 0;
};

absl::Status CheckRequest(const v1::BatchLogActivitiesRequest& request) {
  if (request.activities().empty()) return model::FieldsInvalid({{"activities", "is required"}});
  if (request.activities_size() > kMaxActivities) {
    return model::FieldsInvalid(
        {{"activities", StrCat("has ", request.activities_size(), " elements; at most ",
                               kMaxActivities, " are allowed")}});
  }
  return IdentityOf(request).status();
}

}  // namespace

void HandleBatchLogActivities(std::shared_ptr<UnaryCall> call) {
  auto request = std::make_shared<v1::BatchLogActivitiesRequest>();
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(request->activities_size()));
  for (const v1::Activity& activity : request->activities()) names.push_back(activity.name());
  if (absl::Status allowed = call->Authorise(names); !allowed.ok()) return call->Fail(allowed);
  if (absl::Status checked = CheckRequest(*request); !checked.ok()) return call->Fail(checked);
  RunOnWorker(call, [call, request] { std::make_shared<ActivityLog>(call)->Start(request.get()); });
}

}  // namespace tandem::service
