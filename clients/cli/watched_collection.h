// SPDX-License-Identifier: Apache-2.0

// The collections whose changes are told, as the messages of changes know them: what `tandem watch`
// takes as words and `tandem mirror` keeps as files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "tandem/v1/change_service.pb.h"

namespace tandem::cli {

struct WatchedCollection {
  // "serviceCategories".
  std::string name;
  // "category" and "categories" on the command line; the name itself where there is no noun.
  std::string word;
  std::string plural;
  // What a list of all its records names as parent, "pairings/-"; empty at the top.
  std::string parent;
  // Its field in tandem.v1.Record.
  const google::protobuf::FieldDescriptor* field = nullptr;
  // The method that lists its records.
  const google::protobuf::MethodDescriptor* list = nullptr;
};

// All of them, in the order of tandem.v1.Record.
const std::vector<WatchedCollection>& WatchedCollections();

// What a person means by "agency", "agencies" or "serviceCategories"; null for other words.
const WatchedCollection* FindCollection(std::string_view word);

// The record in one of the fields of `record`; null when it holds none this program knows.
const google::protobuf::Message* RecordIn(const v1::Record& record);

}  // namespace tandem::cli
