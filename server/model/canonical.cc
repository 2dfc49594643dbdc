// SPDX-License-Identifier: Apache-2.0

#include "model/canonical.h"

#include <memory>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "model/field_rules.h"

namespace tandem::model {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

}  // namespace

// Numbers of create_time, update_time, delete_time, purge_time and etag in every resource.
bool IsTailField(const FieldDescriptor& field) {
  return field.number() >= 4 && field.number() <= 8;
}

void ClearTail(Message* record) {
  for (const FieldRule& rule : MessageRules::Of(record->GetDescriptor()).fields()) {
    if (IsTailField(*rule.field)) record->GetReflection()->ClearField(record, rule.field);
  }
}

void ClearServerFields(Message* record) {
  for (const FieldRule& rule : MessageRules::Of(record->GetDescriptor()).fields()) {
    if (rule.output_only || IsTailField(*rule.field)) {
      record->GetReflection()->ClearField(record, rule.field);
    }
  }
}

void KeepServerFields(const Message& stored, Message* record) {
  const Reflection& reflection = *record->GetReflection();
  // A partial copy through the wire form would lose order; move field by field instead.
  std::unique_ptr<Message> copy;
  for (const FieldRule& rule : MessageRules::Of(record->GetDescriptor()).fields()) {
    if (!rule.output_only || IsTailField(*rule.field)) continue;
    const FieldDescriptor* field = rule.field;
    reflection.ClearField(record, field);
    bool present = field->is_repeated() ? reflection.FieldSize(stored, field) > 0
                                        : reflection.HasField(stored, field);
    if (!present) continue;
    if (copy == nullptr) {
      copy.reset(stored.New());
      copy->CopyFrom(stored);
    }
    reflection.SwapFields(copy.get(), record, {field});
  }
}

std::string SerializeCanonical(const Message& record) {
  std::string body;
  body.reserve(record.ByteSizeLong());
  {
    google::protobuf::io::StringOutputStream stream(&body);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    record.SerializeWithCachedSizes(&out);
  }
  return body;
}

}  // namespace tandem::model
