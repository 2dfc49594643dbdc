// SPDX-License-Identifier: Apache-2.0

// Lets a JSON event handler see how far the parser has read.
#pragma once

#include <cstddef>
#include <iterator>

namespace tandem::cli {

// Walks the text for the parser and leaves its place where the event handler can see it.
class PlaceIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  PlaceIterator() = default;
  PlaceIterator(const char* at, const char** place) : at_(at), place_(place) {}

  reference operator*() const { return *at_; }
  PlaceIterator& operator++() {
    *place_ = ++at_;
    return *this;
  }
  PlaceIterator operator++(int) {
    PlaceIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const PlaceIterator& other) const { return at_ == other.at_; }
  bool operator!=(const PlaceIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_ = nullptr;
  const char** place_ = nullptr;
};

}  // namespace tandem::cli
