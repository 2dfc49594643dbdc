// SPDX-License-Identifier: Apache-2.0

#include "category_model.h"

#include <algorithm>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace tandem::service {
namespace {

using v1::ServiceCategory;

constexpr int kDeepest = 32;
constexpr absl::Duration kKeptAfterDelete = absl::Hours(24 * 30);

std::string Deterministic(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t nanos = absl::ToUnixNanos(time);
  out->set_seconds(nanos / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

std::string Etag(int64_t revision) {
  std::string digits;
  for (; revision > 0; revision /= 32) digits += "0123456789abcdefghijklmnopqrstuv"[revision % 32];
  std::reverse(digits.begin(), digits.end());
  return "\"" + digits + "\"";
}

std::string IdOf(const std::string& name) { return name.substr(name.find('/') + 1); }

std::vector<std::string> References(const ServiceCategory& body) {
  std::vector<std::string> names(body.replaced_by().begin(), body.replaced_by().end());
  if (!body.parent_category().empty()) names.push_back(body.parent_category());
  return names;
}

// Every field the tests write, by its path. `whole`: unset ones are cleared.
void CopyField(const std::string& path, const ServiceCategory& from, ServiceCategory* to) {
  if (path == "display_name") to->set_display_name(from.display_name());
  if (path == "labels") *to->mutable_labels() = from.labels();
  if (path == "owner") to->set_owner(from.owner());
  if (path == "taxonomy") to->set_taxonomy(from.taxonomy());
  if (path == "parent_category") to->set_parent_category(from.parent_category());
  if (path == "facet") to->set_facet(from.facet());
  if (path == "definition") to->set_definition(from.definition());
  if (path == "replaced_by") *to->mutable_replaced_by() = from.replaced_by();
  if (path.rfind("labels.", 0) == 0) {
    const std::string key = path.substr(7);
    to->mutable_labels()->erase(key);
    if (auto it = from.labels().find(key); it != from.labels().end()) {
      (*to->mutable_labels())[key] = it->second;
    }
  }
}

bool IsSet(const std::string& path, const ServiceCategory& from) {
  ServiceCategory one;
  CopyField(path, from, &one);
  return one.ByteSizeLong() > 0;
}

void Apply(const ServiceCategory& patch, const google::protobuf::FieldMask* mask,
           ServiceCategory* body) {
  const bool all = mask != nullptr && mask->paths_size() == 1 && mask->paths(0) == "*";
  if (mask != nullptr && !all) {
    for (const std::string& path : mask->paths()) CopyField(path, patch, body);
    return;
  }
  for (const char* path : {"display_name", "labels", "owner", "taxonomy", "parent_category",
                           "facet", "definition", "replaced_by"}) {
    if (all || IsSet(path, patch)) CopyField(path, patch, body);
  }
}

// The rules of one record alone that the tests break.
bool IsValid(const ServiceCategory& body) {
  if (body.display_name().empty() || body.taxonomy().empty()) return false;
  std::set<std::string> replaced_by(body.replaced_by().begin(), body.replaced_by().end());
  if (static_cast<int>(replaced_by.size()) != body.replaced_by_size()) return false;
  return body.parent_category() != body.name() && replaced_by.count(body.name()) == 0;
}

Expected Refused(std::string reason) {
  Expected expected;
  expected.reason = std::move(reason);
  return expected;
}

}  // namespace

std::string CategoryName(const std::string& id) { return "serviceCategories/" + id; }

std::string WireBytes(const ModelRecord& record) {
  ServiceCategory tail;
  SetTime(record.created, tail.mutable_create_time());
  SetTime(record.updated, tail.mutable_update_time());
  if (record.deleted) {
    SetTime(*record.deleted, tail.mutable_delete_time());
    SetTime(*record.deleted + kKeptAfterDelete, tail.mutable_purge_time());
  }
  tail.set_etag(Etag(record.revision));
  return Deterministic(record.body) + Deterministic(tail);
}

const ModelRecord* CategoryModel::Find(const std::string& id) const {
  auto it = records_.find(id);
  return it == records_.end() ? nullptr : &it->second;
}

Expected CategoryModel::Create(const std::string& id, const ServiceCategory& fields,
                               const std::string& uid, absl::Time now, bool dry) {
  ModelRecord record;
  google::protobuf::FieldMask all;
  all.add_paths("*");
  Apply(fields, &all, &record.body);
  record.body.set_name(CategoryName(id));
  record.body.set_uid(uid);
  if (!IsValid(record.body)) return Refused("FIELD_INVALID");
  if (const ModelRecord* there = Find(id)) {
    return Refused(there->deleted ? "RESOURCE_DELETED_EXISTS" : "RESOURCE_EXISTS");
  }
  std::string others = CheckAgainstOthers(id, record.body);
  if (others != "OK") return Refused(others);
  record.created = record.updated = now;
  return Store(id, std::move(record), dry);
}

Expected CategoryModel::Update(const std::string& id, const ServiceCategory& patch,
                               const google::protobuf::FieldMask* mask,
                               std::optional<int64_t> etag_revision, absl::Time now, bool dry) {
  const ModelRecord* before = Find(id);
  if (before == nullptr || before->deleted) return Refused("RESOURCE_NOT_FOUND");
  ModelRecord record = *before;
  Apply(patch, mask, &record.body);
  if (!IsValid(record.body)) return Refused("FIELD_INVALID");
  if (etag_revision && *etag_revision != before->revision) return Refused("ETAG_MISMATCH");
  if (Deterministic(record.body) == Deterministic(before->body)) {
    Expected expected;
    expected.record = *before;
    expected.unchanged = true;
    return expected;
  }
  std::string others = CheckAgainstOthers(id, record.body);
  if (others != "OK") return Refused(others);
  record.updated = now;
  return Store(id, std::move(record), dry);
}

Expected CategoryModel::Delete(const std::string& id, std::optional<int64_t> etag_revision,
                               absl::Time now) {
  const ModelRecord* before = Find(id);
  if (before == nullptr || before->deleted) return Refused("RESOURCE_NOT_FOUND");
  if (etag_revision && *etag_revision != before->revision) return Refused("ETAG_MISMATCH");
  Expected in_use = Refused("RESOURCE_IN_USE");
  in_use.referrers = ReferrersOf(id);
  if (!in_use.referrers.empty()) return in_use;
  ModelRecord record = *before;
  record.updated = now;
  record.deleted = now;
  return Store(id, std::move(record), /*dry=*/false);
}

std::set<std::string> CategoryModel::ReferrersOf(const std::string& id) const {
  std::set<std::string> referrers;
  for (const auto& [other, record] : records_) {
    if (other == id || record.deleted) continue;
    for (const std::string& name : References(record.body)) {
      if (name == CategoryName(id)) referrers.insert(CategoryName(other));
    }
  }
  return referrers;
}

Expected CategoryModel::Purge(const std::string& id, std::optional<int64_t> etag_revision) {
  const ModelRecord* there = Find(id);
  if (there == nullptr) return Refused("RESOURCE_NOT_FOUND");
  if (!there->deleted) return Refused("STATE_WRONG");
  if (etag_revision && *etag_revision != there->revision) return Refused("ETAG_MISMATCH");
  records_.erase(id);
  ++revision_;
  return Expected();
}

Expected CategoryModel::Prepare(Verb verb, const Item& item, absl::Time now) const {
  Expected expected;
  ModelRecord& record = expected.record;
  const ModelRecord* before = Find(item.id);
  const bool live = before != nullptr && !before->deleted;
  if (verb == Verb::kCreate) {
    google::protobuf::FieldMask all;
    all.add_paths("*");
    Apply(item.fields, &all, &record.body);
    record.body.set_name(CategoryName(item.id));
    record.body.set_uid(item.uid);
    if (!IsValid(record.body)) return Refused("FIELD_INVALID");
    record.created = record.updated = now;
    return expected;
  }
  if (!live) return Refused("RESOURCE_NOT_FOUND");
  record = *before;
  record.updated = now;
  if (verb == Verb::kDelete) {
    record.deleted = now;
    return expected;
  }
  Apply(item.fields, item.mask, &record.body);
  if (!IsValid(record.body)) return Refused("FIELD_INVALID");
  expected.unchanged = Deterministic(record.body) == Deterministic(before->body);
  if (expected.unchanged) record.updated = before->updated;
  return expected;
}

CategoryModel::ExpectedBatch CategoryModel::Batch(Verb verb, const std::vector<Item>& items,
                                                  absl::Time now) {
  ExpectedBatch batch;
  // Wrong fields of any request come before everything else, then the first request that fails.
  for (const Item& item : items) batch.items.push_back(Prepare(verb, item, now));
  for (const Expected& expected : batch.items) {
    if (expected.reason == "FIELD_INVALID") batch.reason = expected.reason;
    if (batch.reason == "OK") batch.reason = expected.reason;
  }
  if (batch.reason != "OK") return batch;
  for (size_t i = 0; i < items.size(); ++i) {
    const ModelRecord* before = Find(items[i].id);
    if (verb == Verb::kCreate && before != nullptr) {
      batch.reason = before->deleted ? "RESOURCE_DELETED_EXISTS" : "RESOURCE_EXISTS";
    } else if (items[i].etag_revision && *items[i].etag_revision != before->revision) {
      batch.reason = "ETAG_MISMATCH";
    }
    if (batch.reason != "OK") return batch;
  }
  // All of them are written, then each is held against what is there.
  const std::map<std::string, ModelRecord> saved = records_;
  for (size_t i = 0; i < items.size(); ++i) {
    if (batch.items[i].unchanged) continue;
    batch.items[i].record.revision = revision_ + 1;
    records_[items[i].id] = batch.items[i].record;
    batch.wrote = true;
  }
  for (size_t i = 0; i < items.size() && batch.reason == "OK"; ++i) {
    if (batch.items[i].unchanged) continue;
    if (verb != Verb::kDelete) {
      batch.reason = CheckAgainstOthers(items[i].id, batch.items[i].record.body);
    } else if (!ReferrersOf(items[i].id).empty()) {
      batch.reason = "RESOURCE_IN_USE";
    }
  }
  if (batch.reason != "OK") {
    records_ = saved;
    batch.wrote = false;
  } else if (batch.wrote) {
    ++revision_;
  }
  return batch;
}

Expected CategoryModel::Undelete(const std::string& id, std::optional<int64_t> etag_revision,
                                 absl::Time now) {
  const ModelRecord* before = Find(id);
  if (before == nullptr) return Refused("RESOURCE_NOT_FOUND");
  if (!before->deleted) return Refused("RESOURCE_EXISTS");
  if (etag_revision && *etag_revision != before->revision) return Refused("ETAG_MISMATCH");
  std::string others = CheckAgainstOthers(id, before->body);
  if (others != "OK") return Refused(others);
  ModelRecord record = *before;
  record.updated = now;
  record.deleted.reset();
  return Store(id, std::move(record), /*dry=*/false);
}

std::string CategoryModel::CheckAgainstOthers(const std::string& id,
                                              const ServiceCategory& body) const {
  for (const std::string& name : References(body)) {
    const ModelRecord* target = Find(IdOf(name));
    if (name != body.name() && (target == nullptr || target->deleted)) return "REFERENCE_MISSING";
  }
  if (body.parent_category().empty()) return "OK";
  int depth = 1;
  for (std::string above = body.parent_category(); !above.empty();) {
    if (above == body.name() || ++depth > kDeepest) return "TREE_CYCLE";
    const ModelRecord* record = Find(IdOf(above));
    above = record == nullptr ? "" : record->body.parent_category();
  }
  std::set<std::string> level = {CategoryName(id)};
  for (; !level.empty(); ++depth) {
    if (depth > kDeepest) return "TREE_CYCLE";
    std::set<std::string> below;
    for (const auto& [other, record] : records_) {
      if (level.count(record.body.parent_category()) > 0) below.insert(CategoryName(other));
    }
    level = std::move(below);
  }
  return "OK";
}

Expected CategoryModel::Store(const std::string& id, ModelRecord record, bool dry) {
  record.revision = revision_ + 1;
  Expected expected;
  expected.record = record;
  if (dry) return expected;
  ++revision_;
  records_[id] = std::move(record);
  return expected;
}

}  // namespace tandem::service
