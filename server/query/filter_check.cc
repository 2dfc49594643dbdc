// SPDX-License-Identifier: Apache-2.0

#include "query/filter_check.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "model/absl_strings.h"
#include "model/calendar_date.h"
#include "model/status_macros.h"
#include "query/filter_ast.h"
#include "query/filter_error.h"
#include "query/filter_functions.h"
#include "query/filter_literal.h"
#include "query/filter_parser.h"
#include "query/name_list.h"

namespace tandem::query {
namespace {

using catalog::FieldKind;
using catalog::FieldTable;
using catalog::IndexedField;

Comparison ComparisonOf(FilterOperator op) {
  switch (op) {
    case FilterOperator::kEqual:
    case FilterOperator::kHas:
      return Comparison::kEqual;
    case FilterOperator::kNotEqual:
      return Comparison::kNotEqual;
    case FilterOperator::kLess:
      return Comparison::kLess;
    case FilterOperator::kLessEqual:
      return Comparison::kLessEqual;
    case FilterOperator::kGreater:
      return Comparison::kGreater;
    case FilterOperator::kGreaterEqual:
      return Comparison::kGreaterEqual;
  }
  return Comparison::kEqual;
}

bool IsEquality(FilterOperator op) {
  return op == FilterOperator::kEqual || op == FilterOperator::kNotEqual;
}

// `field:*`, which asks for presence. A quoted star is a text pattern instead.
bool IsPresence(const FilterNode& node) {
  return node.op == FilterOperator::kHas && !node.value.quoted && node.value.value == "*";
}

// The beginning of days, "2026-*", where one of a list is looked for: "any day" is no condition
// there, for an element without one is in the list too.
bool IsSomeDays(const IndexedField& field, const TextPattern& pattern) {
  return field.repeated && pattern.any_suffix && !pattern.any_prefix &&
         pattern.text.find_first_not_of("0123456789-") == std::string::npos;
}

class FilterChecker {
 public:
  FilterChecker(std::string_view filter, model::RecordType type)
      : filter_(filter), type_(type), table_(FieldTable::Of(type)) {}

  absl::StatusOr<Condition> Check(const FilterNode& node) {
    switch (node.kind) {
      case FilterNode::Kind::kAnd:
        return CheckChildren(node, Condition::Kind::kAll);
      case FilterNode::Kind::kOr:
        return CheckChildren(node, Condition::Kind::kAny);
      case FilterNode::Kind::kNot:
        return CheckChildren(node, Condition::Kind::kNot);
      case FilterNode::Kind::kCompare:
        return CheckComparison(node);
      case FilterNode::Kind::kWord:
        return CheckWord(node);
      case FilterNode::Kind::kFunction:
        return CheckFunction(filter_, node, type_);
    }
    return Fault(0, 0, "a condition");
  }

 private:
  absl::Status Fault(size_t offset, size_t length, std::string expected,
                     std::string allowed = "") const {
    return FilterError(
        filter_, {offset, filter_.substr(offset, length), std::move(expected), std::move(allowed)});
  }
  absl::Status Fault(const FilterText& text, std::string expected, std::string allowed = "") const {
    return Fault(text.offset, text.length, std::move(expected), std::move(allowed));
  }
  absl::Status PathFault(const FilterNode& node, std::string expected,
                         std::string allowed = "") const {
    const FilterText& last = node.path.back();
    const size_t begin = node.path.front().offset;
    return Fault(begin, last.offset + last.length - begin, std::move(expected), std::move(allowed));
  }

  absl::StatusOr<Condition> CheckChildren(const FilterNode& node, Condition::Kind kind) {
    Condition condition;
    condition.kind = kind;
    for (const FilterNode& child : node.children) {
      ASSIGN_OR_RETURN(Condition checked, Check(child));
      condition.children.push_back(std::move(checked));
    }
    return condition;
  }

  absl::StatusOr<Condition> CheckWord(const FilterNode& node) {
    const FilterText& word = node.value;
    if (!word.quoted && word.value.find('*') != std::string::npos) {
      return Fault(word, "a word without a star");
    }
    Condition condition;
    condition.kind = Condition::Kind::kWord;
    condition.field = table_.Find("display_name");
    condition.pattern.text = word.value;
    if (condition.field == nullptr) return Fault(word, "a field and an operator");
    return condition;
  }

  // The field that the first parts of the path name; the rest is a map key.
  absl::StatusOr<Condition> CheckComparison(const FilterNode& node) {
    std::string path;
    for (size_t used = 0; used < node.path.size(); ++used) {
      StrAppend(&path, used == 0 ? "" : ".", node.path[used].value);
      const IndexedField* field = table_.Find(path);
      if (field == nullptr) continue;
      if (field->kind == FieldKind::kMap) return CheckMap(node, *field, used + 1);
      if (used + 1 < node.path.size()) break;
      return CheckField(node, *field);
    }
    if (const IndexedField* witness = MessageWitness(path)) {
      if (!IsPresence(node)) {
        return PathFault(node, "a field inside the message, or `:*`", FilterableFields(type_));
      }
      return Present(*witness);
    }
    return PathFault(node, StrCat("a field of ", model::CollectionOf(type_)),
                     FilterableFields(type_));
  }

