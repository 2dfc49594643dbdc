// SPDX-License-Identifier: Apache-2.0

// A directory that is nothing but messages in memory, for tests of what reads records through
// match::RecordSource. One thread writes; then any number read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "match/record_source.h"
#include "model/error.h"

namespace tandem::match {

class MemorySource final : public RecordSource {
 public:
  // Adds or replaces the record named in `record`'s field `name`; its version becomes the newest.
  template <typename Record>
  void Put(model::RecordType type, const Record& record) {
    const std::string& name = record.name();
    records_[type][name.substr(name.find('/') + 1)] = {++revision_,
                                                       std::make_shared<const Record>(record)};
  }

  store::Revision revision() const override { return revision_; }

  std::vector<RecordVersion> List(model::RecordType type, std::string_view field,
                                  std::string_view value) const override {
    std::vector<RecordVersion> found;
    auto of_type = records_.find(type);
    if (of_type == records_.end()) return found;
    for (const auto& [id, stored] : of_type->second) {
      if (!field.empty()) {
        const auto* described = stored.record->GetDescriptor()->FindFieldByName(std::string(field));
        if (stored.record->GetReflection()->GetString(*stored.record, described) != value) continue;
      }
      found.push_back({type, id, stored.revision});
    }
    return found;
  }

  std::optional<RecordVersion> Find(model::RecordType type, std::string_view id) const override {
    const Stored* stored = Look(type, id);
    if (stored == nullptr) return std::nullopt;
    return RecordVersion{type, std::string(id), stored->revision};
  }

  absl::Status Read(const RecordVersion& version,
                    google::protobuf::Message* record) const override {
    const Stored* stored = Look(version.type, version.id);
    if (stored == nullptr || stored->revision != version.revision) {
      return model::MakeError(model::Reason::kResourceNotFound, "no such version");
    }
    record->CopyFrom(*stored->record);
    return absl::OkStatus();
  }

 private:
  struct Stored {
    store::Revision revision = 0;
    std::shared_ptr<const google::protobuf::Message> record;
  };
  const Stored* Look(model::RecordType type, std::string_view id) const {
    auto of_type = records_.find(type);
    if (of_type == records_.end()) return nullptr;
    auto at = of_type->second.find(std::string(id));
    return at == of_type->second.end() ? nullptr : &at->second;
  }

  store::Revision revision_ = 0;
  std::map<model::RecordType, std::map<std::string, Stored>> records_;
};

}  // namespace tandem::match
