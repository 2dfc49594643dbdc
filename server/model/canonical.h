// SPDX-License-Identifier: Apache-2.0

// The canonical body of a record: what its own writer or an explicit operation wrote, serialised so
// that the same record gives the same bytes everywhere. The server's tail (etag and times) is not
// part of it; storage appends that once.
#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace tandem::model {

// Whether a field of a record is one of etag and the four times, by its number.
bool IsTailField(const google::protobuf::FieldDescriptor& field);

// Clears etag and the four times: the fields storage appends behind the body.
void ClearTail(google::protobuf::Message* record);

// Whose word a record is.
enum class RecordOrigin {
  // A client's create or update.
  kClient,
  // An import: of the output-only fields it may write the importable ones.
  kImport,
};

// Clears every field that only the server writes: the tail and the output-only fields, uid
// included. What a client sends in them is ignored.
void ClearServerFields(google::protobuf::Message* record,
                       RecordOrigin origin = RecordOrigin::kClient);

// Gives `record` the importable fields of `given`, absent ones too. Both of the same type.
void TakeImportableFields(const google::protobuf::Message& given,
                          google::protobuf::Message* record);

// Copies the output-only fields outside the tail (uid, indices, pins …) from the stored version to
// the one that replaces it. Both of the same type.
void KeepServerFields(const google::protobuf::Message& stored, google::protobuf::Message* record);

// The canonical body. `record` must have no tail.
std::string SerializeCanonical(const google::protobuf::Message& record);

}  // namespace tandem::model
