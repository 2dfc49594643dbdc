// SPDX-License-Identifier: Apache-2.0

#include "match/record_source.h"

#include <algorithm>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"

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
  return ReadVersion(*reader_, version, record);
}

VersionedSource::VersionedSource(store::Revision revision,
                                 const std::vector<RecordVersion>& versions,
                                 const store::RecordReader* reader)
    : revision_(revision), reader_(reader) {
  revisions_.reserve(versions.size());
  for (const RecordVersion& version : versions) {
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
  return ReadVersion(*reader_, version, record);
}

}  // namespace tandem::match
