// SPDX-License-Identifier: Apache-2.0

#include "support/naive_filter.h"

#include <compare>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "tandem/v1/field_rules.pb.h"

namespace tandem::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using query::FilterNode;
using query::FilterOperator;
using query::FilterText;

// A number or a text. Values of one field have one type, so comparing members in turn compares
// values.
struct Value {
  bool is_text = false;
  int64_t number = 0;
  std::string text;

  auto operator<=>(const Value&) const = default;
};

Value Of(int64_t number) { return {false, number, ""}; }
Value Of(std::string text) { return {true, 0, std::move(text)}; }

// Everything a path leads to in one record.
struct Found {
  const FieldDescriptor* field = nullptr;
  bool many = false;
  bool nested = false;
  std::vector<Value> values;
  std::vector<std::pair<std::string, std::string>> entries;
};

int64_t Nanos(const Message& timestamp) {
  google::protobuf::Timestamp copy;
  copy.CopyFrom(timestamp);
  return google::protobuf::util::TimeUtil::TimestampToNanoseconds(copy);
}

bool IsTimestamp(const FieldDescriptor* field) {
  return field->message_type() != nullptr &&
         field->message_type()->full_name() == "google.protobuf.Timestamp";
}

Value Single(const Message& message, const FieldDescriptor* field) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return Of(reflection.GetString(message, field));
    case FieldDescriptor::CPPTYPE_INT32:
      return Of(int64_t{reflection.GetInt32(message, field)});
    case FieldDescriptor::CPPTYPE_INT64:
      return Of(int64_t{reflection.GetInt64(message, field)});
    case FieldDescriptor::CPPTYPE_BOOL:
      return Of(int64_t{reflection.GetBool(message, field)});
    case FieldDescriptor::CPPTYPE_ENUM:
      return Of(int64_t{reflection.GetEnumValue(message, field)});
    default:
      return Of(Nanos(reflection.GetMessage(message, field)));
  }
}

Value Element(const Message& message, const FieldDescriptor* field, int i) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return Of(reflection.GetRepeatedString(message, field, i));
    case FieldDescriptor::CPPTYPE_INT32:
      return Of(int64_t{reflection.GetRepeatedInt32(message, field, i)});
    case FieldDescriptor::CPPTYPE_INT64:
      return Of(int64_t{reflection.GetRepeatedInt64(message, field, i)});
    case FieldDescriptor::CPPTYPE_BOOL:
      return Of(int64_t{reflection.GetRepeatedBool(message, field, i)});
    default:
      return Of(int64_t{reflection.GetRepeatedEnumValue(message, field, i)});
  }
}

void Walk(const Message& message, const std::vector<std::string>& path, size_t step, bool element,
          Found* found) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(path[step]);
  const Reflection& reflection = *message.GetReflection();
  found->field = field;
  found->many |= field->is_repeated();
  found->nested |= step > 0;
  if (field->is_map()) {
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, field, i);
      const auto* type = entry.GetDescriptor();
      found->entries.emplace_back(
          entry.GetReflection()->GetString(entry, type->FindFieldByNumber(1)),
          entry.GetReflection()->GetString(entry, type->FindFieldByNumber(2)));
    }
    return;
  }
  if (step + 1 < path.size()) {
    if (field->is_repeated()) {
      // Also without elements the field at the end of the path must be known.
      if (reflection.FieldSize(message, field) == 0) {
        found->field = field->message_type()->FindFieldByName(path[step + 1]);
      }
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        Walk(reflection.GetRepeatedMessage(message, field, i), path, step + 1, true, found);
      }
      return;
    }
    found->nested = true;
    if (reflection.HasField(message, field)) {
      Walk(reflection.GetMessage(message, field), path, step + 1, element, found);
    } else {
      found->field = field->message_type()->FindFieldByName(path[step + 1]);
    }
    return;
  }
  if (field->is_repeated()) {
    const bool messages = field->message_type() != nullptr;
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      found->values.push_back(messages ? Of(int64_t{1}) : Element(message, field, i));
    }
    return;
  }
  if (field->message_type() != nullptr && !IsTimestamp(field)) {
    if (reflection.HasField(message, field)) found->values.push_back(Of(int64_t{1}));
    return;
  }
  // Inside a list element everything has a value; elsewhere what is not set has none.
  if (!element) {
    if (field->has_presence() && !reflection.HasField(message, field)) return;
    const bool text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    const bool date = field->options().GetExtension(v1::date);
    if (text && (date || step > 0) && Single(message, field).text.empty()) {
      return;
    }
  }
  found->values.push_back(Single(message, field));
}

