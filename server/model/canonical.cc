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

namespace {

// Gives `record` the fields of `source` whose rules `wanted` picks, absent ones too.
template <typename Wanted>
void CopyFields(const Message& source, Wanted wanted, Message* record) {
  const Reflection& reflection = *record->GetReflection();
  // A partial copy through the wire form would lose order; move field by field instead.
  std::unique_ptr<Message> copy;
  for (const FieldRule& rule : MessageRules::Of(record->GetDescriptor()).fields()) {
    if (!wanted(rule)) continue;
    const FieldDescriptor* field = rule.field;
    reflection.ClearField(record, field);
    bool present = field->is_repeated() ? reflection.FieldSize(source, field) > 0
                                        : reflection.HasField(source, field);
    if (!present) continue;
    if (copy == nullptr) {
      copy.reset(source.New());
      copy->CopyFrom(source);
    }
    reflection.SwapFields(copy.get(), record, {field});
  }
}

}  // namespace

void ClearTail(Message* record) {
  for (const FieldRule& rule : MessageRules::Of(record->GetDescriptor()).fields()) {
    if (IsTailField(*rule.field)) record->GetReflection()->ClearField(record, rule.field);
  }
}

void ClearServerFields(Message* record, RecordOrigin origin) {
  for (const FieldRule& rule : MessageRules::Of(record->GetDescriptor()).fields()) {
    if (origin == RecordOrigin::kImport && rule.importable) continue;
    if (rule.output_only || IsTailField(*rule.field)) {
      record->GetReflection()->ClearField(record, rule.field);
    }
  }
}

void KeepServerFields(const Message& stored, Message* record) {
  CopyFields(
      stored, [](const FieldRule& rule) { return rule.output_only && !IsTailField(*rule.field); },
      record);
}

void TakeImportableFields(const Message& given, Message* record) {
  CopyFields(
      given, [](const FieldRule& rule) { return rule.importable; }, record);
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
