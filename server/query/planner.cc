// SPDX-License-Identifier: Apache-2.0

#include "query/planner.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "query/open_rows.h"
#include "query/row_condition.h"

namespace tandem::query {
namespace {

using catalog::Code;
using catalog::Column;
using catalog::IndexedField;
using catalog::RowSet;
using RowLists = std::vector<absl::Span<const uint16_t>>;
using TestPtr = std::unique_ptr<const RowTest>;

// Asks the segment for the row's values.
class ByValue final : public RowTest {
 public:
  ByValue(const Condition& condition, const catalog::View& view, const catalog::SegmentView& part)
      : RowTest(part.row_count(), part.row_count()),
        condition_(condition, view),
        segment_(part.segment()) {}
  bool Matches(uint32_t row) const override { return condition_.Fits(segment_, row); }

 private:
  const RowCondition condition_;
  const catalog::Segment& segment_;
};

// The same, where the segment's postings name the rows to look at.
class ByValueOfSome final : public RowTest {
 public:
  using OwnedRows = std::unique_ptr<const std::vector<uint16_t>>;

  ByValueOfSome(OwnedRows rows, const Condition& condition, const catalog::View& view,
                const catalog::SegmentView& part)
      : RowTest(RowLists{absl::MakeConstSpan(*rows)}),
        rows_(std::move(rows)),
        condition_(condition, view),
        segment_(part.segment()) {}
  bool Matches(uint32_t row) const override { return condition_.Fits(segment_, row); }

 private:
  const OwnedRows rows_;
  const RowCondition condition_;
  const catalog::Segment& segment_;
};

// Single-valued column: the row's code lies in a range, or the row has no value and those fit too.
class CodeRange final : public RowTest {
 public:
  CodeRange(const Column& column, Code begin, Code end, bool absent, RowLists rows)
      : RowTest(std::move(rows)),
        column_(column),
        begin_(begin),
        size_(end - begin),
        absent_(absent) {}
  bool Matches(uint32_t row) const override {
    const Code code = column_.code(row);
    return code - begin_ < size_ || (absent_ && code == column_.distinct());
  }
  void Keep(std::vector<uint16_t>* rows) const override {
    std::erase_if(*rows, [this](uint16_t row) { return !CodeRange::Matches(row); });
  }

 private:
  const Column& column_;
  const Code begin_;
  const Code size_;
  const bool absent_;
};

// That one row.
class OneRow final : public RowTest {
 public:
  explicit OneRow(std::unique_ptr<const uint16_t> row)
      : RowTest(RowLists{{row.get(), 1}}), row_(std::move(row)) {}
  bool Matches(uint32_t row) const override { return row == *row_; }

 private:
  const std::unique_ptr<const uint16_t> row_;
};

// The row stands in a row set.
class InSet final : public RowTest {
 public:
  explicit InSet(RowSet set) : RowTest(RowLists{set.rows()}), set_(set) {}
  bool Matches(uint32_t row) const override { return set_.Contains(row); }
  void Keep(std::vector<uint16_t>* rows) const override { set_.Keep(rows); }

 private:
  const RowSet set_;
};

// The row stands in one of several row sets of a repeated column. One bit a row.
class InUnion final : public RowTest {
 public:
  InUnion(RowLists rows, uint32_t row_count) : RowTest(std::move(rows)), bits_({}, row_count) {
    for (absl::Span<const uint16_t> part : this->rows()) bits_.Add(part);
  }
  bool Matches(uint32_t row) const override { return bits_.Contains(row); }
  void Keep(std::vector<uint16_t>* rows) const override {
    std::erase_if(*rows, [this](uint16_t row) { return !bits_.Contains(row); });
  }

 private:
  catalog::RowBits bits_;
};

// The row stands in one of a few row sets: the rows of a term, field by field.
class InSets final : public RowTest {
 public:
  explicit InSets(std::vector<RowSet> sets) : RowTest(ListsOf(sets)), sets_(std::move(sets)) {}
  bool Matches(uint32_t row) const override {
    for (const RowSet& set : sets_) {
      if (set.Contains(row)) return true;
    }
    return false;
  }

