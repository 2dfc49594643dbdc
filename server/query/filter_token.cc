// SPDX-License-Identifier: Apache-2.0

#include "query/filter_token.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "query/filter_error.h"

namespace tandem::query {
namespace {

constexpr std::string_view kIdeographicSpace = "\xE3\x80\x80";

struct Sign {
  std::string_view text;
  FilterToken::Kind kind;
  FilterOperator op;
};

// Longer signs before their prefixes.
constexpr Sign kSigns[] = {
    {"!=", FilterToken::Kind::kOperator, FilterOperator::kNotEqual},
    {"<=", FilterToken::Kind::kOperator, FilterOperator::kLessEqual},
    {">=", FilterToken::Kind::kOperator, FilterOperator::kGreaterEqual},
    {"=", FilterToken::Kind::kOperator, FilterOperator::kEqual},
    {"<", FilterToken::Kind::kOperator, FilterOperator::kLess},
    {">", FilterToken::Kind::kOperator, FilterOperator::kGreater},
    {":", FilterToken::Kind::kOperator, FilterOperator::kHas},
    {".", FilterToken::Kind::kDot, FilterOperator::kEqual},
    {",", FilterToken::Kind::kComma, FilterOperator::kEqual},
    {"(", FilterToken::Kind::kOpen, FilterOperator::kEqual},
    {")", FilterToken::Kind::kClose, FilterOperator::kEqual},
};

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

size_t FilterLexer::BlankLength(size_t offset) const {
  const std::string_view rest = filter_.substr(offset);
  if (rest.empty()) return 0;
  if (absl::ascii_isspace(static_cast<unsigned char>(rest[0]))) return 1;
  // Chinese keyboards type this one.
  return rest.substr(0, kIdeographicSpace.size()) == kIdeographicSpace ? kIdeographicSpace.size()
                                                                       : 0;
}

size_t FilterLexer::WordEnd(Mode mode) const {
  const bool digit_first = absl::ascii_isdigit(static_cast<unsigned char>(filter_[offset_]));
  size_t end = offset_;
  while (end < filter_.size() && BlankLength(end) == 0 && !IsControl(filter_[end])) {
    const char c = filter_[end];
    const bool own_dot = c == '.' && mode == Mode::kValue;
    const bool own_colon = c == ':' && mode == Mode::kValue && digit_first;
    if (!own_dot && !own_colon &&
        std::string_view("()=!<>,\"'.:").find(c) != std::string_view::npos) {
      break;
    }
    ++end;
  }
  return end;
}

absl::StatusOr<FilterToken> FilterLexer::Next(Mode mode) {
  FilterToken token;
  token.blank_before = offset_ == 0;
  while (const size_t blank = BlankLength(offset_)) {
    offset_ += blank;
    token.blank_before = true;
  }
  token.text.offset = offset_;
  if (offset_ == filter_.size()) return token;
  if (filter_[offset_] == '"' || filter_[offset_] == '\'') return NextString(std::move(token));
  const size_t end = WordEnd(mode);
  if (end > offset_) {
    token.kind = FilterToken::Kind::kWord;
    token.text.length = end - offset_;
    token.text.value = std::string(filter_.substr(offset_, token.text.length));
    offset_ = end;
    return token;
  }
  for (const Sign& sign : kSigns) {
    if (filter_.substr(offset_, sign.text.size()) != sign.text) continue;
    token.kind = sign.kind;
    token.op = sign.op;
    token.text.length = sign.text.size();
    offset_ += sign.text.size();
    return token;
  }
  const bool bang = filter_[offset_] == '!';
  return FilterError(filter_, {offset_, filter_.substr(offset_, 1),
                               bang ? "!= (or NOT before a condition)" : "printable text", ""});
}

std::string_view FilterLexer::EscapeAt(size_t offset) const {
  // Whole characters: part of one can't go into an error message.
  size_t end = std::min(offset + 2, filter_.size());
  while (end < filter_.size() && (static_cast<unsigned char>(filter_[end]) & 0xC0U) == 0x80U) ++end;
  return filter_.substr(offset, end - offset);
}

absl::StatusOr<FilterToken> FilterLexer::NextString(FilterToken token) {
  const size_t start = offset_;
  const char quote = filter_[start];
  std::string& value = token.text.value;
  std::vector<size_t> stars;  // Places in `value` where an unescaped star was left out.
  size_t star_offset = 0;
  size_t end = start + 1;
  for (; end < filter_.size() && filter_[end] != quote; ++end) {
    if (filter_[end] == '*') {
      stars.push_back(value.size());
      star_offset = end;
    } else if (filter_[end] == '\\') {
      const std::string_view escape = filter_.substr(end, 2);
      if (escape.size() < 2 ||
          std::string_view("\\*\"'").find(escape[1]) == std::string_view::npos) {
        return FilterError(filter_, {end, EscapeAt(end), R"(one of the escapes \\ \" \' \*)", ""});
      }
      value.push_back(filter_[++end]);
    } else {
      value.push_back(filter_[end]);
    }
  }
  if (end == filter_.size()) {
    return FilterError(filter_, {start, filter_.substr(start), "a closing quote", ""});
  }
  token.kind = FilterToken::Kind::kString;
  token.text.quoted = true;
  token.text.length = end + 1 - start;
  offset_ = end + 1;
  for (const size_t star : stars) {
    const bool first = star == 0 && filter_[start + 1] == '*';
    const bool last = star == value.size() && filter_[end - 1] == '*' && star_offset == end - 1;
    if (!first && !last) {
      return FilterError(filter_, {start, filter_.substr(start, token.text.length),
                                   R"(a star only at the ends of the text, or \*)", ""});
    }
    token.text.any_prefix = token.text.any_prefix || first;
    token.text.any_suffix = token.text.any_suffix || last;
  }
  return token;
}

}  // namespace tandem::query
