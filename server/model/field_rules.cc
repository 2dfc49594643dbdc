// SPDX-License-Identifier: Apache-2.0

#include "model/field_rules.h"

#include <cstdio>
#include <cstdlib>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/numbers.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "model/absl_strings.h"
#include "model/calendar_date.h"
#include "model/excerpt.h"
#include "model/resource_name.h"
#include "re2/re2.h"
#include "tandem/v1/field_rules.pb.h"

namespace tandem::model {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Texts at least this long may have several lines.
constexpr int kLinesFromLength = 1000;

[[noreturn]] void BadRule(const FieldDescriptor* field, std::string_view text) {
  std::fprintf(stderr, "rule of %s can't be read: %.*s\n", field->full_name().c_str(),
               static_cast<int>(text.size()), text.data());
  std::abort();
}

void ReadRange(FieldRule* rule) {
  std::string_view text = rule->range_text;
  size_t dots = text.find("..");
  if (dots == std::string_view::npos) BadRule(rule->field, text);
  auto read = [&](std::string_view side) -> std::optional<int64_t> {
    if (side.empty()) return std::nullopt;
    int64_t value = 0;
    if (!absl::SimpleAtoi(ToAbsl(side), &value)) BadRule(rule->field, text);
    return value;
  };
  rule->min = read(text.substr(0, dots));
  rule->max = read(text.substr(dots + 2));
}

FieldRule ReadRule(const FieldDescriptor* field) {
  const google::protobuf::FieldOptions& options = field->options();
  FieldRule rule;
  rule.field = field;
  rule.required = options.GetExtension(v1::required);
  rule.output_only = options.GetExtension(v1::output_only);
  rule.immutable = options.GetExtension(v1::immutable);
  rule.importable = options.GetExtension(v1::importable);
  if (rule.importable && !rule.output_only) BadRule(field, "importable without output_only");
  rule.max_length = options.GetExtension(v1::max_length);
  if (options.HasExtension(v1::max_items)) rule.max_items = options.GetExtension(v1::max_items);
  rule.reference = options.GetExtension(v1::reference);
  rule.date = options.GetExtension(v1::date);
  rule.range_text = options.GetExtension(v1::range);
  if (!rule.range_text.empty()) ReadRange(&rule);
  rule.pattern_text = options.GetExtension(v1::pattern);
  if (!rule.pattern_text.empty()) {
    auto pattern = std::make_shared<re2::RE2>(rule.pattern_text);
    if (!pattern->ok()) BadRule(field, rule.pattern_text);
    rule.pattern = std::move(pattern);
  }
  if (rule.max_length >= kLinesFromLength) rule.text_kind = TextKind::kLines;
  if (const Descriptor* type = field->message_type()) {
    rule.timestamp = type->full_name() == "google.protobuf.Timestamp";
  }
  return rule;
}

}  // namespace

class MessageRulesBuilder {
 public:
  const MessageRules& Of(const Descriptor* type) {
    absl::MutexLock lock(&mu_);
    return Build(type);
  }

 private:
  const MessageRules& Build(const Descriptor* type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    auto [it, added] = rules_.try_emplace(type);
    if (!added) return *it->second;
    it->second = std::make_unique<MessageRules>();
    MessageRules* rules = it->second.get();
    for (int i = 0; i < type->field_count(); ++i) {
      FieldRule rule = ReadRule(type->field(i));
      if (const Descriptor* inner = rule.field->message_type()) rule.message = &Build(inner);
      rules->fields_.push_back(std::move(rule));
    }
    return *rules;
  }

  absl::Mutex mu_;
  absl::flat_hash_map<const Descriptor*, std::unique_ptr<MessageRules>> rules_ ABSL_GUARDED_BY(mu_);
};

const MessageRules& MessageRules::Of(const Descriptor* type) {
  static auto* builder = new MessageRulesBuilder;
  // A thread asks for the same few types again and again.
  thread_local absl::flat_hash_map<const Descriptor*, const MessageRules*> known;
  const MessageRules*& rules = known[type];
  if (rules == nullptr) rules = &builder->Of(type);
  return *rules;
}

bool IsServerField(const FieldRule& rule) {
  return rule.output_only || (rule.field->number() == 8 && rule.field->name() == "etag");
}

namespace {

std::string UnknownFieldText(const Message& message, int number) {
  return StrCat("field number ", number, " of ", message.GetDescriptor()->name(),
                " is not known to this server");
}

// One walk over a record. Paths are built only when something is wrong.
class Checker {
 public:
  Checker(std::string_view prefix, std::vector<FieldViolation>* violations)
      : prefix_(prefix), violations_(violations) {}

