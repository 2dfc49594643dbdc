// SPDX-License-Identifier: Apache-2.0

#include "catalog/text_postings.h"

#include <algorithm>
#include <numeric>

namespace tandem::catalog {
namespace {

constexpr size_t kFirstSlots = 1024;
// Codes need 26 bits: a segment has 65,536 rows of 600 terms at most.
constexpr unsigned kTagShift = 26;
constexpr uint32_t kCodeMask = (1U << kTagShift) - 1;
static_assert((size_t{1} << 16U) * kMaxTerms < kCodeMask);

size_t FieldIndex(TextField field) { return static_cast<size_t>(field); }

// Spreads the bits of a key (the finaliser of MurmurHash3, A. Appleby).
uint64_t Mix(TermKey key) {
  key ^= key >> 33U;
  key *= 0xFF51AFD7ED558CCD;
  key ^= key >> 33U;
  key *= 0xC4CEB9FE1A85EC53;
  return key ^ (key >> 33U);
}

// A place in a table of any size, by the upper half of the hash; the lowest bits are the tag.
size_t PlaceOf(uint64_t hash, size_t slots) {
  return static_cast<size_t>(((hash >> 32U) * slots) >> 32U);
}
uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash << kTagShift); }

// The first eight bytes as a number in the order of the texts.
uint64_t BeginningOf(std::string_view text) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < sizeof(bytes); ++i) {
    bytes = (bytes << 8U) | (i < text.size() ? static_cast<uint8_t>(text[i]) : 0);
  }
  return bytes;
}

}  // namespace

std::string_view TextPostings::word(TermCode code) const {
  if (code < coded_.size()) return {};
  const size_t index = code - coded_.size();
  const size_t begin = index == 0 ? 0 : word_ends_[index - 1];
  return std::string_view(chars_).substr(begin, word_ends_[index] - begin);
}

std::string TextPostings::term(TermCode code) const {
  return code < coded_.size() ? TextOfKey(coded_[code]) : std::string(word(code));
}

TermKey TextPostings::key(TermCode code) const {
  if (code < coded_.size()) return coded_[code];
  const std::string_view text = word(code);
  return WordKey(static_cast<TermKind>(text.front()), text.substr(1));
}

std::optional<TermCode> TextPostings::Find(std::string_view term) const {
  const std::optional<TermKey> key = KeyOf(term);
  if (table_.empty() || !key) return std::nullopt;
  const uint64_t hash = Mix(*key);
  const uint32_t tag = TagOf(hash);
  for (size_t at = PlaceOf(hash, table_.size()); table_[at] != 0;) {
    const uint32_t entry = table_[at];
    if ((entry & ~kCodeMask) == tag) {
      const TermCode code = (entry & kCodeMask) - 1;
      if (code < coded_.size() ? coded_[code] == *key : word(code) == term) return code;
    }
    if (++at == table_.size()) at = 0;
  }
  return std::nullopt;
}