 private:
  static RowLists ListsOf(const std::vector<RowSet>& sets) {
    RowLists lists;
    for (const RowSet& set : sets) lists.push_back(set.rows());
    return lists;
  }
  const std::vector<RowSet> sets_;
};

// Rows of an open segment that have a term. One bit a row.
class OpenTermRows final : public RowTest {
 public:
  OpenTermRows(std::unique_ptr<const std::vector<uint16_t>> rows, uint32_t row_count)
      : RowTest(RowLists{*rows}), rows_(std::move(rows)), bits_(*rows_, row_count) {}
  bool Matches(uint32_t row) const override { return bits_.Contains(row); }

 private:
  const std::unique_ptr<const std::vector<uint16_t>> rows_;
  const catalog::RowBits bits_;
};

// All children fit. The rarest one comes first: it fails most and supplies the rows.
class AllOf final : public RowTest {
 public:
  static TestPtr Make(std::vector<TestPtr> children, uint32_t row_count) {
    if (children.size() == 1) return std::move(children.front());
    std::stable_sort(children.begin(), children.end(), [](const TestPtr& a, const TestPtr& b) {
      return std::pair(!a->has_rows(), a->bound()) < std::pair(!b->has_rows(), b->bound());
    });
    double estimate = row_count;
    for (const TestPtr& child : children) estimate *= child->estimate() / std::max(row_count, 1U);
    if (children.empty() || !children.front()->has_rows()) {
      return TestPtr(new AllOf(std::move(children), row_count, estimate));
    }
    RowLists rows = children.front()->rows();
    return TestPtr(new AllOf(std::move(children), std::move(rows), estimate));
  }
  bool Matches(uint32_t row) const override {
    for (const TestPtr& child : children_) {
      if (!child->Matches(row)) return false;
    }
    return true;
  }
  void Keep(std::vector<uint16_t>* rows) const override {
    for (const TestPtr& child : children_) {
      if (rows->empty()) return;
      child->Keep(rows);
    }
  }

 private:
  AllOf(std::vector<TestPtr> children, uint32_t bound, double estimate)
      : RowTest(bound, estimate), children_(std::move(children)) {}
  AllOf(std::vector<TestPtr> children, RowLists rows, double estimate)
      : RowTest(std::move(rows), estimate), children_(std::move(children)) {}
  const std::vector<TestPtr> children_;
};

// One child fits. The commonest one comes first.
class AnyOf final : public RowTest {
 public:
  static TestPtr Make(std::vector<TestPtr> children, uint32_t row_count) {
    if (children.size() == 1) return std::move(children.front());
    std::stable_sort(children.begin(), children.end(),
                     [](const TestPtr& a, const TestPtr& b) { return a->bound() > b->bound(); });
    RowLists rows;
    double estimate = 0;
    bool known = true;
    for (const TestPtr& child : children) {
      estimate += child->estimate();
      known = known && child->has_rows();
      if (known) rows.insert(rows.end(), child->rows().begin(), child->rows().end());
    }
    estimate = std::min<double>(estimate, row_count);
    size_t total = 0;
    for (absl::Span<const uint16_t> part : rows) total += part.size();
    if (!known || total >= row_count) {
      return TestPtr(new AnyOf(std::move(children), row_count, estimate));
    }
    return TestPtr(new AnyOf(std::move(children), std::move(rows), estimate));
  }
  bool Matches(uint32_t row) const override {
    for (const TestPtr& child : children_) {
      if (child->Matches(row)) return true;
    }
    return false;
  }

 private:
  AnyOf(std::vector<TestPtr> children, uint32_t bound, double estimate)
      : RowTest(bound, estimate), children_(std::move(children)) {}
  AnyOf(std::vector<TestPtr> children, RowLists rows, double estimate)
      : RowTest(std::move(rows), estimate), children_(std::move(children)) {}
  const std::vector<TestPtr> children_;
};

class NotOf final : public RowTest {
 public:
  NotOf(TestPtr child, uint32_t row_count)
      : RowTest(row_count, row_count - child->estimate()), child_(std::move(child)) {}
  bool Matches(uint32_t row) const override { return !child_->Matches(row); }

 private:
  const TestPtr child_;
};

// Plans one segment.
class SegmentPlanner {
 public:
  SegmentPlanner(const catalog::View& view, const catalog::SegmentView& part)
      : view_(view), part_(part), row_count_(part.row_count()) {}

