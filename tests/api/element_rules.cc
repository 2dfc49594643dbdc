// SPDX-License-Identifier: Apache-2.0

// The rules about files, names, types and comments, whatever the element is for.

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "api/api_rules.h"
#include "api/descriptor_walk.h"
#include "api/exemptions.h"
#include "google/protobuf/descriptor.h"
#include "re2/re2.h"

namespace tandem::api {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FileDescriptor;

Findings PackageIsVersionedAndEqualsFolder(const Files& files) {
  static const RE2 kVersioned(R"(tandem\.([a-z]+\.)?v[1-9][0-9]*(beta[1-9][0-9]*)?)");
  Findings found;
  for (const FileDescriptor* file : files) {
    if (!RE2::FullMatch(file->package(), kVersioned)) {
      found.push_back(absl::StrCat(file->name(), ": package ", file->package(), " has no version"));
    }
    const std::string folder = absl::StrReplaceAll(file->package(), {{".", "/"}});
    if (file->name().substr(0, file->name().rfind('/')) != folder) {
      found.push_back(absl::StrCat(file->name(), ": lies outside its package's folder ", folder));
    }
  }
  return found;
}

// The build makes stubs for files of this name only, and clients find a service by it.
Findings ServicesLieInFilesOfTheirOwn(const Files& files) {
  Findings found;
  for (const FileDescriptor* file : files) {
    const bool service_file = absl::EndsWith(file->name(), "_service.proto");
    if (file->service_count() != (service_file ? 1 : 0)) {
      found.push_back(absl::StrCat(file->name(), ": one service a file, in x_service.proto only"));
    }
    for (int i = 0; i < file->service_count(); ++i) {
      const std::string stem = SnakeCase(file->service(i)->name());
      if (!absl::EndsWith(file->name(), absl::StrCat("/", stem, ".proto"))) {
        found.push_back(
            absl::StrCat(file->service(i)->full_name(), ": must lie in ", stem, ".proto"));
      }
    }
  }
  return found;
}

Findings EnumsHaveAZeroAndPrefixes(const Files& files) {
  Findings found;
  ForEachEnum(files, [&](const EnumDescriptor* type) {
    const std::string prefix = absl::AsciiStrToUpper(SnakeCase(type->name())) + "_";
    const auto* zero = type->FindValueByNumber(0);
    if (zero == nullptr || zero->name() != prefix + "UNSPECIFIED") {
      found.push_back(absl::StrCat(type->full_name(), ": value 0 must be ", prefix, "UNSPECIFIED"));
    }
    for (int i = 0; i < type->value_count(); ++i) {
      if (!absl::StartsWith(type->value(i)->name(), prefix)) {
        found.push_back(absl::StrCat(type->value(i)->full_name(), ": must start with ", prefix));
      }
    }
    const std::string comment = CommentOf(type);
    if (!absl::StrContains(comment, "May grow.") && !absl::StrContains(comment, "Frozen.")) {
      found.push_back(
          absl::StrCat(type->full_name(), ": its comment must say \"May grow.\" or \"Frozen.\""));
    }
  });
  return found;
}

Findings EveryElementHasAComment(const Files& files) {
  Findings found;
  const auto expect = [&found](const auto* element) {
    if (CommentOf(element).find_first_not_of(" \n") == std::string::npos) {
      found.push_back(absl::StrCat(element->full_name(), ": no comment"));
    }
  };
  for (const FileDescriptor* file : files) {
    for (int i = 0; i < file->service_count(); ++i) expect(file->service(i));
    for (int i = 0; i < file->extension_count(); ++i) expect(file->extension(i));
  }
  ForEachMethod(files, expect);
  ForEachMessage(files, [&](const Descriptor* message) {
    expect(message);
    for (int i = 0; i < message->real_oneof_decl_count(); ++i) expect(message->oneof_decl(i));
  });
  ForEachField(files, expect);
  ForEachEnum(files, [&](const EnumDescriptor* type) {
    expect(type);
    for (int i = 0; i < type->value_count(); ++i) expect(type->value(i));
  });
  return found;
}

Findings IdsAreStrings(const Files& files) {
  Findings found;
  ForEachField(files, [&](const FieldDescriptor* field) {
    const bool id = absl::EndsWith(field->name(), "_id") || absl::EndsWith(field->name(), "_ids");
    if (id && field->type() != FieldDescriptor::TYPE_STRING &&
        !Exempt("IdsAreStrings", field->full_name())) {
      found.push_back(absl::StrCat(field->full_name(), ": an id is a string"));
    }
  });
  return found;
}

Findings ServedFilesKeepToThemselves(const Files& files) {
  Findings found;
  for (const FileDescriptor* file : files) {
    if (file->package() != "tandem.v1") continue;
    for (int i = 0; i < file->dependency_count(); ++i) {
      const std::string& package = file->dependency(i)->package();
      if (absl::StartsWith(package, "tandem.") && package != "tandem.v1") {
        found.push_back(absl::StrCat(file->name(), ": the served API must not import ", package));
      }
    }
  }
  return found;
}

Findings NamesTellTheType(const Files& files) {
  Findings found;
  ForEachField(files, [&](const FieldDescriptor* field) {
    const std::string& name = field->name();
    if (absl::StartsWith(name, "is_")) {
      found.push_back(absl::StrCat(field->full_name(), ": no is_ prefix"));
    }
    const std::string type =
        field->type() == FieldDescriptor::TYPE_MESSAGE ? field->message_type()->full_name() : "";
    const bool time_name = absl::EndsWith(name, "_time") || absl::EndsWith(name, "_times");
    if ((type == "google.protobuf.Timestamp") != time_name) {
      found.push_back(
          absl::StrCat(field->full_name(), ": a Timestamp is named ..._time, nothing else is"));
    }
    if (absl::EndsWith(name, "_date") && field->type() != FieldDescriptor::TYPE_STRING) {
      found.push_back(absl::StrCat(field->full_name(), ": a ..._date is a string, YYYY-MM-DD"));
    }
  });
  return found;
}

// Floating point never decides anything: it is not the same on every machine.
Findings ServedNumbersAreIntegers(const Files& files) {
  Findings found;
  ForEachField(files, [&](const FieldDescriptor* field) {
    if (field->file()->package() != "tandem.v1") return;
    if (field->type() == FieldDescriptor::TYPE_FLOAT ||
        field->type() == FieldDescriptor::TYPE_DOUBLE) {
      found.push_back(absl::StrCat(field->full_name(), ": floating point; use a scaled integer"));
    }
  });
  return found;
}

}  // namespace

std::vector<Rule> ElementRules() {
  return {
      {"PackageIsVersionedAndEqualsFolder", PackageIsVersionedAndEqualsFolder},
      {"ServicesLieInFilesOfTheirOwn", ServicesLieInFilesOfTheirOwn},
      {"EnumsHaveAZeroAndPrefixes", EnumsHaveAZeroAndPrefixes},
      {"EveryElementHasAComment", EveryElementHasAComment},
      {"IdsAreStrings", IdsAreStrings},
      {"ServedFilesKeepToThemselves", ServedFilesKeepToThemselves},
      {"NamesTellTheType", NamesTellTheType},
      {"ServedNumbersAreIntegers", ServedNumbersAreIntegers},
  };
}

}  // namespace tandem::api
