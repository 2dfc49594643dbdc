// SPDX-License-Identifier: Apache-2.0

#include "query/open_rows.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "catalog/open_postings.h"

namespace tandem::query {
namespace {

using catalog::OpenPostings;
using Rows = std::optional<std::vector<uint16_t>>;

// Above this many places or categories, looking each up costs more than looking at the rows.
constexpr size_t kMaxDescendants = 512;

class Finder {
 public:
  Finder(const catalog::View& view, const OpenPostings& postings, uint32_t row_count)
      : view_(view), postings_(postings), row_count_(row_count) {}

  Rows Find(const Condition& condition) const {
    switch (condition.kind) {
      case Condition::Kind::kInteger: {
        if (condition.comparison != Comparison::kEqual || !IsPosted(condition)) return std::nullopt;
        std::vector<uint16_t> rows;
        postings_.Find(condition.field->id, condition.integer, row_count_, &rows);
        return rows;
      }
      case Condition::Kind::kText:
        // Empty also stands for absent, which is not posted.
        if (condition.pattern.text.empty()) return std::nullopt;
        return FindText(condition, condition.pattern.text);
      case Condition::Kind::kMap:
        return FindText(condition, catalog::MapEntry(condition.map_key, condition.pattern.text));
      case Condition::Kind::kWithin:
        return FindWithin(condition);
      default:
        return std::nullopt;
    }
  }

 private:
  static bool IsPosted(const Condition& condition) {
    return condition.field->id >= catalog::kFirstBodyField &&
           condition.field->kind != catalog::FieldKind::kTimestamp;
  }

  Rows FindText(const Condition& condition, std::string_view value) const {
    if (condition.comparison != Comparison::kEqual || !condition.pattern.exact() ||
        !IsPosted(condition) || value.size() > OpenPostings::kMaxTextBytes) {
      return std::nullopt;
    }
    std::vector<uint16_t> rows;
    postings_.Find(condition.field->id, value, row_count_, &rows);
    return rows;
  }

  Rows FindWithin(const Condition& condition) const {
    if (!IsPosted(condition)) return std::nullopt;
    const catalog::Tree& tree = view_.tree(*condition.field->target);
    const std::vector<std::string_view> names = tree.DescendantsOrSelf(condition.pattern.text);
    if (names.size() > kMaxDescendants) return std::nullopt;
    std::vector<uint16_t> rows;
    for (std::string_view name : names) {
      postings_.Find(condition.field->id, name, row_count_, &rows);
    }
    return condition.field->repeated && names.size() > 1 ? Once(std::move(rows)) : std::move(rows);
  }

  static std::vector<uint16_t> Once(std::vector<uint16_t> rows) {
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
  }

  const catalog::View& view_;
  const OpenPostings& postings_;
  const uint32_t row_count_;
};

}  // namespace

std::optional<std::vector<uint16_t>> FindOpenRows(const Condition& condition,
                                                  const catalog::View& view,
                                                  const catalog::SegmentView& part) {
  const OpenPostings* postings = part.segment().value_postings();
  if (postings == nullptr || !postings->Covers(part.row_count())) return std::nullopt;
  return Finder(view, *postings, part.row_count()).Find(condition);
}

}  // namespace tandem::query
