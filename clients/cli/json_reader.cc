// SPDX-License-Identifier: Apache-2.0

#include "cli/json_reader.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "cli/field_value.h"
#include "cli/place_iterator.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMaxDepth = 64;

// One open object or array.
struct Frame {
  enum class Kind { kMessage, kList, kMap, kRecords };
  Kind kind = Kind::kMessage;
  Message* message = nullptr;
  // The field being read: of a message the last key's, of a list or map its own.
  const FieldDescriptor* field = nullptr;
  // Of a message: which of its fields were given.
  std::vector<bool> seen;
  std::string map_key;
  std::set<std::string> map_keys;
};

class RecordHandler {
 public:
  RecordHandler(std::string_view text, const char* const* place, bool allow_array,
                std::function<Message*()> new_record)
      : text_(text), place_(place), allow_array_(allow_array), new_record_(std::move(new_record)) {}

  const std::optional<ReadProblem>& problem() const { return problem_; }

  bool null() {
    Mark();
    if (frames_.empty()) return Fail("TEXT_INVALID", "a record must be an object");
    const Frame& frame = frames_.back();
    if (frame.kind == Frame::Kind::kMessage) return true;
    return Fail(frame.kind == Frame::Kind::kRecords ? "TEXT_INVALID" : "FIELD_INVALID",
                "null is not allowed here");
  }
  bool boolean(bool value) { return Scalar(value ? "true" : "false", ValueKind::kBool); }
  bool number_integer(int64_t value) { return Scalar(std::to_string(value), ValueKind::kNumber); }
  bool number_unsigned(uint64_t value) { return Scalar(std::to_string(value), ValueKind::kNumber); }
  bool number_float(double, const std::string& raw) { return Scalar(raw, ValueKind::kNumber); }
  bool string(std::string& value) { return Scalar(value, ValueKind::kQuoted); }
  bool binary(std::vector<uint8_t>&) {
    return Fail("TEXT_INVALID", "binary values have no place here");
  }

  bool start_object(size_t) {
    Mark();
    if (frames_.size() >= kMaxDepth) return Fail("TEXT_INVALID", "nested too deep");
    if (frames_.empty() || frames_.back().kind == Frame::Kind::kRecords) {
      frames_.push_back({Frame::Kind::kMessage, new_record_(), nullptr, {}, {}, {}});
      return true;
    }
    Frame& frame = frames_.back();
    const FieldDescriptor* field = frame.field;
    if (frame.kind == Frame::Kind::kMap) return Fail("FIELD_INVALID", "must be text in quotes");
    if (frame.kind == Frame::Kind::kMessage && field->is_map()) {
      frames_.push_back({Frame::Kind::kMap, frame.message, field, {}, {}, {}});
      return true;
    }
    if (frame.kind == Frame::Kind::kMessage && field->is_repeated()) {
      return Fail("FIELD_INVALID", "must be an array");
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        IsTextMessage(field->message_type())) {
      return Fail("FIELD_INVALID", "must not be an object");
    }
    const auto* reflection = frame.message->GetReflection();
    Message* child = field->is_repeated() ? reflection->AddMessage(frame.message, field)
                                          : reflection->MutableMessage(frame.message, field);
    frames_.push_back({Frame::Kind::kMessage, child, nullptr, {}, {}, {}});
    return true;
  }

  bool key(std::string& name) {
    Mark();
    Frame& frame = frames_.back();
    if (frame.kind == Frame::Kind::kMap) {
      frame.map_key = name;
      return frame.map_keys.insert(name).second || Fail("FIELD_INVALID", "given twice");
    }
    frame.field = FindField(frame.message->GetDescriptor(), name);
    if (frame.field == nullptr) {
      const std::string wrong = UnknownFieldMessage(frame.message->GetDescriptor(), name);
      const std::string path = Path();
      Fail("FIELD_UNKNOWN", wrong);
      problem_->field = path.empty() ? name : path + "." + name;
      return false;
    }
    const auto index = static_cast<size_t>(frame.field->index());
    if (frame.seen.size() <= index) frame.seen.resize(index + 1);
    if (frame.seen[index]) return Fail("FIELD_INVALID", "given twice");
    frame.seen[index] = true;
    return true;
  }

  bool end_object() {
    Mark();
    frames_.pop_back();
    return true;
  }

  bool start_array(size_t) {
    Mark();
    if (frames_.empty()) {
      if (!allow_array_) return Fail("TEXT_INVALID", "a record must be an object");
      frames_.push_back({Frame::Kind::kRecords, nullptr, nullptr, {}, {}, {}});
      return true;
    }
    const Frame& frame = frames_.back();
    if (frame.kind != Frame::Kind::kMessage || !frame.field->is_repeated() ||
        frame.field->is_map()) {
      return Fail("FIELD_INVALID", "must not be an array");
    }
    frames_.push_back({Frame::Kind::kList, frame.message, frame.field, {}, {}, {}});
    return true;
  }

