// SPDX-License-Identifier: Apache-2.0

#include "query/filter_parser.h"

#include <string>
#include <utility>

#include "model/absl_strings.h"
#include "model/status_macros.h"
#include "query/filter_error.h"
#include "query/filter_token.h"
#include "query/utf8.h"

namespace tandem::query {
namespace {

using Kind = FilterToken::Kind;
using Mode = FilterLexer::Mode;

constexpr std::string_view kCondition = "a condition";
constexpr std::string_view kValue = "a value";

// Recursive descent with one token of look-ahead. Only parentheses recurse, and they are counted.
class FilterParser {
 public:
  explicit FilterParser(std::string_view filter) : filter_(filter), lexer_(filter) {}

  absl::StatusOr<FilterNode> Parse() {
    RETURN_IF_ERROR(Advance());
    if (token_.kind == Kind::kEnd) return FilterNode{};
    ASSIGN_OR_RETURN(FilterNode root, ParseExpression());
    if (token_.kind != Kind::kEnd) return Unexpected("AND, OR, a blank or the end");
    return root;
  }

 private:
  absl::Status Advance(Mode mode = Mode::kField) {
    ASSIGN_OR_RETURN(token_, lexer_.Next(mode));
    return absl::OkStatus();
  }

  bool IsKeyword(std::string_view word) const {
    return token_.kind == Kind::kWord && token_.text.value == word;
  }
  bool IsAnyKeyword() const { return IsKeyword("AND") || IsKeyword("OR") || IsKeyword("NOT"); }

  std::string_view Written(const FilterText& text) const {
    return filter_.substr(text.offset, text.length);
  }

  absl::Status Unexpected(std::string_view expected) const {
    return FilterError(filter_,
                       {token_.text.offset, Written(token_.text), std::string(expected), ""});
  }

  // Whether another factor follows side by side.
  bool StartsFactor() const {
    if (IsKeyword("AND") || IsKeyword("OR")) return false;
    return token_.kind == Kind::kWord || token_.kind == Kind::kString || token_.kind == Kind::kOpen;
  }

  // Folds a list of one into its only member, so that the tree has no needless levels.
  static FilterNode Fold(FilterNode::Kind kind, std::vector<FilterNode> children) {
    if (children.size() == 1) return std::move(children.front());
    FilterNode node;
    node.kind = kind;
    node.children = std::move(children);
    return node;
  }

  // AND and a blank mean the same here, so both levels of the grammar make one list.
  absl::StatusOr<FilterNode> ParseExpression() {
    std::vector<FilterNode> factors;
    while (true) {
      ASSIGN_OR_RETURN(FilterNode factor, ParseFactor());
      factors.push_back(std::move(factor));
      if (IsKeyword("AND")) {
        RETURN_IF_ERROR(Advance());
        continue;
      }
      if (!StartsFactor()) return Fold(FilterNode::Kind::kAnd, std::move(factors));
      if (!token_.blank_before && token_.kind != Kind::kOpen && !after_close_) {
        return Unexpected("a blank between two conditions");
      }
    }
  }

  absl::StatusOr<FilterNode> ParseFactor() {
    std::vector<FilterNode> terms;
    while (true) {
      ASSIGN_OR_RETURN(FilterNode term, ParseTerm());
      terms.push_back(std::move(term));
      if (!IsKeyword("OR")) return Fold(FilterNode::Kind::kOr, std::move(terms));
      RETURN_IF_ERROR(Advance());
    }
  }

  absl::StatusOr<FilterNode> ParseTerm() {
    bool negated = false;
    if (IsKeyword("NOT")) {
      negated = true;
      RETURN_IF_ERROR(Advance());
    } else if (token_.kind == Kind::kWord && token_.text.value.front() == '-') {
      negated = true;
      RETURN_IF_ERROR(SplitMinus());
    }
    if (negated &&
        (IsKeyword("NOT") || (token_.kind == Kind::kWord && token_.text.value.front() == '-'))) {
      return Unexpected("a condition after the first negation");
    }
    ASSIGN_OR_RETURN(FilterNode simple, ParseSimple());
    if (!negated) return simple;
    FilterNode node;
    node.kind = FilterNode::Kind::kNot;
    node.children.push_back(std::move(simple));
    return node;
  }

