// SPDX-License-Identifier: Apache-2.0

// The terms a record can be found by, made once when its version is committed or loaded. What terms
// there are stands in text_key.h. Pinyin, initials and beginnings are made of names only.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "catalog/text_fold.h"
#include "catalog/text_key.h"
#include "model/record_type.h"

namespace tandem::catalog {

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

  // Whether `other`, the text of a term of the same kind, is one of those asked for.
  bool Fits(std::string_view other) const;
  // The keys asked for, when the term is no word.
  KeyRange Keys() const;
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

// A term and where its closest text stands, in one word.
class PlacedTerm {
 public:
  PlacedTerm() = default;
  PlacedTerm(TermKey key, TextField field) : bits_(key | static_cast<uint64_t>(field)) {}
  TermKey key() const { return bits_ & ~kFieldMask; }
  TextField field() const { return static_cast<TextField>(bits_ & kFieldMask); }

 private:
  static constexpr uint64_t kFieldMask = (uint64_t{1} << kKeySpareBits) - 1;
  static_assert(kTextFields <= kFieldMask + 1);
  uint64_t bits_ = 0;
};

// The terms of one record, each once. Reused from record to record, it keeps its memory.
struct TermList {
  std::vector<PlacedTerm> coded;
  // Words and the texts they are known by, kind first, one behind the other.
  std::vector<PlacedTerm> words;
  std::vector<uint8_t> word_sizes;
  std::string word_chars;

  bool empty() const { return coded.empty() && words.empty(); }
  size_t size() const { return coded.size() + words.size(); }
  void Clear() {
    coded.clear();
    words.clear();
    word_sizes.clear();
    word_chars.clear();
  }
  // Calls visit(placed term, text) for each term; the text is empty for coded ones.
  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    for (PlacedTerm term : coded) visit(term, std::string_view());
    std::string_view chars = word_chars;
    for (size_t i = 0; i < words.size(); ++i) {
      visit(words[i], chars.substr(0, word_sizes[i]));
      chars.remove_prefix(word_sizes[i]);
    }
  }
};

// A list in one block of bytes, as a row keeps it. A view.
class TermBlock {
 public:
  // Bytes that `list` takes; 0 for an empty one.
  static size_t SizeOf(const TermList& list);
  // Writes them.
  static void Write(const TermList& list, char* to);

  // `bytes` as Write left them, or none.
  explicit TermBlock(std::string_view bytes) : bytes_(bytes) {}

  // Calls visit(placed term, text) for each term; the text is empty for coded ones.
  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    if (bytes_.empty()) return;
    const Parts parts = Divide();
    for (size_t i = 0; i < parts.coded; ++i) visit(Term(i), std::string_view());
    ForEachWord(parts, visit);
  }
  // Calls visit(field, text) for each term, its kind first.
  template <typename Visitor>
  void ForEachText(Visitor&& visit) const {
    ForEach([&](PlacedTerm term, std::string_view text) {
      if (text.empty()) {
        visit(term.field(), std::string_view(TextOfKey(term.key())));
      } else {
        visit(term.field(), text);
      }
    });
  }
  // Whether one of the terms is asked for.
  bool Has(const TermQuery& query) const;

 private:
  // Counts of coded terms and of words, then the terms, the sizes of the words and their texts.
  struct Parts {
    size_t coded = 0;
    size_t words = 0;
    size_t sizes_begin = 0;
  };
  static constexpr size_t kHeaderBytes = 2 * sizeof(uint16_t);
  Parts Divide() const {
    uint16_t counts[2] = {};
    std::memcpy(counts, bytes_.data(), sizeof(counts));
    return {counts[0], counts[1],
            kHeaderBytes + sizeof(PlacedTerm) * (size_t{counts[0]} + counts[1])};
  }
  PlacedTerm Term(size_t i) const {
    PlacedTerm term;
    std::memcpy(&term, bytes_.data() + kHeaderBytes + i * sizeof(term), sizeof(term));
    return term;
  }
  template <typename Visitor>
  void ForEachWord(const Parts& parts, Visitor&& visit) const {
    size_t at = parts.sizes_begin + parts.words;
    for (size_t i = 0; i < parts.words; ++i) {
      const auto size = static_cast<uint8_t>(bytes_[parts.sizes_begin + i]);
      visit(Term(parts.coded + i), bytes_.substr(at, size));
      at += size;
    }
  }

  std::string_view bytes_;
};

// A text and where it stands.
struct PlacedText {
  TextField field;
  std::string_view text;
};

// Makes the terms of one record after the other. One thread; reuse it, it keeps its memory.
class TermCollector {
 public:
  TermCollector();

  // Replaces `out` with the terms of `texts`, the closest fields first whatever their order here.
  void Collect(absl::Span<const PlacedText> texts, TermList* out);

 private:
  void AddText(TextField field, std::string_view text);
  void AddHanRun(TextField field, std::u32string_view run);
  void AddPinyin(TextField field, std::u32string_view run);
  void AddInitials(TextField field, std::u32string_view run);
  void AddBeginning();
  // Where the characters of one kind that begin there end.
  size_t EndOfRun(size_t begin) const;
  // Adds `run` or as much of it as a word may have.
  void AddWord(TermKind kind, TextField field, std::u32string_view run);
  void AddCoded(TermKey key, TextField field);
  bool full() const { return out_->size() >= kMaxTerms; }
  // Whether the key is the first of its kind in this record; remembers it.
  bool IsNew(TermKey key);

  TermList* out_ = nullptr;
  // The text being read, folded, and what its characters are.
  std::u32string folded_;
  std::vector<CharacterKind> kinds_;
  std::string word_;
  // Open addressing over the keys of this record, each valid in its round only.
  std::vector<TermKey> keys_;
  std::vector<uint16_t> rounds_;
  uint16_t round_ = 0;
};

}  // namespace tandem::catalog
