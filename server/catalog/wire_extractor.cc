// SPDX-License-Identifier: Apache-2.0

#include "catalog/wire_extractor.h"

#include <xxhash.h>

#include <array>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "store/record_codec.h"

namespace tandem::catalog {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using model::RecordType;

constexpr int64_t kNanosPerSecond = 1'000'000'000;

// A cursor over wire bytes. Every read says whether it stayed inside.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes)
      : at_(reinterpret_cast<const uint8_t*>(bytes.data())), end_(at_ + bytes.size()) {}
  bool done() const { return at_ == end_; }

  bool Varint(uint64_t* out) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ < end_; shift += 7) {
      uint8_t byte = *at_++;
      value |= static_cast<uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) {
        *out = value;
        return true;
      }
    }
    return false;
  }
  bool Bytes(std::string_view* out) {
    uint64_t size = 0;
    if (!Varint(&size) || size > static_cast<uint64_t>(end_ - at_)) return false;
    *out = {reinterpret_cast<const char*>(at_), static_cast<size_t>(size)};
    at_ += size;
    return true;
  }
  // Passes over a value of that wire type. Groups do not occur in records.
  bool Skip(uint32_t wire_type) {
    uint64_t varint = 0;
    std::string_view bytes;
    switch (wire_type) {
      case 0:
        return Varint(&varint);
      case 1:
        return Advance(8);
      case 2:
        return Bytes(&bytes);
      case 5:
        return Advance(4);
      default:
        return false;
    }
  }

 private:
  bool Advance(ptrdiff_t count) {
    if (end_ - at_ < count) return false;
    at_ += count;
    return true;
  }
  const uint8_t* at_;
  const uint8_t* end_;
};

bool ReadTimestamp(std::string_view bytes, int64_t* out) {
  Cursor cursor(bytes);
  uint64_t seconds = 0, nanos = 0, tag = 0;
  while (!cursor.done()) {
    if (!cursor.Varint(&tag)) return false;
    uint64_t* target = tag == 8 ? &seconds : tag == 16 ? &nanos : nullptr;
    if (target != nullptr ? !cursor.Varint(target) : !cursor.Skip(tag & 7U)) return false;
  }
  *out = static_cast<int64_t>(seconds * kNanosPerSecond + nanos);
  return true;
}

bool ReadMapEntry(std::string_view bytes, std::string* out) {
  Cursor cursor(bytes);
  std::string_view key, value;
  uint64_t tag = 0;
  while (!cursor.done()) {
    if (!cursor.Varint(&tag)) return false;
    std::string_view* target = tag == 10 ? &key : tag == 18 ? &value : nullptr;
    if (target != nullptr ? !cursor.Bytes(target) : !cursor.Skip(tag & 7U)) return false;
  }
  *out = MapEntry(key, value);
  return true;
}

}  // namespace

WireExtractor::WireExtractor(RecordType type)
    : table_(FieldTable::Of(type)), searched_(!TextSourcesOf(type).empty()) {
  if (table_.message_type() != nullptr) Compile(table_.message_type(), "", false);
}

const WireExtractor& WireExtractor::Of(RecordType type) {
  using Extractors = std::array<std::unique_ptr<const WireExtractor>, model::kRecordTypeSlots>;
  static const Extractors* const kExtractors = [] {
    auto* extractors = new Extractors;
    for (RecordType each : model::kAllRecordTypes) {
      (*extractors)[static_cast<size_t>(each)].reset(new WireExtractor(each));
    }
    return extractors;
  }();
  return *(*kExtractors)[static_cast<size_t>(type)];
}

int WireExtractor::Compile(const Descriptor* message, const std::string& prefix, bool in_element) {
  const int index = static_cast<int>(messages_.size());
  messages_.emplace_back();
  MessageRules compiled;
  bool used = false;
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    const std::string path = StrCat(prefix, field->name());
    Rule rule;
    for (const TextSource& source : TextSourcesOf(table_.type())) {
      if (source.path == path) rule.search = source.field;
    }
    const IndexedField* indexed = table_.Find(path);
    if (indexed != nullptr && indexed->id < kFirstBodyField) {
      // Nothing but a child's name says what it lies below.
      if (indexed->id != kNameField || table_.child_of() == nullptr) continue;
      rule.field = table_.child_of()->id;
      rule.kind = Rule::Kind::kParentName;
    } else if (indexed != nullptr) {
      rule.field = indexed->id;
      rule.kind = indexed->kind == FieldKind::kMap         ? Rule::Kind::kMap
                  : indexed->kind == FieldKind::kTimestamp ? Rule::Kind::kTimestamp
                  : indexed->is_text()                     ? Rule::Kind::kText
                                                           : Rule::Kind::kVarint;
      bool always = in_element
                        ? !field->is_repeated()
                        : !indexed->is_text() && !field->has_presence() && !field->is_repeated();
      if (always) compiled.defaults.push_back(indexed->id);
    } else if (rule.search) {
      rule.kind = Rule::Kind::kSearchOnly;
    } else if (field->message_type() != nullptr && !field->is_map()) {
      // A submessage counts only when something below it is indexed.
      rule.message = Compile(field->message_type(), path + ".", in_element || field->is_repeated());
      if (rule.message >= 0) rule.kind = Rule::Kind::kMessage;
    }
    if (rule.kind == Rule::Kind::kSkip) continue;
    used = true;
    if (compiled.rules.size() <= static_cast<size_t>(field->number())) {
      compiled.rules.resize(static_cast<size_t>(field->number()) + 1);
    }
    compiled.rules[static_cast<size_t>(field->number())] = rule;
  }
  if (!used && index != 0) {
    messages_.resize(static_cast<size_t>(index));
    return -1;
  }
  messages_[static_cast<size_t>(index)] = std::move(compiled);
  return index;
}