  bool end_array() {
    Mark();
    frames_.pop_back();
    return true;
  }

  bool parse_error(size_t, const std::string&, const nlohmann::json::exception& error) {
    // "[json.exception…] parse error at line 1, column 7: what is wrong": only the last part is
    // news.
    std::string what = error.what();
    size_t cut = what.find(": ");
    // When the parser stumbles over a character, it stands behind it.
    token_ = std::min(static_cast<size_t>(*place_ - text_.data()), text_.size());
    if (token_ > 0 && what.find("unexpected end of input") == std::string::npos) --token_;
    return Fail("TEXT_INVALID", cut == std::string::npos ? what : what.substr(cut + 2));
  }

 private:
  // Finds the start of the token just read: the first character after the token before that is no
  // blank, comma or colon.
  void Mark() {
    token_ = text_.find_first_not_of(" \t\r\n,:", end_);
    if (token_ == std::string_view::npos) token_ = text_.size();
    end_ = static_cast<size_t>(*place_ - text_.data());
    // After a number the parser has read one character more.
    if (end_ > 0 && end_ <= text_.size() && end_ - 1 > token_ &&
        (text_[end_ - 1] == '}' || text_[end_ - 1] == ']')) {
      --end_;
    }
  }

  bool Scalar(const std::string& value, ValueKind kind) {
    Mark();
    if (frames_.empty() || frames_.back().kind == Frame::Kind::kRecords) {
      return Fail("TEXT_INVALID", "a record must be an object");
    }
    Frame& frame = frames_.back();
    if (frame.kind == Frame::Kind::kMap) return MapEntry(&frame, value, kind);
    if (frame.kind == Frame::Kind::kMessage && frame.field->is_repeated()) {
      return Fail("FIELD_INVALID",
                  frame.field->is_map() ? "must be an object" : "must be an array");
    }
    std::string wrong = SetFieldFromText(frame.message, frame.field, value, kind);
    return wrong.empty() || Fail("FIELD_INVALID", std::move(wrong));
  }

  bool MapEntry(Frame* frame, const std::string& value, ValueKind kind) {
    Message* entry = frame->message->GetReflection()->AddMessage(frame->message, frame->field);
    const auto* type = entry->GetDescriptor();
    std::string wrong = SetFieldFromText(entry, type->map_key(), frame->map_key, ValueKind::kPlain);
    if (wrong.empty()) wrong = SetFieldFromText(entry, type->map_value(), value, kind);
    return wrong.empty() || Fail("FIELD_INVALID", std::move(wrong));
  }

  bool Fail(std::string reason, std::string message) {
    problem_ = ReadProblem{token_, Path(), std::move(reason), std::move(message)};
    return false;
  }

  // The path of the value at hand, for example "labels.source" or "categories[2].level".
  std::string Path() const {
    std::string path;
    for (const Frame& frame : frames_) {
      if (frame.kind == Frame::Kind::kMessage && frame.field != nullptr) {
        path += (path.empty() ? "" : ".") + frame.field->json_name();
      } else if (frame.kind == Frame::Kind::kList) {
        // An element that is a message is in the list already while it is read.
        const int size = frame.message->GetReflection()->FieldSize(*frame.message, frame.field);
        const bool inside = &frame != &frames_.back();
        path += fmt::format("[{}]", inside ? size - 1 : size);
      } else if (frame.kind == Frame::Kind::kMap) {
        path += "." + frame.map_key;
      }
    }
    return path;
  }

  const std::string_view text_;
  const char* const* const place_;
  const bool allow_array_;
  const std::function<Message*()> new_record_;
  std::vector<Frame> frames_;
  std::optional<ReadProblem> problem_;
  size_t token_ = 0;
  size_t end_ = 0;
};

std::optional<ReadProblem> Read(std::string_view text, bool allow_array,
                                std::function<Message*()> new_record) {
  // An empty text has no first character to point at.
  if (text.empty()) return ReadProblem{0, "", "TEXT_INVALID", "unexpected end of input"};
  const char* place = text.data();
  RecordHandler handler(text, &place, allow_array, std::move(new_record));
  nlohmann::json::sax_parse(PlaceIterator(text.data(), &place),
                            PlaceIterator(text.data() + text.size(), &place), &handler);
  return handler.problem();
}

}  // namespace

std::optional<ReadProblem> ReadJsonRecord(std::string_view text, Message* record) {
  record->Clear();
  return Read(text, false, [record] { return record; });
}

std::optional<ReadProblem> ReadJsonRecords(std::string_view text, const Message& prototype,
                                           std::vector<std::unique_ptr<Message>>* records) {
  return Read(text, true, [&] {
    records->emplace_back(prototype.New());
    return records->back().get();
  });
}

TextPosition PositionAt(std::string_view text, size_t offset) {
  TextPosition position;
  for (char c : text.substr(0, std::min(offset, text.size()))) {
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++position.column;
    }
  }
  return position;
}

}  // namespace tandem::cli
