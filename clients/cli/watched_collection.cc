// SPDX-License-Identifier: Apache-2.0

#include "cli/watched_collection.h"

#include "tandem/v1/match_service.pb.h"

#include "cli/noun.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;

// Runs have no noun: they are made, not written.
WatchedCollection MatchRuns() {
  WatchedCollection runs;
  const auto* service = v1::GetMatchRunRequest::descriptor()->file()->service(0);
  runs.list = service->FindMethodByName("ListMatchRuns");
  return runs;
}

WatchedCollection CollectionOf(const FieldDescriptor* field) {
  WatchedCollection found;
  if (field->message_type() == v1::MatchRun::descriptor()) found = MatchRuns();
  for (const Noun& noun : AllNouns()) {
    if (noun.Record() != field->message_type()) continue;
    found.list = noun.Method("List");
    found.word = noun.word;
    found.plural = noun.plural;
    if (!noun.parent_word.empty()) found.parent = FindNoun(noun.parent_word).FullName("-");
  }
  found.field = field;
  if (found.list == nullptr) return found;
  found.name = RecordField(found.list->output_type(), field->message_type())->json_name();
  if (found.word.empty()) found.word = found.plural = found.name;
  return found;
}

}  // namespace

const std::vector<WatchedCollection>& WatchedCollections() {
  static const auto* const kCollections = [] {
    auto* all = new std::vector<WatchedCollection>;
    const auto* record = v1::Record::descriptor();
    for (int i = 0; i < record->field_count(); ++i) all->push_back(CollectionOf(record->field(i)));
    return all;
  }();
  return *kCollections;
}

const WatchedCollection* FindCollection(std::string_view word) {
  for (const WatchedCollection& collection : WatchedCollections()) {
    if (word == collection.word || word == collection.plural || word == collection.name) {
      return &collection;
    }
  }
  return nullptr;
}

const google::protobuf::Message* RecordIn(const v1::Record& record) {
  const auto* reflection = record.GetReflection();
  const FieldDescriptor* field =
      reflection->GetOneofFieldDescriptor(record, v1::Record::descriptor()->oneof_decl(0));
  return field == nullptr ? nullptr : &reflection->GetMessage(record, field);
}

}  // namespace tandem::cli
