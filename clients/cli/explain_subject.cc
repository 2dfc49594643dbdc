// SPDX-License-Identifier: Apache-2.0

#include "cli/explain_subject.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "cli/api_description.h"
#include "cli/field_value.h"
#include "cli/method_finder.h"
#include "cli/nearest_word.h"
#include "cli/session.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// A message of the API by its short name, for example "MatchRun".
const Descriptor* FindType(const std::string& name) {
  for (const auto* file : ApiFiles()) {
    if (const Descriptor* type = file->FindMessageTypeByName(name)) return type;
  }
  return nullptr;
}

std::vector<std::string> KnownSubjects() {
  std::vector<std::string> words = NounWords();
  for (const auto* file : ApiFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      words.push_back(file->message_type(i)->name());
    }
  }
  return words;
}

// Goes from `type` down `parts` and makes the last one the subject.
absl::Status Descend(const std::vector<std::string>& parts, ExplainSubject* subject) {
  const Descriptor* type = subject->type;
  for (size_t i = 1; i < parts.size(); ++i) {
    if (type == nullptr) {
      return UsageError(absl::StrCat(subject->title, " has no fields below it"));
    }
    const FieldDescriptor* field = FindField(type, parts[i]);
    if (field == nullptr) {
      return UsageError(
          absl::StrCat(subject->title, ".", parts[i], ": ", UnknownFieldMessage(type, parts[i])));
    }
    absl::StrAppend(&subject->title, ".", field->name());
    absl::StrAppend(&subject->path, subject->path.empty() ? "" : ".", field->name());
    subject->field = field;
    type = subject->Fields();
  }
  if (subject->field != nullptr) subject->type = nullptr;
  return absl::OkStatus();
}

}  // namespace

const Descriptor* ExplainSubject::Fields() const {
  if (method != nullptr) return method->input_type();
  if (field == nullptr) return type;
  const Descriptor* below = field->is_map() ? nullptr : field->message_type();
  return below != nullptr && !IsTextMessage(below) ? below : nullptr;
}

absl::StatusOr<ExplainSubject> FindSubject(const std::string& written) {
  ExplainSubject subject;
  if (written.find('/') != std::string::npos) {
    ASSIGN_OR_RETURN(subject.method, FindMethod(written));
    subject.title = ShortMethodName(*subject.method);
    return subject;
  }
  const std::vector<std::string> parts = absl::StrSplit(written, '.');
  subject.noun = NounFor(parts[0]);
  subject.type = subject.noun == nullptr ? FindType(parts[0]) : subject.noun->Record();
  if (subject.type == nullptr) {
    if (auto method = FindMethod(written); method.ok()) {
      subject.method = *method;
      subject.title = ShortMethodName(**method);
      return subject;
    }
    return UsageError(
        absl::StrCat("nothing is called ", parts[0], DidYouMean(parts[0], KnownSubjects())));
  }
  subject.title = subject.noun == nullptr ? parts[0] : subject.noun->word;
  RETURN_IF_ERROR(Descend(parts, &subject));
  return subject;
}

}  // namespace tandem::cli