  void CheckMessage(Message* message, const MessageRules& rules) {
    const Reflection& reflection = *message->GetReflection();
    CheckUnknown(*message, reflection);
    // Most fields of most records are not set: asking the message once is cheaper than field by
    // field.
    absl::InlinedVector<bool, 96> present(
        static_cast<size_t>(message->GetDescriptor()->field_count()), false);
    present_.clear();
    reflection.ListFields(*message, &present_);
    for (const FieldDescriptor* field : present_)
      present[static_cast<size_t>(field->index())] = true;
    for (const FieldRule& rule : rules.fields()) {
      if (!present[static_cast<size_t>(rule.field->index())]) {
        // A field without presence that holds its zero value counts as not set.
        if (rule.required) Report(rule.field, -1, "is required");
      } else if (rule.field->is_map()) {
        CheckMap(message, rule, reflection);
      } else if (rule.field->is_repeated()) {
        CheckRepeated(message, rule, reflection);
      } else {
        CheckSingular(message, rule, reflection);
      }
    }
  }

 private:
  struct Step {
    const FieldDescriptor* field;
    // -1: not an element.
    int index;
  };

  std::string Path(const FieldDescriptor* field, int index) const {
    std::string path(prefix_);
    for (const Step& step : steps_) {
      StrAppend(&path, step.field->name());
      if (step.index >= 0) StrAppend(&path, "[", step.index, "]");
      path.push_back('.');
    }
    StrAppend(&path, field->name());
    if (index >= 0) StrAppend(&path, "[", index, "]");
    return path;
  }

  void Report(const FieldDescriptor* field, int index, std::string description) {
    violations_->push_back({Path(field, index), std::move(description)});
  }

  void CheckUnknown(const Message& message, const Reflection& reflection) {
    const google::protobuf::UnknownFieldSet& unknown = reflection.GetUnknownFields(message);
    for (int i = 0; i < unknown.field_count(); ++i) {
      std::string path(prefix_);
      for (const Step& step : steps_) {
        StrAppend(&path, step.field->name());
        if (step.index >= 0) StrAppend(&path, "[", step.index, "]");
        path.push_back('.');
      }
      StrAppend(&path, unknown.field(i).number());
      violations_->push_back(
          {std::move(path), UnknownFieldText(message, unknown.field(i).number())});
    }
  }

  void CheckSingular(Message* message, const FieldRule& rule, const Reflection& reflection) {
    const FieldDescriptor* field = rule.field;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        scratch_.clear();
        CheckText(message, rule, reflection, -1,
                  reflection.GetStringReference(*message, field, &scratch_));
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Descend(reflection.MutableMessage(message, field), rule, -1);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        CheckEnum(rule, -1, reflection.GetEnumValue(*message, field));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        CheckRange(rule, -1, reflection.GetInt32(*message, field));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        CheckRange(rule, -1, reflection.GetInt64(*message, field));
        break;
      default:
        break;
    }
  }

