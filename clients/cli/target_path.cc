// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "absl/strings/numbers.h"
#include "fmt/format.h"

#include "cli/csv_mapping.h"
#include "cli/field_value.h"

namespace tandem::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

absl::Status Wrong(const std::string& path, const std::string& why) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", path, why));
}

// Takes "[3]" or "[]" off the end of `*part` into `*element`. False when the brackets are wrong.
bool TakeElement(std::string* part, bool* has_element, int* element) {
  const size_t open = part->find('[');
  *has_element = open != std::string::npos;
  if (!*has_element) return true;
  if (part->back() != ']') return false;
  const std::string number = part->substr(open + 1, part->size() - open - 2);
  *element = -1;
  const bool sound =
      number.empty() || (absl::SimpleAtoi(number, element) && *element >= 0 && *element < 1000);
  part->erase(open);
  return sound;
}

}  // namespace

absl::StatusOr<TargetPath> ParseTargetPath(const std::string& text, const Descriptor* type,
                                           bool whole) {
  TargetPath path;
  path.text = text;
  size_t start = 0;
  while (start <= text.size()) {
    const size_t dot = std::min(text.find('.', start), text.size());
    std::string part = text.substr(start, dot - start);
    start = dot + 1;
    bool has_element = false;
    int element = -1;
    if (!TakeElement(&part, &has_element, &element)) {
      return Wrong(text, "an element is written [] or [0] to [999]");
    }
    const FieldDescriptor* field = FindField(type, part);
    if (field == nullptr) return Wrong(text, UnknownFieldMessage(type, part));
    path.fields.push_back(field);
    const bool ends_here = dot == text.size() && !has_element;
    const bool is_compound =
        field->is_repeated() || (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                                 !IsTextMessage(field->message_type()));
    if (whole && ends_here && is_compound) {
      path.whole = true;
      return path;
    }
    if (field->is_map()) {
      // The rest is the key, dots and all.
      path.map_key = text.substr(std::min(start, text.size()));
      if (path.map_key.empty()) return Wrong(text, "a key must follow, as in labels.source");
      return path;
    }
    const bool last = dot == text.size();
    const bool is_object = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                           !IsTextMessage(field->message_type());
    if (has_element) {
      if (!field->is_repeated()) return Wrong(text, part + " is no list");
      if (!is_object) return Wrong(text, "a list of values takes no [ ]; give a separator");
      if (path.list_at >= 0) return Wrong(text, "only one list can be gone into");
      path.list_at = static_cast<int>(path.fields.size()) - 1;
      path.element = element;
    } else if (is_object && field->is_repeated()) {
      return Wrong(text, fmt::format("{} is a list: write {}[0] or {}[]", part, part, part));
    }
    if (is_object == last) {
      return Wrong(text,
                   is_object ? part + " has fields of its own: name one" : part + " has no fields");
    }
    if (last) return path;
    type = field->message_type();
  }
  return Wrong(text, "a field must be named");
}

}  // namespace tandem::cli