bool Fits(int order, FilterOperator op) {
  switch (op) {
    case FilterOperator::kEqual:
    case FilterOperator::kHas:
      return order == 0;
    case FilterOperator::kNotEqual:
      return order != 0;
    case FilterOperator::kLess:
      return order < 0;
    case FilterOperator::kLessEqual:
      return order <= 0;
    case FilterOperator::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

bool TextFits(const std::string& value, FilterOperator op, const FilterText& wanted) {
  const std::string& text = wanted.value;
  if (!wanted.any_prefix && !wanted.any_suffix) return Fits(value.compare(text), op);
  bool like = false;
  for (size_t at = value.find(text); at != std::string::npos; at = value.find(text, at + 1)) {
    like |=
        (wanted.any_prefix || at == 0) && (wanted.any_suffix || at + text.size() == value.size());
  }
  return like == (op != FilterOperator::kNotEqual);
}

int64_t Number(const std::string& text, const FieldDescriptor* field) {
  if (IsTimestamp(field)) {
    google::protobuf::Timestamp time;
    google::protobuf::util::TimeUtil::FromString(text, &time);
    return Nanos(time);
  }
  if (field->enum_type() != nullptr) return field->enum_type()->FindValueByName(text)->number();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return text == "true" ? 1 : 0;
  return std::strtoll(text.c_str(), nullptr, 10);
}

bool CompareMatches(const FilterNode& node, const Message& record) {
  std::vector<std::string> path;
  for (const FilterText& part : node.path) path.push_back(part.value);
  const bool presence =
      node.op == FilterOperator::kHas && !node.value.quoted && node.value.value == "*";
  Found found;
  Walk(record, path, 0, false, &found);
  if (found.field->is_map()) {
    const bool keyed = path.size() > 1;
    if (!keyed && presence) return !found.entries.empty();
    for (const auto& [key, value] : found.entries) {
      if (key != (keyed ? path[1] : node.value.value)) continue;
      return !keyed || presence || TextFits(value, node.op, node.value);
    }
    return false;
  }
  if (presence) {
    if (found.values.empty()) return false;
    if (found.many || found.nested || found.field->message_type() != nullptr) return true;
    if (found.values[0].is_text) return !found.values[0].text.empty();
    return found.field->has_presence() || found.values[0].number != 0;
  }
  for (const Value& value : found.values) {
    if (value.is_text) {
      if (TextFits(value.text, node.op, node.value)) return true;
      continue;
    }
    const int64_t left = value.number, right = Number(node.value.value, found.field);
    if (Fits(left < right ? -1 : static_cast<int>(left > right), node.op)) return true;
  }
  return false;
}

bool IsBelow(std::string name, const std::string& ancestor, const ParentNames& parents) {
  while (name != ancestor) {
    auto parent = parents.find(name);
    if (parent == parents.end()) return false;
    name = parent->second;
  }
  return true;
}

bool IsValidOn(const std::string& day, const Message& record) {
  auto text = [&](const char* field) {
    return Single(record, record.GetDescriptor()->FindFieldByName(field)).text;
  };
  if (text("valid_from_date") > day) return false;
  if (!text("valid_to_date").empty()) return day <= text("valid_to_date");
  const auto* state = record.GetDescriptor()->FindFieldByName("state");
  return state == nullptr ||
         record.GetReflection()->GetEnum(record, state)->name() != "CATEGORY_STATE_SUPERSEDED";
}

bool FunctionMatches(const FilterNode& node, const Message& record, const ParentNames& parents) {
  if (node.path.at(0).value == "valid_on") return IsValidOn(node.arguments.at(0).value, record);
  const std::string& ancestor = node.arguments.at(0).value;
  const std::string type = record.GetDescriptor()->name();
  const bool region = ancestor.rfind("regions/", 0) == 0;
  std::vector<std::string> path;
  if (type == "Agency") {
    path = region ? std::vector<std::string>{"home_region"}
                  : std::vector<std::string>{"categories", "category"};
  } else if (type == "Region" || type == "ServiceCategory") {
    path = {"name"};
  } else if (type == "Offer") {
    path = {"categories"};
  } else {
    path = {region ? (type == "Need" ? "region" : "receiving_region") : "category"};
  }
  Found found;
  Walk(record, path, 0, false, &found);
  for (const Value& value : found.values) {
    if (IsBelow(value.text, ancestor, parents)) return true;
  }
  return false;
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Value SortKey(const Message& record, const std::string& field) {
  std::vector<std::string> path;
  std::istringstream parts(field);
  for (std::string part; std::getline(parts, part, '.');) path.push_back(part);
  Found found;
  Walk(record, path, 0, false, &found);
  if (!found.values.empty()) return found.values[0];
  if (found.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) return Of("");
  return Of(int64_t{0});
}

}  // namespace

std::string NameOf(const Message& record) {
  return Single(record, record.GetDescriptor()->FindFieldByName("name")).text;
}

bool NaiveMatches(const FilterNode& node, const Message& record, const ParentNames& parents) {
  switch (node.kind) {
    case FilterNode::Kind::kAnd:
      for (const FilterNode& child : node.children) {
        if (!NaiveMatches(child, record, parents)) return false;
      }
      return true;
    case FilterNode::Kind::kOr:
      for (const FilterNode& child : node.children) {
        if (NaiveMatches(child, record, parents)) return true;
      }
      return false;
    case FilterNode::Kind::kNot:
      return !NaiveMatches(node.children.at(0), record, parents);
    case FilterNode::Kind::kCompare:
      return CompareMatches(node, record);
    case FilterNode::Kind::kFunction:
      return FunctionMatches(node, record, parents);
    case FilterNode::Kind::kWord: {
      const auto* field = record.GetDescriptor()->FindFieldByName("display_name");
      return Lower(Single(record, field).text).find(Lower(node.value.value)) != std::string::npos;
    }
  }
  return false;
}

bool NaiveBefore(const Message& left, const Message& right, std::string_view order_by) {
  std::istringstream keys{std::string(order_by)};
  for (std::string key; std::getline(keys, key, ',');) {
    std::istringstream words(key);
    std::string field, direction;
    words >> field >> direction;
    if (field.empty()) continue;
    const Value a = SortKey(left, field), b = SortKey(right, field);
    if (a != b) return direction == "desc" ? b < a : a < b;
  }
  return NameOf(left) < NameOf(right);
}

}  // namespace tandem::testing