  // Takes the minus off the current word; what it negates must touch it.
  absl::Status SplitMinus() {
    if (token_.text.value.size() > 1) {
      token_.text.value.erase(0, 1);
      ++token_.text.offset;
      --token_.text.length;
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(Advance());
    if (token_.blank_before || token_.kind == Kind::kEnd) {
      return Unexpected("a condition right after the minus");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<FilterNode> ParseSimple() {
    if (token_.kind == Kind::kOpen) return ParseGroup();
    if ((token_.kind != Kind::kWord && token_.kind != Kind::kString) || IsAnyKeyword()) {
      return Unexpected(kCondition);
    }
    if (++terms_ > kMaxFilterTerms) {
      return Unexpected(StrCat("at most ", kMaxFilterTerms, " conditions"));
    }
    return ParseRestriction();
  }

  absl::StatusOr<FilterNode> ParseGroup() {
    if (++depth_ > kMaxFilterDepth) {
      return Unexpected(StrCat("at most ", kMaxFilterDepth, " open parentheses"));
    }
    RETURN_IF_ERROR(Advance());
    ASSIGN_OR_RETURN(FilterNode node, ParseExpression());
    if (token_.kind != Kind::kClose) return Unexpected("a closing parenthesis");
    RETURN_IF_ERROR(Advance());
    after_close_ = true;
    --depth_;
    return node;
  }

  absl::StatusOr<FilterNode> ParseRestriction() {
    after_close_ = false;
    FilterNode node;
    node.path.push_back(token_.text);
    RETURN_IF_ERROR(Advance());
    while (token_.kind == Kind::kDot) {
      if (token_.blank_before) return Unexpected("no blank before a dot");
      RETURN_IF_ERROR(Advance());
      if (token_.blank_before || (token_.kind != Kind::kWord && token_.kind != Kind::kString)) {
        return Unexpected("a field name right after the dot");
      }
      node.path.push_back(token_.text);
      RETURN_IF_ERROR(Advance());
    }
    if (token_.kind == Kind::kOpen && !token_.blank_before) return ParseFunction(std::move(node));
    if (token_.kind == Kind::kOperator) return ParseComparison(std::move(node));
    return MakeWord(std::move(node));
  }

  absl::StatusOr<FilterNode> ParseComparison(FilterNode node) {
    RETURN_IF_ERROR(CheckUnquotedStart(node));
    node.kind = FilterNode::Kind::kCompare;
    node.op = token_.op;
    RETURN_IF_ERROR(Advance(Mode::kValue));
    ASSIGN_OR_RETURN(node.value, TakeValue());
    if (token_.kind == Kind::kOpen && !token_.blank_before) {
      return Unexpected("a plain value: functions stand alone");
    }
    if (token_.kind == Kind::kOperator) return Unexpected("AND, OR, a blank or the end");
    return node;
  }

  absl::StatusOr<FilterNode> ParseFunction(FilterNode node) {
    RETURN_IF_ERROR(CheckUnquotedStart(node));
    node.kind = FilterNode::Kind::kFunction;
    RETURN_IF_ERROR(Advance(Mode::kValue));
    while (token_.kind != Kind::kClose) {
      ASSIGN_OR_RETURN(FilterText argument, TakeValue());
      node.arguments.push_back(std::move(argument));
      if (token_.kind == Kind::kComma) {
        RETURN_IF_ERROR(Advance(Mode::kValue));
        if (token_.kind == Kind::kClose) return Unexpected(kValue);
      } else if (token_.kind != Kind::kClose) {
        return Unexpected("a comma or a closing parenthesis");
      }
    }
    RETURN_IF_ERROR(Advance());
    after_close_ = true;
    if (token_.kind == Kind::kOperator) {
      return Unexpected("AND, OR, a blank or the end: functions are not compared");
    }
    return node;
  }

  // A word without an operator. A dotted one (an id, a version) is one word as it was written.
  absl::StatusOr<FilterNode> MakeWord(FilterNode node) {
    node.kind = FilterNode::Kind::kWord;
    const FilterText& last = node.path.back();
    node.value = node.path.front();
    if (node.path.size() > 1) {
      node.value.length = last.offset + last.length - node.value.offset;
      for (const FilterText& part : node.path) {
        if (part.quoted) {
          return FilterError(
              filter_, {node.value.offset, Written(node.value), "an operator after the field", ""});
        }
      }
      node.value.value = std::string(Written(node.value));
    }
    node.path.clear();
    return node;
  }

  absl::Status CheckUnquotedStart(const FilterNode& node) const {
    if (!node.path.front().quoted) return absl::OkStatus();
    return FilterError(filter_, {node.path.front().offset, Written(node.path.front()),
                                 "a name without quotes on the left side", ""});
  }

  absl::StatusOr<FilterText> TakeValue() {
    if ((token_.kind != Kind::kWord && token_.kind != Kind::kString) || IsAnyKeyword()) {
      return Unexpected(kValue);
    }
    FilterText value = std::move(token_.text);
    RETURN_IF_ERROR(Advance());
    return value;
  }

  std::string_view filter_;
  FilterLexer lexer_;
  FilterToken token_;
  // Whether the last thing read was a closing parenthesis: no blank is needed after it.
  bool after_close_ = false;
  int depth_ = 0;
  int terms_ = 0;
};

}  // namespace

absl::StatusOr<FilterNode> ParseFilter(std::string_view filter) {
  const size_t invalid = FirstInvalidUtf8(filter);
  if (invalid != filter.size()) {
    // The stray bytes themselves can't go into an error message, which is UTF-8.
    return FilterError(filter.substr(0, invalid), {invalid, "?", "UTF-8 text", ""});
  }
  if (filter.size() > kMaxFilterBytes) {
    const size_t limit = CutAtCharacter(filter, kMaxFilterBytes).size();
    return FilterError(
        filter, {limit, filter.substr(limit), StrCat("at most ", kMaxFilterBytes, " bytes"), ""});
  }
  return FilterParser(filter).Parse();
}

}  // namespace tandem::query
