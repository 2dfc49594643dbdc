// SPDX-License-Identifier: Apache-2.0

// What the command line knows of each kind of record: one row a noun. Everything else (methods,
// request fields, names) comes from the descriptors, so that one implementation serves all of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace tandem::cli {

// One column of a noun's table.
struct NounColumn {
  // Both languages, for example "GRADE 等级".
  std::string header;
  // The field's path; see CellText.
  std::string path;
  bool align_right = false;
  // Shown with -o wide only.
  bool wide = false;
};

// One kind of record.
struct Noun {
  // The word on the command line, "agency", and its other forms.
  std::string word;
  std::string plural;
  std::string chinese;
  // Its service in the generated code.
  const google::protobuf::ServiceDescriptor* service = nullptr;
  std::vector<NounColumn> columns;
  // The noun whose records own these, "agency" for contacts; empty for nouns at the top.
  std::string parent_word = {};

  // The method whose name begins with `verb` ("Get", "List", "Import" …); nullptr when there is
  // none.
  const google::protobuf::MethodDescriptor* Method(std::string_view verb) const;
  // The type of the record.
  const google::protobuf::Descriptor* Record() const;
  // The collection, for example "serviceCategories": the JSON name of the records in a list's
  // answer.
  std::string Collection() const;
  // The full name for what a person wrote: "agencies/x" for "x", "agency/x" and "agencies/x".
  // `parent` is the full name of the record that a child noun's record lies below.
  std::string FullName(std::string_view written, std::string_view parent = "") const;
  // How a full name looks: "agencies/{id}", "agencies/{id}/contacts/{id}".
  std::string NamePattern() const;
};

// The noun with this word. It must exist.
const Noun& FindNoun(std::string_view word);

// All nouns with the standard methods, in the order of the help.
const std::vector<Noun>& AllNouns();

// The noun for what a person wrote: its word, its plural, its collection or its type's name;
// nullptr when there is none.
const Noun* NounFor(std::string_view written);

// The noun whose records have names like `name`, for example "agencies/x"; nullptr when there is
// none.
const Noun* NounOfName(std::string_view name);

// The record above the one called `name`: "agencies/x" for "agencies/x/contacts/y", empty for
// "agencies/x".
std::string ParentOfName(std::string_view name);

// Every word NounFor knows, for "did you mean".
std::vector<std::string> NounWords();

// A new, empty message of a generated type.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type);

// The first field of `type` that holds messages of `record`, singular or repeated; nullptr when
// none.
const google::protobuf::FieldDescriptor* RecordField(const google::protobuf::Descriptor* type,
                                                     const google::protobuf::Descriptor* record);

}  // namespace tandem::cli