  // A field directly below the message at `path` that has a value exactly when the message is set
  // (each element of a repeated one has a value in every list below it); null when nothing tells.
  const IndexedField* MessageWitness(std::string_view path) const {
    const google::protobuf::Descriptor* message = table_.message_type();
    for (std::string_view part : SplitNames(path, '.')) {
      if (message == nullptr) return nullptr;
      const auto* step = message->FindFieldByName(std::string(part));
      message = step == nullptr ? nullptr : step->message_type();
    }
    if (message == nullptr) return nullptr;
    for (int i = 0; i < message->field_count(); ++i) {
      const google::protobuf::FieldDescriptor* part = message->field(i);
      const IndexedField* field = table_.Find(StrCat(path, ".", part->name()));
      if (field == nullptr || part->is_repeated()) continue;
      if (field->repeated || (!field->is_text() && !part->has_presence())) return field;
    }
    return nullptr;
  }

  static Condition Present(const IndexedField& field) {
    Condition condition;
    condition.kind = Condition::Kind::kPresent;
    condition.field = &field;
    return condition;
  }

  absl::StatusOr<TextPattern> Pattern(const FilterNode& node) const {
    const FilterText& value = node.value;
    if (!value.quoted && value.value.find('*') != std::string::npos) {
      return Fault(value, R"(quotes around a text with a star, or \* for the sign itself)");
    }
    const bool open = value.any_prefix || value.any_suffix;
    if (open && !IsEquality(node.op) && node.op != FilterOperator::kHas) {
      return Fault(value, "a text without a star after this operator");
    }
    return TextPattern{value.value, value.any_prefix, value.any_suffix};
  }

  // `labels:*`, `labels:key`, `labels.key:*`, `labels.key = "value"`.
  absl::StatusOr<Condition> CheckMap(const FilterNode& node, const IndexedField& field,
                                     size_t used) {
    if (used + 1 < node.path.size()) {
      return Fault(node.path[used + 1], "one key after the map; quote a key that has a dot");
    }
    Condition condition;
    condition.field = &field;
    if (used == node.path.size()) {
      if (node.op != FilterOperator::kHas) {
        return PathFault(node, StrCat("`:`, or a key such as ", field.path, ".key"));
      }
      if (IsPresence(node)) return Present(field);
      if (node.value.any_prefix || node.value.any_suffix) {
        return Fault(node.value, "a whole key");
      }
      condition.kind = Condition::Kind::kMapKey;
      condition.map_key = node.value.value;
      return condition;
    }
    const FilterText& key = node.path[used];
    if (key.any_prefix || key.any_suffix) return Fault(key, "a whole key");
    condition.map_key = key.value;
    if (IsPresence(node)) {
      condition.kind = Condition::Kind::kMapKey;
      return condition;
    }
    if (!IsEquality(node.op) && node.op != FilterOperator::kHas) {
      return PathFault(node, "=, != or `:` after a map's key");
    }
    condition.kind = Condition::Kind::kMap;
    condition.comparison = ComparisonOf(node.op);
    ASSIGN_OR_RETURN(condition.pattern, Pattern(node));
    return condition;
  }

  absl::StatusOr<Condition> CheckField(const FilterNode& node, const IndexedField& field) {
    if (IsPresence(node)) return Present(field);
    if (field.repeated && node.op != FilterOperator::kHas) {
      return PathFault(node, StrCat("`:` after the list ", field.path));
    }
    const bool equality_only = field.kind == FieldKind::kEnum || field.kind == FieldKind::kBool;
    if (equality_only && !field.repeated && !IsEquality(node.op)) {
      return PathFault(node, StrCat("= or != after ", field.path));
    }
    Condition condition;
    condition.field = &field;
    condition.comparison = ComparisonOf(node.op);
    if (field.is_text()) {
      condition.kind = Condition::Kind::kText;
      ASSIGN_OR_RETURN(condition.pattern, Pattern(node));
      const bool day = condition.pattern.exact() && model::IsCalendarDate(condition.pattern.text);
      if (field.kind == FieldKind::kDate && !day && !IsSomeDays(field, condition.pattern)) {
        return Fault(node.value, "a day such as \"2026-11-23\"");
      }
      return condition;
    }
    condition.kind = Condition::Kind::kInteger;
    absl::StatusOr<int64_t> number = ReadNumber(node.value, field);
    if (!number.ok()) {
      const bool is_enum = field.kind == FieldKind::kEnum;
      return Fault(node.value, std::string(ToStd(number.status().message())),
                   is_enum ? EnumNames(field) : "");
    }
    condition.integer = *number;
    return condition;
  }

  std::string_view filter_;
  model::RecordType type_;
  const FieldTable& table_;
};

}  // namespace

absl::StatusOr<Condition> CompileFilter(std::string_view filter, model::RecordType type) {
  ASSIGN_OR_RETURN(FilterNode tree, ParseFilter(filter));
  return FilterChecker(filter, type).Check(tree);
}

std::string FilterableFields(model::RecordType type) {
  std::vector<std::string_view> paths;
  for (const IndexedField& field : FieldTable::Of(type).fields()) paths.push_back(field.path);
  std::sort(paths.begin(), paths.end());
  return JoinNames(paths);
}

}  // namespace tandem::query
