// SPDX-License-Identifier: Apache-2.0

#include "support/record_catalog.h"

#include <cstdlib>

#include "catalog/wire_extractor.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"

namespace tandem::testing {
namespace {

using google::protobuf::Message;

int64_t TimeOf(const Message& record, const char* field_name) {
  const auto* field = record.GetDescriptor()->FindFieldByName(field_name);
  if (!record.GetReflection()->HasField(record, field)) return 0;
  google::protobuf::Timestamp time;
  time.CopyFrom(record.GetReflection()->GetMessage(record, field));
  return google::protobuf::util::TimeUtil::TimestampToNanoseconds(time);
}

std::string TextOf(const Message& record, const char* field_name) {
  const auto* field = record.GetDescriptor()->FindFieldByName(field_name);
  return record.GetReflection()->GetString(record, field);
}

}  // namespace

void RecordCatalog::Put(model::RecordType type,
                        const std::vector<std::shared_ptr<const Message>>& records, bool keep) {
  const store::Revision revision = next_revision_++;
  std::vector<catalog::RowChange> changes;
  for (const auto& record : records) {
    const std::string name = NameOf(*record);
    const std::string body = record->SerializeAsString();
    catalog::RowItems items;
    if (!catalog::WireExtractor::Of(type).Extract(body, &items).ok()) std::abort();
    catalog::RowChange change;
    change.type = type;
    change.id = name.substr(catalog::NamePrefix(type).size());
    change.header.revision = revision;
    change.header.create_time_ns = TimeOf(*record, "create_time");
    change.header.update_time_ns = TimeOf(*record, "update_time");
    change.header.delete_time_ns = TimeOf(*record, "delete_time");
    change.values = catalog::RowBlob(catalog::FieldTable::Of(type), items);
    changes.push_back(std::move(change));
    if (keep) records_[type][name] = record;
  }
  catalog_.Apply(revision, std::move(changes));
}

void RecordCatalog::Purge(model::RecordType type, const std::string& name) {
  catalog::RowChange change;
  change.type = type;
  change.id = name.substr(catalog::NamePrefix(type).size());
  change.purged = true;
  change.header.revision = next_revision_;
  std::vector<catalog::RowChange> changes;
  changes.push_back(std::move(change));
  catalog_.Apply(next_revision_++, std::move(changes));
  records_[type].erase(name);
}

ParentNames RecordCatalog::parents() const {
  ParentNames parents;
  auto add = [&](model::RecordType type, const char* field) {
    auto of_type = records_.find(type);
    if (of_type == records_.end()) return;
    for (const auto& [name, record] : of_type->second) {
      const std::string parent = TextOf(*record, field);
      if (!parent.empty()) parents[name] = parent;
    }
  };
  add(model::RecordType::kRegion, "parent_region");
  add(model::RecordType::kServiceCategory, "parent_category");
  return parents;
}

}  // namespace tandem::testing
