// SPDX-License-Identifier: Apache-2.0

// The terms a record can be found by, made once when its version is committed or loaded. A term's
// first byte is its kind:
//
//   h长沙      two neighbouring Chinese characters; the last of a run stands alone, so that the
//              terms that begin with a character are the places it stands at
//   wcare      a word of any other script, or a number
//   pchang sha pinyin of two neighbouring characters, each pair of readings; "psha " the last
//   icss       first letters of the pinyin of a run of characters, six at most
//   a长沙      what the display name begins with: two characters, or a word
//
// Pinyin, initials and beginnings are made of names only.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "model/record_type.h"

namespace tandem::catalog {

enum class TermKind : char {
  kHan = 'h',
  kWord = 'w',
  kPinyin = 'p',
  kInitials = 'i',
  kBeginning = 'a',
};

// Where a text stands in its record, the closest first. A term that stands in several counts where
// it is closest.
enum class TextField : uint8_t {
  kDisplayName = 0,
  // Names in other languages and former names.
  kOtherName = 1,
  // Descriptions, codes and registration numbers.
  kBody = 2,
};
inline constexpr size_t kTextFields = 3;

// Longest word in bytes; the rest of a longer one is not looked at.
inline constexpr size_t kMaxWordBytes = 60;
// Letters of a run's initials.
inline constexpr size_t kMaxInitials = 6;
// Terms of one record; what comes after them in a long description is not found.
inline constexpr size_t kMaxTerms = 600;

// How a term is asked for.
struct TermQuery {
  enum class Match : uint8_t {
    kExact,
    kPrefix,
    // The word with one letter more, less, different or swapped with its neighbour; the kind must
    // be kWord.
    kOneTypo,
  };
  // Kind and text.
  std::string term;
  Match match = Match::kExact;
  // The farthest field that counts.
  TextField farthest = TextField::kBody;

  // Whether `other`, a term of the same kind, is one of those asked for.
  bool Fits(std::string_view other) const;
};

// Whether one edit (or none) makes `a` into `b`; swapping neighbours is one edit. By code point.
bool WithinOneEdit(std::string_view a, std::string_view b);

// The fields of a record that are searched: the path and where it counts.
struct TextSource {
  std::string_view path;
  TextField field;
};
// Of one type; empty when records of it can't be searched.
absl::Span<const TextSource> TextSourcesOf(model::RecordType type);

// The terms of one record in one block of bytes, as TermCollector::Take makes it. A view.
class TermBlock {
 public:
  explicit TermBlock(std::string_view bytes) : bytes_(bytes) {}

  // Calls visit(field, term) for each term, those of one kind together.
  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    if (!bytes_.empty()) ForEachIn(kHeaderBytes, bytes_.size(), visit);
  }
  // The same for one kind.
  template <typename Visitor>
  void ForEach(TermKind kind, Visitor&& visit) const {
    if (bytes_.empty()) return;
    const size_t index = IndexOf(kind);
    ForEachIn(index == 0 ? kHeaderBytes : End(index - 1), End(index), visit);
  }
  // Whether one of the terms is asked for.
  bool Has(const TermQuery& query) const;

 private:
  friend class TermCollector;
  static constexpr size_t kKinds = 5;
  static constexpr size_t kHeaderBytes = kKinds * sizeof(uint32_t);
  static size_t IndexOf(TermKind kind);
  size_t End(size_t index) const {
    uint32_t end = 0;
    std::memcpy(&end, bytes_.data() + index * sizeof(end), sizeof(end));
    return end;
  }
  template <typename Visitor>
  void ForEachIn(size_t at, size_t end, Visitor&& visit) const {
    while (at < end) {
      const auto field = static_cast<TextField>(bytes_[at]);
      const auto size = static_cast<uint8_t>(bytes_[at + 1]);
      visit(field, bytes_.substr(at + 2, size));
      at += 2 + size;
    }
  }

  std::string_view bytes_;
};

// Makes the terms of one record after the other. One thread; reuse it, it keeps its memory.
class TermCollector {
 public:
  TermCollector();

  // Adds the terms of a text. Closer fields first.
  void Add(TextField field, std::string_view text);
  // The block of what was added since the last Take; empty when nothing was.
  std::string Take();

 private:
  void AddHanRun(TextField field, std::u32string_view run);
  void AddPinyin(TextField field, std::u32string_view run);
  void AddInitials(TextField field, std::u32string_view run);
  void AddBeginning();
  void AddTerm(TermKind kind, TextField field);

  std::u32string folded_;
  // The term being made, its kind first.
  std::string term_;
  std::string by_kind_[TermBlock::kKinds];
  size_t terms_ = 0;
  // Open addressing over the terms of this record: their hashes, valid in this round only.
  struct Slot {
    uint32_t round = 0;
    uint64_t hash = 0;
  };
  std::vector<Slot> slots_;
  uint32_t round_ = 1;
};

}  // namespace tandem::catalog
