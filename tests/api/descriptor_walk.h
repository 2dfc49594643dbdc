// SPDX-License-Identifier: Apache-2.0

// Walks over the elements of a set of .proto files, and what a rule asks of one of them. Used by
// the API rules; knows no rule itself.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"

namespace tandem::api {

// Calls visit(message) for every message of the files, nested ones too; map entries are not ours.
template <typename Visit>
void ForEachMessage(const google::protobuf::Descriptor* message, const Visit& visit) {
  if (message->options().map_entry()) return;
  visit(message);
  for (int i = 0; i < message->nested_type_count(); ++i)
    ForEachMessage(message->nested_type(i), visit);
}
template <typename Visit>
void ForEachMessage(const std::vector<const google::protobuf::FileDescriptor*>& files,
                    const Visit& visit) {
  for (const google::protobuf::FileDescriptor* file : files) {
    for (int i = 0; i < file->message_type_count(); ++i)
      ForEachMessage(file->message_type(i), visit);
  }
}

// Calls visit(field) for every field of every message.
template <typename Visit>
void ForEachField(const std::vector<const google::protobuf::FileDescriptor*>& files,
                  const Visit& visit) {
  ForEachMessage(files, [&](const google::protobuf::Descriptor* message) {
    for (int i = 0; i < message->field_count(); ++i) visit(message->field(i));
  });
}

// Calls visit(enum) for every enum, nested ones too.
template <typename Visit>
void ForEachEnum(const std::vector<const google::protobuf::FileDescriptor*>& files,
                 const Visit& visit) {
  for (const google::protobuf::FileDescriptor* file : files) {
    for (int i = 0; i < file->enum_type_count(); ++i) visit(file->enum_type(i));
  }
  ForEachMessage(files, [&](const google::protobuf::Descriptor* message) {
    for (int i = 0; i < message->enum_type_count(); ++i) visit(message->enum_type(i));
  });
}

// Calls visit(method) for every method of every service.
template <typename Visit>
void ForEachMethod(const std::vector<const google::protobuf::FileDescriptor*>& files,
                   const Visit& visit) {
  for (const google::protobuf::FileDescriptor* file : files) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) visit(file->service(i)->method(j));
    }
  }
}

// The comment before an element or behind it on its line; empty when it has none.
template <typename Element>
std::string CommentOf(const Element* element) {
  google::protobuf::SourceLocation location;
  if (!element->GetSourceLocation(&location)) return "";
  return location.leading_comments + location.trailing_comments;
}

// Whether a field is there and holds one text.
inline bool IsString(const google::protobuf::FieldDescriptor* field) {
  return field != nullptr && field->type() == google::protobuf::FieldDescriptor::TYPE_STRING &&
         !field->is_repeated();
}

// "MatchRun" → "match_run".
inline std::string SnakeCase(const std::string& camel) {
  std::string out;
  for (const char c : camel) {
    if (c >= 'A' && c <= 'Z' && !out.empty()) out += '_';
    out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return out;
}

}  // namespace tandem::api
