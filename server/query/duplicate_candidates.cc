// SPDX-License-Identifier: Apache-2.0

#include "query/duplicate_candidates.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "catalog/text_terms.h"
#include "query/duplicate_weights.h"
#include "query/identifier_lookup.h"
#include "query/merged_records.h"
#include "query/planner.h"
#include "query/segment_rows.h"

namespace tandem::query {
namespace {

using catalog::TermKind;
using model::RecordType;

// Records with one number, or of one very name.
constexpr size_t kMaxSame = 32;
// What a row counts that has a number or a very name: more than any number of parts.
constexpr uint32_t kSameCount = 1U << 20U;

// One term of a name, as a condition on the names of records.
Condition TermCondition(std::string_view term) {
  Condition condition;
  condition.kind = Condition::Kind::kTerm;
  condition.term.term = term;
  condition.term.farthest = catalog::TextField::kOtherName;
  return condition;
}

// The terms of `name` that are not made of others: pairs of Chinese characters and words.
std::vector<Condition> TermsOf(const std::string& name) {
  const catalog::PlacedText text = {catalog::TextField::kOtherName, name};
  catalog::TermList list;
  catalog::TermCollector().Collect({&text, 1}, &list);
  std::vector<Condition> terms;
  list.ForEach([&](catalog::PlacedTerm term, std::string_view word) {
    const std::string text_of = word.empty() ? catalog::TextOfKey(term.key()) : std::string(word);
    const auto kind = static_cast<TermKind>(text_of.front());
    if (kind == TermKind::kHan || kind == TermKind::kWord) {
      terms.push_back(TermCondition(text_of));
    }
  });
  return terms;
}

class CandidateSearch {
 public:
  CandidateSearch(const catalog::View& view, const v1::Agency& subject, const Scope& scope)
      : view_(view), subject_(subject), scope_(scope), parts_(view.segments(RecordType::kAgency)) {
    ListQuery all;
    all.type = RecordType::kAgency;
    stands_ = ScopeCondition(scope, RecordType::kAgency);
    LeaveOutMerged(all, &stands_);
    for (const catalog::SegmentView& part : parts_) {
      rows_.push_back(std::make_unique<SegmentRows>(stands_, view, part, /*show_deleted=*/false));
    }
  }

  std::vector<catalog::RowRef> Run() {
    AddSameNumbers();
    const std::vector<std::string> names = NamesToCompare(subject_, kMaxDuplicateNames);
    for (const std::string& name : names) AddSameName(name);
    for (const std::string& name : names) AddRareParts(name);
    return TakeBest();
  }

 private:
  void Count(uint32_t part, uint32_t row, uint32_t count) {
    if (rows_[part]->Gives(row)) counts_[uint64_t{part} << 32U | row] += count;
  }

  void AddSameNumbers() {
    int looked = 0;
    for (const v1::Identifier& number : subject_.identifiers()) {
      if (++looked > kMaxDuplicateNames) return;
      for (const IdentifierHolder& holder :
           FindIdentifier(view_, number.scheme(), number.value(), scope_, kMaxSame)) {
        for (uint32_t part = 0; part < parts_.size(); ++part) {
          if (&parts_[part].segment() == holder.row.segment) {
            Count(part, holder.row.row, kSameCount);
          }
        }
      }
    }
  }

  // Records that have every part of the name: it, or a longer one.
  void AddSameName(const std::string& name) {
    Condition all;
    all.children = TermsOf(name);
    if (all.children.empty()) return;
    size_t left = kMaxSame;
    for (uint32_t part = 0; part < parts_.size() && left > 0; ++part) {
      const SegmentRows having(all, view_, parts_[part], /*show_deleted=*/false);
      having.ForEach([&](uint32_t row) {
        Count(part, row, kSameCount);
        return --left > 0;
      });
    }
  }

  // A name that shares enough of its n parts with another shares one of the rarest few: as many as
  // it may miss, and one more.
  void AddRareParts(const std::string& name) {
    const std::vector<Condition> terms = TermsOf(name);
    struct Postings {
      uint64_t bound = 0;
      std::vector<std::unique_ptr<const RowTest>> tests;
    };
    std::vector<Postings> found(terms.size());
    for (size_t i = 0; i < terms.size(); ++i) {
      for (const catalog::SegmentView& part : parts_) {
        found[i].tests.push_back(PlanSegment(terms[i], view_, part));
        found[i].bound += found[i].tests.back()->bound();
      }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Postings& a, const Postings& b) { return a.bound < b.bound; });
    const size_t shared = MinSharedParts(found.size());
    const size_t followed = found.size() - std::min(found.size(), shared) + 1;
    for (size_t i = 0; i < std::min(followed, found.size()); ++i) {
      if (found[i].bound > rows_left_) return;
      rows_left_ -= found[i].bound;
      for (uint32_t part = 0; part < parts_.size(); ++part) {
        for (const auto& list : found[i].tests[part]->rows()) {
          for (uint16_t row : list) Count(part, row, 1);
        }
      }
    }
  }

  std::vector<catalog::RowRef> TakeBest() {
    struct Counted {
      uint32_t count;
      catalog::RowRef row;
    };
    std::vector<Counted> best;
    for (const auto& [key, count] : counts_) {
      const catalog::RowRef row{&parts_[key >> 32U].segment(), static_cast<uint32_t>(key)};
      if (row.segment->Text(catalog::kNameField, row.row) != subject_.name()) {
        best.push_back({count, row});
      }
    }
    std::sort(best.begin(), best.end(), [](const Counted& a, const Counted& b) {
      return a.count != b.count ? a.count > b.count : a.row.id() < b.row.id();
    });
    best.resize(std::min(best.size(), kMaxDuplicateCandidates));
    std::vector<catalog::RowRef> rows;
    for (const Counted& counted : best) rows.push_back(counted.row);
    return rows;
  }

  const catalog::View& view_;
  const v1::Agency& subject_;
  const Scope& scope_;
  const std::vector<catalog::SegmentView> parts_;
  Condition stands_;
  std::vector<std::unique_ptr<SegmentRows>> rows_;
  // By segment and row.
  absl::flat_hash_map<uint64_t, uint32_t> counts_;
  uint64_t rows_left_ = kMaxDuplicateRows;
};

}  // namespace

std::vector<catalog::RowRef> FindDuplicateCandidates(const catalog::View& view,
                                                     const v1::Agency& subject,
                                                     const Scope& scope) {
  return CandidateSearch(view, subject, scope).Run();
}

}  // namespace tandem::query