  void CheckRepeated(Message* message, const FieldRule& rule, const Reflection& reflection) {
    const FieldDescriptor* field = rule.field;
    int size = reflection.FieldSize(*message, field);
    if (size > rule.max_items) {
      Report(field, -1,
             StrCat("has ", size, " elements; at most ", rule.max_items, " are allowed"));
      return;
    }
    for (int i = 0; i < size; ++i) {
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING:
          scratch_.clear();
          CheckText(message, rule, reflection, i,
                    reflection.GetRepeatedStringReference(*message, field, i, &scratch_));
          break;
        case FieldDescriptor::CPPTYPE_MESSAGE:
          Descend(reflection.MutableRepeatedMessage(message, field, i), rule, i);
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          CheckEnum(rule, i, reflection.GetRepeatedEnumValue(*message, field, i));
          break;
        case FieldDescriptor::CPPTYPE_INT32:
          CheckRange(rule, i, reflection.GetRepeatedInt32(*message, field, i));
          break;
        case FieldDescriptor::CPPTYPE_INT64:
          CheckRange(rule, i, reflection.GetRepeatedInt64(*message, field, i));
          break;
        default:
          break;
      }
    }
  }

  // Maps of this API are labels: text to text.
  void CheckMap(Message* message, const FieldRule& rule, const Reflection& reflection) {
    int size = reflection.FieldSize(*message, rule.field);
    if (size > rule.max_items) {
      Report(rule.field, -1,
             StrCat("has ", size, " entries; at most ", rule.max_items, " are allowed"));
    }
    const Descriptor* entry_type = rule.field->message_type();
    const FieldDescriptor* key_field = entry_type->map_key();
    const FieldDescriptor* value_field = entry_type->map_value();
    for (int i = 0; i < size; ++i) {
      Message* entry = reflection.MutableRepeatedMessage(message, rule.field, i);
      const Reflection& entry_reflection = *entry->GetReflection();
      std::string key = entry_reflection.GetString(*entry, key_field);
      std::string value = entry_reflection.GetString(*entry, value_field);
      std::string normal_key = key;
      NormaliseText(&normal_key);
      if (normal_key != key) entry_reflection.SetString(entry, key_field, normal_key);
      std::string normal_value = value;
      NormaliseText(&normal_value);
      if (normal_value != value) entry_reflection.SetString(entry, value_field, normal_value);
      std::string problem;
      if (normal_key.empty()) problem = "has an empty key";
      if (normal_key.size() > kMaxLabelKeyBytes) {
        problem = StrCat("has a key of ", normal_key.size(), " bytes; at most ", kMaxLabelKeyBytes,
                         " are allowed");
      } else if (normal_value.size() > kMaxLabelValueBytes) {
        problem = StrCat("\"", normal_key, "\" has a value of ", normal_value.size(),
                         " bytes; at most ", kMaxLabelValueBytes, " are allowed");
      } else if (std::string text = TextProblem(normal_key, TextKind::kLine); !text.empty()) {
        problem = StrCat("has a key that ", text);
      } else if (text = TextProblem(normal_value, TextKind::kLine); !text.empty()) {
        problem = StrCat("\"", normal_key, "\" ", text);
      }
      if (!problem.empty()) Report(rule.field, -1, std::move(problem));
    }
  }

  void Descend(Message* message, const FieldRule& rule, int index) {
    if (rule.timestamp) {
      // 0001-01-01 to 9999-12-31, as protobuf's JSON form can write it.
      const auto& time = static_cast<const google::protobuf::Timestamp&>(*message);
      if (time.seconds() < -62'135'596'800 || time.seconds() > 253'402'300'799 ||
          time.nanos() < 0 || time.nanos() > 999'999'999) {
        Report(rule.field, index, "is no time between the years 1 and 9999");
      }
      return;
    }
    steps_.push_back({rule.field, index});
    CheckMessage(message, *rule.message);
    steps_.pop_back();
  }

  void CheckText(Message* message, const FieldRule& rule, const Reflection& reflection, int index,
                 const std::string& stored) {
    const FieldDescriptor* field = rule.field;
    if (field->type() == FieldDescriptor::TYPE_BYTES) return;
    if (index >= 0 && stored.empty()) {
      Report(field, index, "is empty");
      return;
    }
    if (IsPlainText(stored)) {
      CheckTextRules(rule, index, stored, /*plain=*/true);
      return;
    }
    std::string normal = stored;
    NormaliseText(&normal);
    CheckTextRules(rule, index, normal, /*plain=*/false);
    if (normal == stored) return;
    if (index < 0) {
      reflection.SetString(message, field, std::move(normal));
    } else {
      reflection.SetRepeatedString(message, field, index, std::move(normal));
    }
  }

  // `text` is in normal form; of plain texts the characters need no look.
  void CheckTextRules(const FieldRule& rule, int index, const std::string& text, bool plain) {
    const FieldDescriptor* field = rule.field;
    if (rule.max_length > 0) {
      size_t length =
          text.size() <= static_cast<size_t>(rule.max_length) ? 0 : CodePointCount(text);
      if (length > static_cast<size_t>(rule.max_length)) {
        Report(field, index,
               StrCat("has ", length, " characters; at most ", rule.max_length, " are allowed"));
        return;
      }
    } else if (text.size() > kMaxTextBytes) {
      Report(field, index,
             StrCat("has ", text.size(), " bytes; at most ", kMaxTextBytes, " are allowed"));
      return;
    }
    if (plain) {
      // Nothing to find.
    } else if (std::string problem = TextProblem(text, rule.text_kind); !problem.empty()) {
      Report(field, index, std::move(problem));
      return;
    }
    if (!rule.reference.empty() && !IsNameIn(rule.reference, text)) {
      Report(field, index, StrCat("\"", Excerpt(text, 80), "\" is not ", rule.reference, "/{id}"));
    } else if (rule.date && !IsCalendarDate(text)) {
      Report(field, index, StrCat("\"", Excerpt(text, 40), "\" is not a calendar day, YYYY-MM-DD"));
    } else if (rule.pattern != nullptr && !re2::RE2::FullMatch(text, *rule.pattern)) {
      Report(field, index,
             StrCat("\"", Excerpt(text, 80), "\" does not match ", rule.pattern_text));
    }
  }

  void CheckEnum(const FieldRule& rule, int index, int number) {
    if (rule.field->enum_type()->FindValueByNumber(number) == nullptr) {
      Report(rule.field, index,
             StrCat(number, " is no value of ", rule.field->enum_type()->name()));
    }
  }

  void CheckRange(const FieldRule& rule, int index, int64_t value) {
    if ((rule.min && value < *rule.min) || (rule.max && value > *rule.max)) {
      Report(rule.field, index, StrCat(value, " is outside ", rule.range_text));
    }
  }

  const std::string_view prefix_;
  std::vector<FieldViolation>* const violations_;
  std::vector<Step> steps_;
  std::string scratch_;
  // The fields that are set of the message being entered.
  std::vector<const FieldDescriptor*> present_;
};

}  // namespace

void CheckFields(Message* message, std::string_view prefix,
                 std::vector<FieldViolation>* violations) {
  Checker(prefix, violations).CheckMessage(message, MessageRules::Of(message->GetDescriptor()));
}

void CheckUnknownFields(const Message& message, std::string_view prefix,
                        std::vector<FieldViolation>* violations) {
  const google::protobuf::UnknownFieldSet& unknown =
      message.GetReflection()->GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    int number = unknown.field(i).number();
    violations->push_back({StrCat(prefix, number), UnknownFieldText(message, number)});
  }
}

}  // namespace tandem::model