  // The whole condition. What no row of the segment before met is asked first: it is the rarest.
  TestPtr PlanWhole(const Condition& condition, PlanHint* hint) const {
    if (hint == nullptr || condition.kind != Condition::Kind::kAll) return Plan(condition);
    if (hint->unmet != nullptr && Plan(*hint->unmet)->bound() == 0) {
      return std::make_unique<InSet>(RowSet());
    }
    return PlanAll(condition, hint);
  }

  TestPtr Plan(const Condition& condition) const {
    switch (condition.kind) {
      case Condition::Kind::kAll:
        return PlanAll(condition, nullptr);
      case Condition::Kind::kAny:
        return PlanAny(condition);
      case Condition::Kind::kNot:
        return std::make_unique<NotOf>(Plan(condition.children.front()), row_count_);
      case Condition::Kind::kWithin:
        if (auto set = view_.FindWithin(part_, condition.field->id, condition.pattern.text)) {
          return std::make_unique<InSet>(*set);
        }
        return PlanWithin(condition);
      case Condition::Kind::kTerm:
        return PlanTerm(condition);
      case Condition::Kind::kNameBegins:
      case Condition::Kind::kNear:
        return ByValueTest(condition);
      case Condition::Kind::kText:
        if (IsName(condition)) return PlanName(condition.pattern.text);
        break;
      default:
        break;
    }
    const Column* column = part_.segment().column(condition.field->id);
    if (column == nullptr) return ByValueTest(condition);
    return PlanLeaf(condition, *column);
  }

 private:
  static bool IsName(const Condition& condition) {
    return condition.field->id == catalog::kNameField && condition.pattern.exact() &&
           condition.comparison == Comparison::kEqual;
  }

  // Looked up as a read looks it up: one look at memory in a segment that does not have it.
  TestPtr PlanName(std::string_view name) const {
    const catalog::Segment& segment = part_.segment();
    const std::string_view prefix = catalog::NamePrefix(segment.table().type());
    if (!name.starts_with(prefix)) return std::make_unique<InSet>(RowSet());
    const std::string_view id = name.substr(prefix.size());
    const auto row = segment.FindRow(id, catalog::HashId(id), view_.revision());
    if (!row) return std::make_unique<InSet>(RowSet());
    return std::make_unique<OneRow>(std::make_unique<const uint16_t>(static_cast<uint16_t>(*row)));
  }

  // `hint`, unless null, gets to know what no row meets, however deep below conditions that must
  // all hold it stands.
  TestPtr PlanAll(const Condition& condition, PlanHint* hint) const {
    std::vector<TestPtr> children;
    children.reserve(condition.children.size());
    for (const Condition& child : condition.children) {
      if (HoldsForAll(child)) continue;
      const bool is_all = child.kind == Condition::Kind::kAll;
      children.push_back(is_all ? PlanAll(child, hint) : Plan(child));
      // What no row meets needs no other conditions: most segments have none of a rare word.
      if (children.back()->bound() == 0) {
        if (hint != nullptr && !is_all) hint->unmet = &child;
        return std::make_unique<InSet>(RowSet());
      }
    }
    return AllOf::Make(std::move(children), row_count_);
  }

  TestPtr PlanAny(const Condition& condition) const {
    std::vector<TestPtr> children;
    children.reserve(condition.children.size());
    for (const Condition& child : condition.children) children.push_back(Plan(child));
    return AnyOf::Make(std::move(children), row_count_);
  }

  // "Has no value" where the column has no values at all, as in nearly every segment for what hides
  // merged records: not asked row by row.
  bool HoldsForAll(const Condition& condition) const {
    if (condition.kind != Condition::Kind::kNot) return false;
    const Condition& child = condition.children.front();
    if (child.kind != Condition::Kind::kPresent || !child.field->is_text()) return false;
    const Column* column = part_.segment().column(child.field->id);
    return column != nullptr && column->distinct() == 0;
  }

  TestPtr ByValueTest(const Condition& condition) const {
    auto rows = FindOpenRows(condition, view_, part_);
    if (!rows) return std::make_unique<ByValue>(condition, view_, part_);
    return std::make_unique<ByValueOfSome>(
        std::make_unique<const std::vector<uint16_t>>(*std::move(rows)), condition, view_, part_);
  }

