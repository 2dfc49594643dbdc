// SPDX-License-Identifier: Apache-2.0

#include "match/record_source.h"

#include <algorithm>

#include "catalog/merged_names.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/pairing.pb.h"

namespace tandem::match {
namespace {

absl::Status ReadVersion(const store::RecordReader& reader, const RecordVersion& version,
                         google::protobuf::Message* record) {
  ASSIGN_OR_RETURN(store::RecordBytes bytes,
                   reader.Read(version.type, version.id, version.revision));
  if (!record->ParseFromArray(bytes.bytes().data(), static_cast<int>(bytes.bytes().size()))) {
    return model::MakeError(
        model::Reason::kRecordCorrupt,
        StrCat(model::FormatName(version.type, version.id), " can't be parsed"));
  }
  return absl::OkStatus();
}

// Puts the survivor's name for each merged agency that the record names. `survivor_of` answers
// nullopt for a name that stands for itself.
template <typename SurvivorOf>
void ResolveAgencies(const SurvivorOf& survivor_of, google::protobuf::Message* record) {
  auto resolve = [&](std::string* name) {
    if (name->empty()) return;
    if (std::optional<std::string> survivor = survivor_of(*name)) *name = *std::move(survivor);
  };
  const google::protobuf::Descriptor* type = record->GetDescriptor();
  if (type == v1::Offer::descriptor()) {
    resolve(static_cast<v1::Offer*>(record)->mutable_agency());
  } else if (type == v1::Need::descriptor()) {
    auto* need = static_cast<v1::Need*>(record);
    resolve(need->mutable_receiving_agency());
    for (std::string& name : *need->mutable_preferences()) resolve(&name);
    for (std::string& name : *need->mutable_refused_agencies()) resolve(&name);
  } else if (type == v1::Pairing::descriptor()) {
    auto* pairing = static_cast<v1::Pairing*>(record);
    resolve(pairing->mutable_agency());
    resolve(pairing->mutable_receiving_agency());
  } else if (type == v1::MatchProfile::descriptor()) {
    auto* profile = static_cast<v1::MatchProfile*>(record);
    if (!profile->has_hard_rules()) return;
    for (v1::ForbiddenPair& pair : *profile->mutable_hard_rules()->mutable_forbidden_pairs()) {
      resolve(pair.mutable_agency());
      resolve(pair.mutable_partner());
    }
  }
}

void SortById(std::vector<RecordVersion>* versions) {
  std::sort(versions->begin(), versions->end(),
            [](const RecordVersion& a, const RecordVersion& b) { return a.id < b.id; });
}

// Keys of different types must not meet: the type is one byte in front of the id.
std::string KeyOf(model::RecordType type, std::string_view id) {
  std::string key(1, static_cast<char>(type));
  key.append(id);
  return key;
}

}  // namespace

absl::Status RecordSource::ReadByName(model::RecordType type, std::string_view name,
                                      google::protobuf::Message* record) const {
  const std::string_view collection = model::CollectionOf(type);
  std::optional<RecordVersion> version;
  if (name.size() > collection.size() && name.substr(0, collection.size()) == collection) {
    version = Find(type, name.substr(collection.size() + 1));
  }
  if (!version) {
    return model::ResourceError(model::Reason::kResourceNotFound, collection, name,
                                StrCat(name, " does not exist"));
  }
  return Read(*version, record);
}

std::vector<RecordVersion> DirectorySource::List(model::RecordType type, std::string_view field,
                                                 std::string_view value) const {
  std::vector<RecordVersion> found;
  const catalog::IndexedField* indexed =
      field.empty() ? nullptr : catalog::FieldTable::Of(type).Find(field);
  for (const catalog::SegmentView& part : view_->segments(type)) {
    const catalog::Segment& segment = part.segment();
    part.alive().ForEach([&](uint32_t row) {
      if (segment.deleted(row)) return;
      if (indexed != nullptr && segment.Text(indexed->id, row).value_or("") != value) return;
      found.push_back({type, std::string(segment.id(row)), segment.revision(row)});
    });
  }
  SortById(&found);
  return found;
}

std::optional<RecordVersion> DirectorySource::Find(model::RecordType type,
                                                   std::string_view id) const {
  std::optional<catalog::RowRef> row = view_->Find(type, id);
  if (!row || row->deleted()) return std::nullopt;
  return RecordVersion{type, std::string(id), row->revision()};
}

absl::Status DirectorySource::Read(const RecordVersion& version,
                                   google::protobuf::Message* record) const {
  RETURN_IF_ERROR(ReadVersion(*reader_, version, record));
  ResolveAgencies([this](std::string_view name) { return SurvivorOf(name); }, record);
  return absl::OkStatus();
}

std::optional<std::string> DirectorySource::SurvivorOf(std::string_view agency) const {
  const std::optional<catalog::RowRef> row = view_->FindName(agency);
  if (!row) return std::nullopt;
  const std::optional<std::string_view> survivor = catalog::SurvivorOf(*row);
  if (!survivor) return std::nullopt;
  absl::MutexLock lock(&mu_);
  merged_.try_emplace(std::string(row->id()),
                      RecordVersion{model::RecordType::kAgency, std::string(row->id()),
                                    row->revision(), std::string(*survivor)});
  return std::string(*survivor);
}

std::vector<RecordVersion> DirectorySource::MergedAgencies() const {
  absl::MutexLock lock(&mu_);
  std::vector<RecordVersion> versions;
  for (const auto& [id, version] : merged_) versions.push_back(version);
  return versions;
}

VersionedSource::VersionedSource(store::Revision revision,
                                 const std::vector<RecordVersion>& versions,
                                 const store::RecordReader* reader)
    : revision_(revision), reader_(reader) {
  revisions_.reserve(versions.size());
  for (const RecordVersion& version : versions) {
    if (!version.survivor.empty()) {
      survivors_.emplace(model::FormatName(version.type, version.id), version.survivor);
      continue;
    }
    revisions_.emplace(KeyOf(version.type, version.id), version.revision);
  }
}

std::vector<RecordVersion> VersionedSource::List(model::RecordType type, std::string_view,
                                                 std::string_view) const {
  std::vector<RecordVersion> found;
  for (const auto& [key, revision] : revisions_) {
    if (static_cast<model::RecordType>(key[0]) == type) {
      found.push_back({type, key.substr(1), revision});
    }
  }
  SortById(&found);
  return found;
}

std::optional<RecordVersion> VersionedSource::Find(model::RecordType type,
                                                   std::string_view id) const {
  auto at = revisions_.find(KeyOf(type, id));
  if (at == revisions_.end()) return std::nullopt;
  return RecordVersion{type, std::string(id), at->second};
}

absl::Status VersionedSource::Read(const RecordVersion& version,
                                   google::protobuf::Message* record) const {
  RETURN_IF_ERROR(ReadVersion(*reader_, version, record));
  if (survivors_.empty()) return absl::OkStatus();
  ResolveAgencies(
      [this](const std::string& name) -> std::optional<std::string> {
        auto at = survivors_.find(name);
        if (at == survivors_.end()) return std::nullopt;
        return at->second;
      },
      record);
  return absl::OkStatus();
}

}  // namespace tandem::match