std::pair<TermCode, TermCode> TextPostings::PrefixRange(std::string_view prefix) const {
  if (!IsWordTerm(prefix)) {
    const KeyRange range = CodedKeysWith(prefix);
    if (range.empty()) return {0, 0};
    const auto first = std::lower_bound(coded_.begin(), coded_.end(), range.first);
    const auto last = std::upper_bound(first, coded_.end(), range.last);
    return {static_cast<TermCode>(first - coded_.begin()),
            static_cast<TermCode>(last - coded_.begin())};
  }
  auto first_not = [&](auto&& before) {
    auto low = static_cast<TermCode>(coded_.size()), high = static_cast<TermCode>(terms());
    while (low < high) {
      const TermCode middle = low + (high - low) / 2;
      if (before(word(middle))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  return {
      first_not([&](std::string_view word) { return word < prefix; }),
      first_not([&](std::string_view word) { return word.substr(0, prefix.size()) <= prefix; })};
}

RowSet TextPostings::Rows(TermCode code, TextField field) const {
  uint32_t begin = starts_[code], end = starts_[code + 1];
  if (fields_[code] == kMixed) {
    const FieldEnds& ends = mixed_.find(code)->second;
    const size_t index = FieldIndex(field);
    if (index > 0) begin = ends[index - 1];
    if (index < ends.size()) end = ends[index];
  } else if (fields_[code] != FieldIndex(field)) {
    return {};
  }
  const RowBits* bits = nullptr;
  if (end - begin > kDenseRows) {
    bits = dense_.find(static_cast<uint32_t>(code * kTextFields + FieldIndex(field)))->second.get();
  }
  return {absl::MakeConstSpan(rows_).subspan(begin, end - begin), bits};
}

size_t TextPostings::MemoryBytes() const {
  size_t bytes = sizeof(*this) + coded_.capacity() * sizeof(TermKey) + chars_.capacity() +
                 word_ends_.capacity() * sizeof(uint32_t) + table_.capacity() * sizeof(uint32_t) +
                 rows_.capacity() * sizeof(uint16_t) + starts_.capacity() * sizeof(uint32_t) +
                 fields_.capacity() +
                 mixed_.capacity() * (sizeof(decltype(mixed_)::value_type) + 1);
  for (const auto& [list, bits] : dense_) bytes += bits->MemoryBytes() + 32;
  return bytes;
}

TextPostingsBuilder::TextPostingsBuilder() : slots_(kFirstSlots) {}

TextPostingsBuilder::TermId TextPostingsBuilder::Intern(TermKey key, std::string_view word) {
  const size_t mask = slots_.size() - 1;
  size_t at = Mix(key) & mask;
  for (; slots_[at].id != 0; at = (at + 1) & mask) {
    if (slots_[at].key == key) return slots_[at].id - 1;
  }
  const auto id = static_cast<TermId>(keys_.size());
  keys_.push_back(key);
  word_places_.push_back(
      {static_cast<uint32_t>(word_chars_.size()), static_cast<uint8_t>(word.size())});
  word_chars_.append(word);
  slots_[at] = {key, id + 1};
  if (keys_.size() * 4 > slots_.size() * 3) Grow();
  return id;
}

void TextPostingsBuilder::Grow() {
  std::vector<Slot> larger(slots_.size() * 2);
  const size_t mask = larger.size() - 1;
  for (TermId id = 0; id < keys_.size(); ++id) {
    size_t at = Mix(keys_[id]) & mask;
    while (larger[at].id != 0) at = (at + 1) & mask;
    larger[at] = {keys_[id], id + 1};
  }
  slots_ = std::move(larger);
}

std::string_view TextPostingsBuilder::Word(TermId id) const {
  const WordPlace& place = word_places_[id];
  return std::string_view(word_chars_).substr(place.begin, place.size);
}

std::vector<TermCode> TextPostingsBuilder::SortTerms(TextPostings* out) const {
  // Words by their beginnings: most comparisons end there.
  std::vector<std::pair<uint64_t, TermId>> coded, words;
  coded.reserve(keys_.size());
  for (TermId id = 0; id < keys_.size(); ++id) {
    if (IsWordKey(keys_[id])) {
      words.emplace_back(BeginningOf(Word(id)), id);
    } else {
      coded.emplace_back(keys_[id], id);
    }
  }
  std::sort(coded.begin(), coded.end());
  std::sort(words.begin(), words.end(), [this](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : Word(a.second) < Word(b.second);
  });
  std::vector<TermCode> code_of(keys_.size());
  TermCode code = 0;
  out->coded_.reserve(coded.size());
  for (const auto& [key, id] : coded) {
    out->coded_.push_back(key);
    code_of[id] = code++;
  }
  out->chars_.reserve(word_chars_.size());
  out->word_ends_.reserve(words.size());
  for (const auto& [beginning, id] : words) {
    out->chars_.append(Word(id));
    out->word_ends_.push_back(static_cast<uint32_t>(out->chars_.size()));
    code_of[id] = code++;
  }
  return code_of;
}

void TextPostingsBuilder::FillTable(TextPostings* out) {
  // Four of five slots are taken: the tags spare most looks at terms that are not meant.
  const size_t terms = out->terms();
  if (terms == 0) return;
  out->table_.assign(terms + terms / 4 + 1, 0);
  for (TermCode code = 0; code < terms; ++code) {
    const uint64_t hash = Mix(out->key(code));
    size_t at = PlaceOf(hash, out->table_.size());
    while (out->table_[at] != 0) {
      if (++at == out->table_.size()) at = 0;
    }
    out->table_[at] = TagOf(hash) | (code + 1);
  }
}

void TextPostingsBuilder::Invert(absl::Span<const TermCode> code_of, TextPostings* out) {
  // Counting sort by (code, field); rows come in ascending order, so each list's rows do too.
  for (uint32_t& entry : entries_) {
    entry = static_cast<uint32_t>(code_of[entry / kTextFields] * kTextFields + entry % kTextFields);
  }
  std::vector<uint32_t> ends(code_of.size() * kTextFields + 1, 0);
  for (uint32_t entry : entries_) ++ends[entry + 1];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  out->rows_.resize(entries_.size());
  uint32_t at = 0;
  for (uint32_t row = 0; row < row_ends_.size(); ++row) {
    for (; at < row_ends_[row]; ++at) {
      out->rows_[ends[entries_[at]]++] = static_cast<uint16_t>(row);
    }
  }
  // ends[list] is now where a list ends.
  out->starts_.reserve(code_of.size() + 1);
  out->starts_.push_back(0);
  out->fields_.reserve(code_of.size());
  for (TermCode code = 0; code < code_of.size(); ++code) {
    TextPostings::FieldEnds field_ends{};
    uint32_t begin = out->starts_.back();
    uint8_t fields = 0, last = 0;
    for (size_t field = 0; field < kTextFields; ++field) {
      const size_t list = code * kTextFields + field;
      const uint32_t end = ends[list];
      if (field < field_ends.size()) field_ends[field] = end;
      if (end == begin) continue;
      ++fields;
      last = static_cast<uint8_t>(field);
      if (end - begin > kDenseRows) {
        out->dense_.emplace(
            static_cast<uint32_t>(list),
            std::make_unique<const RowBits>(
                absl::MakeConstSpan(out->rows_).subspan(begin, end - begin), out->row_count_));
      }
      begin = end;
    }
    out->starts_.push_back(begin);
    out->fields_.push_back(fields > 1 ? TextPostings::kMixed : last);
    if (fields > 1) out->mixed_.emplace(code, field_ends);
  }
}

std::unique_ptr<const TextPostings> TextPostingsBuilder::Finish() {
  std::unique_ptr<TextPostings> out(new TextPostings);
  out->row_count_ = static_cast<uint32_t>(row_ends_.size());
  slots_ = {};
  const std::vector<TermCode> code_of = SortTerms(out.get());
  FillTable(out.get());
  Invert(code_of, out.get());
  return out;
}

TextPostingsCopier::TextPostingsCopier(const TextPostings& from)
    : from_(from), ends_(from.row_count() + 1, 0), ids_(from.terms(), 0) {
  auto for_each = [&](auto&& visit) {
    for (TermCode code = 0; code < from.terms(); ++code) {
      for (size_t field = 0; field < kTextFields; ++field) {
        for (uint16_t row : from.Rows(code, static_cast<TextField>(field)).rows()) {
          visit(row, static_cast<uint32_t>(code * kTextFields + field));
        }
      }
    }
  };
  // ends_[row + 1] first counts, then is where the row's entries go, then where they end.
  for_each([&](uint16_t row, uint32_t) { ++ends_[row + 1U]; });
  std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
  entries_.resize(ends_.back());
  std::vector<uint32_t> fill(ends_.begin(), ends_.end() - 1);
  for_each([&](uint16_t row, uint32_t entry) { entries_[fill[row]++] = entry; });
}

void TextPostingsCopier::CopyRow(uint32_t row, TextPostingsBuilder* to) {
  for (uint32_t i = ends_[row]; i < ends_[row + 1]; ++i) {
    const TermCode code = entries_[i] / kTextFields;
    uint32_t& id = ids_[code];
    if (id == 0) id = to->Intern(from_.key(code), from_.word(code)) + 1;
    to->Add(id - 1, static_cast<TextField>(entries_[i] % kTextFields));
  }
}

}  // namespace tandem::catalog