bool WireExtractor::Read(int message, std::string_view bytes, RowItems* out,
                         SearchTexts* texts) const {
  const MessageRules& rules = messages_[static_cast<size_t>(message)];
  const size_t first = out->items.size();
  for (FieldId field : rules.defaults) out->items.push_back({field, 0, {}});
  // A field with a default overwrites it in place, which keeps the lists of one element parallel.
  auto slot = [&](FieldId field) -> RowItem& {
    for (size_t i = 0; i < rules.defaults.size(); ++i) {
      if (rules.defaults[i] == field) return out->items[first + i];
    }
    return out->items.emplace_back(RowItem{field, 0, {}});
  };
  Cursor cursor(bytes);
  uint64_t tag = 0, varint = 0;
  std::string_view text;
  while (!cursor.done()) {
    if (!cursor.Varint(&tag)) return false;
    const uint64_t number = tag >> 3;
    const auto wire_type = static_cast<uint32_t>(tag & 7U);
    const Rule rule = number < rules.rules.size() ? rules.rules[number] : Rule{};
    switch (rule.kind) {
      case Rule::Kind::kSkip:
        if (!cursor.Skip(wire_type)) return false;
        break;
      case Rule::Kind::kVarint:
        if (wire_type == 2) {
          if (!cursor.Bytes(&text)) return false;
          Cursor packed(text);
          while (!packed.done()) {
            if (!packed.Varint(&varint)) return false;
            out->items.push_back({rule.field, static_cast<int64_t>(varint), {}});
          }
          break;
        }
        if (wire_type != 0 || !cursor.Varint(&varint)) return false;
        slot(rule.field).integer = static_cast<int64_t>(varint);
        break;
      case Rule::Kind::kText:
        if (wire_type != 2 || !cursor.Bytes(&text)) return false;
        slot(rule.field).text = text;
        if (rule.search) texts->push_back({*rule.search, text});
        break;
      case Rule::Kind::kParentName:
        if (wire_type != 2 || !cursor.Bytes(&text)) return false;
        text = model::ParentNameOf(text);
        if (!text.empty()) slot(rule.field).text = text;
        break;
      case Rule::Kind::kSearchOnly:
        if (wire_type != 2 || !cursor.Bytes(&text)) return false;
        texts->push_back({*rule.search, text});
        break;
      case Rule::Kind::kTimestamp: {
        int64_t nanos = 0;
        if (wire_type != 2 || !cursor.Bytes(&text) || !ReadTimestamp(text, &nanos)) return false;
        slot(rule.field).integer = nanos;
        break;
      }
      case Rule::Kind::kMap: {
        auto entry = std::make_unique<std::string>();
        if (wire_type != 2 || !cursor.Bytes(&text) || !ReadMapEntry(text, entry.get()))
          return false;
        out->items.push_back({rule.field, 0, *entry});
        out->scratch.push_back(std::move(entry));
        break;
      }
      case Rule::Kind::kMessage:
        if (wire_type != 2 || !cursor.Bytes(&text)) return false;
        if (!Read(rule.message, text, out, texts)) return false;
        break;
    }
  }
  return true;
}

absl::Status WireExtractor::Extract(std::string_view body, RowItems* out) const {
  out->Clear();
  if (messages_.empty()) return absl::OkStatus();
  thread_local SearchTexts texts;
  thread_local TermCollector collector;
  texts.clear();
  if (!Read(0, body, out, &texts)) {
    return model::MakeError(model::Reason::kRecordCorrupt,
                            StrCat("a record of ", model::CollectionOf(table_.type()),
                                   " can't be read: its bytes are no wire form"));
  }
  if (searched_) collector.Collect(texts, &out->terms);
  return absl::OkStatus();
}

absl::Status ReadTail(std::string_view tail, RowHeader* out) {
  ASSIGN_OR_RETURN(store::Tail parsed, store::ParseTail(tail));
  out->revision = parsed.revision;
  out->create_time_ns = parsed.create_time_ns;
  out->update_time_ns = parsed.update_time_ns;
  out->delete_time_ns = parsed.delete_time_ns;
  out->purge_time_ns = parsed.purge_time_ns;
  return absl::OkStatus();
}

uint64_t HashBody(std::string_view body) { return XXH3_64bits(body.data(), body.size()); }

}  // namespace tandem::catalog
