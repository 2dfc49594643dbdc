// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/json_elements.h"

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "fmt/format.h"

#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using nlohmann::json;

// The place after the bytes read so far; lines from 1, columns in bytes.
struct Place {
  size_t line = 1;
  size_t column = 0;

  void Pass(char byte) {
    if (byte == '\n') {
      ++line;
      column = 0;
    } else {
      ++column;
    }
  }
};

// The bytes of a stream; keeps the place on the way.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  CountingIterator() = default;
  CountingIterator(std::istream& in, Place* place) : at_(in), place_(place) {}

  char operator*() const { return *at_; }
  CountingIterator& operator++() {
    place_->Pass(*at_);
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return !(a == b); }

 private:
  std::istreambuf_iterator<char> at_;
  Place* place_ = nullptr;
};

// Builds the values of one document and hands its pieces out as they end.
class ElementBuilder : public nlohmann::json_sax<json> {
 public:
  ElementBuilder(const std::string& name, const JsonElementHandlers& handlers)
      : name_(name), handlers_(handlers) {}

  const absl::Status& status() const { return status_; }
  bool ill_formed_text() const { return ill_formed_text_; }

  bool null() override { return Value(nullptr); }
  bool boolean(bool value) override { return Value(value); }
  bool number_integer(number_integer_t value) override { return Value(value); }
  bool number_unsigned(number_unsigned_t value) override { return Value(value); }
  bool number_float(number_float_t value, const string_t& /*text*/) override {
    return Value(value);
  }
  bool string(string_t& value) override { return Value(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }

  bool start_object(size_t /*size*/) override { return Open(json::object()); }
  bool start_array(size_t /*size*/) override { return Open(json::array()); }
  bool key(string_t& value) override {
    open_.back().key = std::move(value);
    return true;
  }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool parse_error(size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    ill_formed_text_ = absl::StrContains(error.what(), "ill-formed UTF-8");
    return false;
  }

 private:
  // A value that is not over yet.
  struct Unfinished {
    json value;
    // Of the member that comes next.
    std::string key;
    // A list whose elements are handed out and not kept.
    bool streams = false;
  };

  bool Open(json value) {
    if (!Count()) return false;
    Unfinished open{std::move(value), "", false};
    if (open.value.is_array()) {
      open.streams = open_.empty() || (open_.size() == 1 && open_[0].value.is_object() &&
                                       handlers_.is_list(open_[0].key));
    }
    open_.push_back(std::move(open));
    return true;
  }

  bool Close() {
    Unfinished done = std::move(open_.back());
    open_.pop_back();
    if (done.streams) {
      had_elements_ = had_elements_ || !open_.empty();
      // Nothing is left of it, but a list that is the whole value is over now.
      return true;
    }
    return Put(std::move(done.value));
  }

  bool Value(json value) { return Count() && Put(std::move(value)); }

  bool Put(json value) {
    if (open_.empty()) return Take(handlers_.whole(value, had_elements_));
    Unfinished& into = open_.back();
    if (into.streams) {
      values_ = 0;
      return Take(handlers_.element(open_.size() == 1 ? "" : open_[0].key, value));
    }
    if (into.value.is_array()) {
      into.value.push_back(std::move(value));
    } else {
      into.value[into.key] = std::move(value);
    }
    return true;
  }

  bool Count() {
    if (++values_ <= kMostJsonPieceValues) return true;
    return Take(client::MakeClientError(
        absl::StatusCode::kResourceExhausted, "LIMIT_EXCEEDED",
        fmt::format("{}: one record holds more than {} values", name_, kMostJsonPieceValues)));
  }

  bool Take(absl::Status status) {
    status_ = std::move(status);
    return status_.ok();
  }

  const std::string& name_;
  const JsonElementHandlers& handlers_;
  absl::Status status_;
  bool ill_formed_text_ = false;
  bool had_elements_ = false;
  int64_t values_ = 0;
  std::vector<Unfinished> open_;
};

absl::Status Invalid(const std::string& name, size_t line, size_t column, const char* what) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_INVALID",
                                 fmt::format("{}:{}:{}: {}", name, line, column, what));
}

}  // namespace

absl::Status ReadJsonElements(const std::string& name, std::istream& in,
                              const JsonElementHandlers& handlers) {
  Place place;
  for (;;) {
    for (int next = in.peek(); next == ' ' || next == '\t' || next == '\r' || next == '\n';
         next = in.peek()) {
      place.Pass(static_cast<char>(in.get()));
    }
    if (in.peek() == std::istream::traits_type::eof()) return absl::OkStatus();
    const Place begin = place;
    ElementBuilder builder(name, handlers);
    const bool whole = json::sax_parse(CountingIterator(in, &place), CountingIterator(), &builder,
                                       json::input_format_t::json, /*strict=*/false);
    RETURN_IF_ERROR(builder.status());
    if (whole) continue;
    if (in.peek() == std::istream::traits_type::eof() && !builder.ill_formed_text()) {
      return Invalid(name, begin.line, begin.column + 1, "is no JSON, or JSON that breaks off");
    }
    return Invalid(name, place.line, place.column,
                   builder.ill_formed_text() ? "holds bytes that are no text" : "is no JSON");
  }
}

}  // namespace tandem::cli