  TestPtr PlanTerm(const Condition& condition) const {
    const catalog::TermQuery& query = condition.term;
    const catalog::TextPostings* postings = part_.segment().postings();
    if (postings == nullptr) {
      return std::make_unique<OpenTermRows>(std::make_unique<const std::vector<uint16_t>>(
                                                part_.segment().RowsWithTerm(query, row_count_)),
                                            row_count_);
    }
    std::vector<RowSet> sets;
    postings->ForEachCode(query, [&](catalog::TermCode code) {
      for (size_t field = 0; field <= static_cast<size_t>(query.farthest); ++field) {
        const RowSet rows = postings->Rows(code, static_cast<catalog::TextField>(field));
        if (!rows.empty()) sets.push_back(rows);
      }
    });
    if (sets.size() == 1) return std::make_unique<InSet>(sets.front());
    if (sets.size() <= catalog::kTextFields) return std::make_unique<InSets>(std::move(sets));
    RowLists lists;
    for (const RowSet& set : sets) lists.push_back(set.rows());
    return std::make_unique<InUnion>(std::move(lists), row_count_);
  }

  TestPtr PlanLeaf(const Condition& condition, const Column& column) const {
    switch (condition.kind) {
      case Condition::Kind::kInteger:
        return column.repeated() ? Element(column, column.FindCode(condition.integer))
                                 : PlanInteger(condition, column);
      case Condition::Kind::kText:
        return column.repeated() ? PlanTextElement(condition.pattern, column)
                                 : PlanText(condition, column);
      case Condition::Kind::kMap:
        return PlanMap(condition, column);
      case Condition::Kind::kMapKey: {
        const auto [begin, end] = column.PrefixRange(catalog::MapEntry(condition.map_key, ""));
        return Elements(column, begin, end);
      }
      case Condition::Kind::kPresent:
        return PlanPresent(condition, column);
      default:
        return ByValueTest(condition);
    }
  }

  // The tree changed since the segment's ancestors were computed: ask it for each distinct value.
  TestPtr PlanWithin(const Condition& condition) const {
    const Column* column = part_.segment().column(condition.field->id);
    if (column == nullptr) return ByValueTest(condition);
    const catalog::Tree& tree = view_.tree(*condition.field->target);
    std::vector<Code> codes;
    for (Code code = 0; code < column->distinct(); ++code) {
      if (tree.IsWithin(column->text_value(code), condition.pattern.text)) codes.push_back(code);
    }
    return Elements(*column, codes);
  }

  // Rows of a single-valued column whose code is in [begin, end). They stand together in its order.
  static absl::Span<const uint16_t> RangeRows(const Column& column, Code begin, Code end) {
    if (begin >= end) return {};
    const absl::Span<const uint16_t> first = column.Rows(begin).rows();
    const absl::Span<const uint16_t> last = column.Rows(end - 1).rows();
    return {first.data(), static_cast<size_t>(last.data() + last.size() - first.data())};
  }

  TestPtr Range(const Column& column, Code begin, Code end, bool absent) const {
    RowLists rows{RangeRows(column, begin, end)};
    if (absent) rows.push_back(column.Rows(static_cast<Code>(column.distinct())).rows());
    return std::make_unique<CodeRange>(column, begin, std::max(begin, end), absent,
                                       std::move(rows));
  }

  // Two ranges that leave out the codes [begin, end).
  TestPtr OutsideRange(const Column& column, Code begin, Code end, bool absent) const {
    const auto distinct = static_cast<Code>(column.distinct());
    if (begin >= end) return Range(column, 0, distinct, absent);
    std::vector<TestPtr> sides;
    sides.push_back(Range(column, 0, begin, absent));
    sides.push_back(Range(column, end, distinct, false));
    return AnyOf::Make(std::move(sides), row_count_);
  }

