// SPDX-License-Identifier: Apache-2.0

// Names as small dense numbers, and lists of such numbers without one allocation each. What makes
// 100,000 offers fit into caches, and comparing two references one machine word.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"

namespace tandem::match {

// A name's number in its dictionary.
using Code = uint32_t;
inline constexpr Code kNoCode = std::numeric_limits<Code>::max();

// Names in the order they were first seen. Not thread-safe while it grows.
class Dictionary {
 public:
  Dictionary() = default;
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  // The name's code, a new one when it is new. The empty name has none: kNoCode.
  Code Intern(std::string_view name) {
    if (name.empty()) return kNoCode;
    auto at = codes_.find(name);
    if (at != codes_.end()) return at->second;
    const Code code = static_cast<Code>(names_.size());
    names_.emplace_back(name);
    codes_.emplace(names_.back(), code);
    return code;
  }
  // kNoCode when unknown.
  Code Find(std::string_view name) const {
    auto at = codes_.find(name);
    return at == codes_.end() ? kNoCode : at->second;
  }
  // Empty for kNoCode.
  std::string_view name(Code code) const {
    return code < names_.size() ? std::string_view(names_[code]) : std::string_view();
  }
  size_t size() const { return names_.size(); }
  const std::deque<std::string>& names() const { return names_; }

 private:
  // A deque: the map's keys point into the strings.
  std::deque<std::string> names_;
  absl::flat_hash_map<std::string_view, Code> codes_;
};

// A list kept in a CodePool.
struct CodeRange {
  uint32_t begin = 0;
  uint32_t end = 0;

  bool empty() const { return begin == end; }
  uint32_t size() const { return end - begin; }
};

// Many short lists in one array.
class CodePool {
 public:
  CodeRange Add(absl::Span<const Code> codes) {
    CodeRange range;
    range.begin = static_cast<uint32_t>(codes_.size());
    codes_.insert(codes_.end(), codes.begin(), codes.end());
    range.end = static_cast<uint32_t>(codes_.size());
    return range;
  }
  absl::Span<const Code> Get(CodeRange range) const {
    return absl::MakeConstSpan(codes_).subspan(range.begin, range.size());
  }
  size_t MemoryBytes() const { return codes_.capacity() * sizeof(Code); }

 private:
  std::vector<Code> codes_;
};

}  // namespace tandem::match
