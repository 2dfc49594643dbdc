// SPDX-License-Identifier: Apache-2.0

#include "model/field_groups.h"

#include <openssl/sha.h>

#include "model/absl_strings.h"
#include "model/canonical.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::model {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

struct GroupRow {
  std::string_view id;
  std::vector<const char*> fields;
};

// What one kind of source tends to know together. A source that speaks about a group replaces it
// whole, so fields that different sources know are apart: registration numbers decide which record
// a source means and never go because a stronger source does not list them.
std::vector<FieldGroup> MakeAgencyGroups() {
  static const GroupRow kRows[] = {
      {"identity",
       {"display_name", "names", "former_names", "legal_form", "registration_region", "host_body"}},
      {"identifiers", {"identifiers"}},
      {"status", {"status"}},
      {"place", {"home_region", "location"}},
      {"services", {"categories", "target_groups", "dimensions", "methods"}},
      {"localisation", {"languages", "ethnic_area_experience"}},
      {"assessment", {"assessment"}},
      {"staff", {"staff", "retention_permille"}},
      {"finance", {"income_mix", "contracts"}},
      {"capacity", {"capacity"}},
      {"description", {"what_we_do", "how_we_do_it", "evidence"}},
      {"administration", {"owner", "labels"}},
  };
  std::vector<FieldGroup> groups;
  for (const GroupRow& row : kRows) {
    FieldGroup group;
    group.id = row.id;
    group.index = groups.size();
    for (const char* name : row.fields) {
      group.fields.push_back(v1::Agency::descriptor()->FindFieldByName(name));
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

bool IsSet(const Message& record, const FieldDescriptor* field) {
  const Reflection& reflection = *record.GetReflection();
  return field->is_repeated() ? reflection.FieldSize(record, field) > 0
                              : reflection.HasField(record, field);
}

// One value of a field: the only one, or the i-th of a list.
bool SameValue(const Message& a, const Message& b, const FieldDescriptor* field, int i) {
  const Reflection& r = *a.GetReflection();
  const bool list = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string a_copy, b_copy;
      return list ? r.GetRepeatedStringReference(a, field, i, &a_copy) ==
                        r.GetRepeatedStringReference(b, field, i, &b_copy)
                  : r.GetStringReference(a, field, &a_copy) ==
                        r.GetStringReference(b, field, &b_copy);
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return list ? r.GetRepeatedEnumValue(a, field, i) == r.GetRepeatedEnumValue(b, field, i)
                  : r.GetEnumValue(a, field) == r.GetEnumValue(b, field);
    case FieldDescriptor::CPPTYPE_INT32:
      return !list && r.GetInt32(a, field) == r.GetInt32(b, field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return list ? r.GetRepeatedMessage(a, field, i).SerializeAsString() ==
                        r.GetRepeatedMessage(b, field, i).SerializeAsString()
                  : r.GetMessage(a, field).SerializeAsString() ==
                        r.GetMessage(b, field).SerializeAsString();
    default:
      return false;
  }
}

bool SameField(const Message& a, const Message& b, const FieldDescriptor* field) {
  const Reflection& r = *a.GetReflection();
  if (!field->is_repeated()) return SameValue(a, b, field, 0);
  const int size = r.FieldSize(a, field);
  if (size != r.FieldSize(b, field)) return false;
  for (int i = 0; i < size; ++i) {
    if (!SameValue(a, b, field, i)) return false;
  }
  return true;
}

}  // namespace

absl::Span<const FieldGroup> FieldGroupsOf(RecordType type) {
  static const auto* const kAgencyGroups = new std::vector<FieldGroup>(MakeAgencyGroups());
  if (type == RecordType::kAgency) return *kAgencyGroups;
  return {};
}

const FieldGroup* FindFieldGroup(RecordType type, std::string_view id) {
  for (const FieldGroup& group : FieldGroupsOf(type)) {
    if (group.id == id) return &group;
  }
  return nullptr;
}

const FieldGroup* FieldGroupOfPath(RecordType type, std::string_view path) {
  if (const FieldGroup* group = FindFieldGroup(type, path)) return group;
  const std::string_view top = path.substr(0, path.find_first_of(".["));
  for (const FieldGroup& group : FieldGroupsOf(type)) {
    for (const FieldDescriptor* field : group.fields) {
      if (field->name() == top) return &group;
    }
  }
  return nullptr;
}

bool SpeaksAbout(const Message& record, const FieldGroup& group) {
  for (const FieldDescriptor* field : group.fields) {
    if (IsSet(record, field)) return true;
  }
  return false;
}

void SetGroup(const Message& value, const FieldGroup& group, Message* record) {
  std::unique_ptr<Message> copy(value.New());
  copy->CopyFrom(value);
  record->GetReflection()->SwapFields(copy.get(), record, group.fields);
}

std::unique_ptr<Message> ValueOfGroup(const Message& record, const FieldGroup& group) {
  std::unique_ptr<Message> value(record.New());
  SetGroup(record, group, value.get());
  return value;
}

bool SameInGroup(const Message& a, const Message& b, const FieldGroup& group) {
  for (const FieldDescriptor* field : group.fields) {
    if (IsSet(a, field) != IsSet(b, field)) return false;
    // A map has no order.
    const bool same = field->is_map() ? SerializeCanonical(*ValueOfGroup(a, group)) ==
                                            SerializeCanonical(*ValueOfGroup(b, group))
                                      : SameField(a, b, field);
    if (!same) return false;
  }
  return true;
}

std::string FieldConflictId(std::string_view agency, std::string_view group,
                            std::string_view source) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr size_t kIdLength = 32;
  const std::string_view separator("\0", 1);
  const std::string text = StrCat(agency, separator, group, separator, source);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  std::string id;
  for (size_t i = 0; i < kIdLength; ++i) id += kAlphabet[digest[i] % kAlphabet.size()];
  return id;
}

}  // namespace tandem::model