  // The codes [begin, end) are those of the value compared with.
  TestPtr CompareCodes(const Column& column, Comparison comparison, Code begin, Code end,
                       bool absent) const {
    const auto distinct = static_cast<Code>(column.distinct());
    switch (comparison) {
      case Comparison::kEqual:
        return Range(column, begin, end, absent);
      case Comparison::kNotEqual:
        return OutsideRange(column, begin, end, absent);
      case Comparison::kLess:
        return Range(column, 0, begin, absent);
      case Comparison::kLessEqual:
        return Range(column, 0, end, absent);
      case Comparison::kGreater:
        return Range(column, end, distinct, absent);
      case Comparison::kGreaterEqual:
        return Range(column, begin, distinct, absent);
    }
    return Range(column, 0, 0, false);
  }

  TestPtr PlanInteger(const Condition& condition, const Column& column) const {
    return CompareCodes(column, condition.comparison, column.LowerBound(condition.integer),
                        column.UpperBound(condition.integer), false);
  }

  TestPtr PlanText(const Condition& condition, const Column& column) const {
    const TextPattern& pattern = condition.pattern;
    if (pattern.any_prefix) return ByValueTest(condition);
    const bool absent = AbsentIsEmptyText(*condition.field) &&
                        Compares(std::string_view(), condition.comparison, pattern);
    if (pattern.any_suffix) {
      const auto [begin, end] = column.PrefixRange(pattern.text);
      return CompareCodes(column, condition.comparison, begin, end, absent);
    }
    return CompareCodes(column, condition.comparison, column.LowerBound(pattern.text),
                        column.UpperBound(pattern.text), absent);
  }

  // Repeated columns: rows with an element of that code.
  TestPtr Element(const Column& column, std::optional<Code> code) const {
    return std::make_unique<InSet>(code ? column.Rows(*code) : RowSet());
  }
  TestPtr Elements(const Column& column, Code begin, Code end) const {
    std::vector<Code> codes;
    for (Code code = begin; code < end; ++code) codes.push_back(code);
    return Elements(column, codes);
  }
  TestPtr Elements(const Column& column, const std::vector<Code>& codes) const {
    if (codes.empty()) return Element(column, std::nullopt);
    if (codes.size() == 1) return Element(column, codes.front());
    RowLists rows;
    for (Code code : codes) rows.push_back(column.Rows(code).rows());
    return std::make_unique<InUnion>(std::move(rows), row_count_);
  }

  // Lists know only "has", which is equality of an element.
  TestPtr PlanTextElement(const TextPattern& pattern, const Column& column) const {
    if (pattern.exact()) return Element(column, column.FindCode(pattern.text));
    if (!pattern.any_prefix) {
      const auto [begin, end] = column.PrefixRange(pattern.text);
      return Elements(column, begin, end);
    }
    std::vector<Code> codes;
    for (Code code = 0; code < column.distinct(); ++code) {
      if (pattern.Matches(column.text_value(code))) codes.push_back(code);
    }
    return Elements(column, codes);
  }

  TestPtr PlanMap(const Condition& condition, const Column& column) const {
    const std::string prefix = catalog::MapEntry(condition.map_key, "");
    if (condition.comparison == Comparison::kEqual && condition.pattern.exact()) {
      return Element(column, column.FindCode(prefix + condition.pattern.text));
    }
    const auto [begin, end] = column.PrefixRange(prefix);
    std::vector<Code> codes;
    for (Code code = begin; code < end; ++code) {
      const std::string_view value = column.text_value(code).substr(prefix.size());
      if (Compares(value, condition.comparison, condition.pattern)) codes.push_back(code);
    }
    return Elements(column, codes);
  }

  TestPtr PlanPresent(const Condition& condition, const Column& column) const {
    const auto distinct = static_cast<Code>(column.distinct());
    if (column.repeated()) return ByValueTest(condition);
    if (column.is_text() || condition.field->optional) return Range(column, 0, distinct, false);
    return OutsideRange(column, column.LowerBound(int64_t{0}), column.UpperBound(int64_t{0}),
                        false);
  }

  const catalog::View& view_;
  const catalog::SegmentView& part_;
  const uint32_t row_count_;
};

}  // namespace

std::unique_ptr<const RowTest> PlanSegment(const Condition& condition, const catalog::View& view,
                                           const catalog::SegmentView& part, PlanHint* hint) {
  return SegmentPlanner(view, part).PlanWhole(condition, hint);
}

}  // namespace tandem::query
