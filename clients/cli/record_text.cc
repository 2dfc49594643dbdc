// SPDX-License-Identifier: Apache-2.0

#include "cli/record_text.h"

#include <memory>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dtl/dtl.hpp"

#include "cli/json_writer.h"
#include "cli/request_fields.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"
#include "tandem/v1/field_rules.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void ClearServerFields(Message* message) {
  const auto* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->options().GetExtension(v1::output_only)) {
      reflection->ClearField(message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map()) {
      const int size = field->is_repeated() ? reflection->FieldSize(*message, field) : 1;
      for (int i = 0; i < size; ++i) {
        ClearServerFields(field->is_repeated()
                              ? reflection->MutableRepeatedMessage(message, field, i)
                              : reflection->MutableMessage(message, field));
      }
    }
  }
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    lines.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

// The lines of a diff in the colours of `git diff`.
std::string Coloured(const std::string& diff) {
  std::string out;
  for (const std::string& line : Lines(diff)) {
    const char* colour = "";
    if (line[0] == '-') colour = "\x1b[31m";
    if (line[0] == '+') colour = "\x1b[32m";
    if (line[0] == '@') colour = "\x1b[36m";
    absl::StrAppend(&out, colour, line, *colour == '\0' ? "\n" : "\x1b[0m\n");
  }
  return out;
}

}  // namespace

absl::StatusOr<std::string> WritableYaml(const Message& record) {
  std::unique_ptr<Message> writable(record.New());
  writable->CopyFrom(record);
  ClearServerFields(writable.get());
  client::SetTextField(writable.get(), "etag", "");
  ASSIGN_OR_RETURN(auto document, ToJson(*writable));
  return YamlText(document);
}

std::string UnifiedDiff(std::string_view before, std::string_view after,
                        const std::string& before_title, const std::string& after_title,
                        bool colour) {
  if (before == after) return "";
  dtl::Diff<std::string> diff(Lines(before), Lines(after));
  diff.compose();
  diff.composeUnifiedHunks();
  std::ostringstream hunks;
  diff.printUnifiedFormat(hunks);
  const std::string text =
      absl::StrCat("--- ", before_title, "\n+++ ", after_title, "\n", hunks.str());
  return colour ? Coloured(text) : text;
}

}  // namespace tandem::cli
