// SPDX-License-Identifier: Apache-2.0

#include "query/succession.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "model/absl_strings.h"

namespace tandem::query {

using catalog::RowRef;
using catalog::UnitSuccessor;
using catalog::UnitValidity;

std::vector<int64_t> SplitByWeight(int64_t amount, absl::Span<const int64_t> weights) {
  const int64_t sum = std::accumulate(weights.begin(), weights.end(), int64_t{0});
  std::vector<int64_t> parts;
  std::vector<std::pair<int64_t, size_t>> remainders;
  int64_t left = amount;
  for (size_t i = 0; i < weights.size(); ++i) {
    parts.push_back(amount * weights[i] / sum);
    remainders.emplace_back(-(amount * weights[i] % sum), i);
    left -= parts.back();
  }
  // Fewer than there are parts.
  std::sort(remainders.begin(), remainders.end());
  for (size_t i = 0; left > 0; ++i, --left) ++parts[remainders[i].second];
  return parts;
}

Succession::Succession(const catalog::View& view, model::RecordType type, std::string day)
    : view_(view), type_(type), fields_(*catalog::UnitFields::Of(type)), day_(std::move(day)) {}

// A unit on the way.
struct Succession::Node {
  bool ended = false;
  std::vector<UnitSuccessor> successors;
  int64_t amount = 0;
  int64_t carried = 0;
  enum class Mark { kNew, kOpen, kDone } mark = Mark::kNew;
};

// Orders the units that amounts pass through so that each comes before its successors, then moves
// the amounts along. The rules of writing keep cycles out; in damaged data the step that would
// close one loses its part to `unresolved`.
class Succession::Walk {
 public:
  explicit Walk(const Succession& units) : units_(units) {}

  void Start(const std::string& name, int64_t amount) {
    const std::optional<RowRef> row = units_.FindLive(name);
    if (!row || units_.ValidityOf(*row).StartsAfter(units_.day_)) {
      result_.unresolved += amount;
      return;
    }
    NodeOf(name, *row).amount += amount;
    Visit(name);
  }

  CarriedAmounts Finish() {
    for (auto it = finished_.rbegin(); it != finished_.rend(); ++it) Pass(*it);
    return std::move(result_);
  }

 private:
  Node& NodeOf(const std::string& name, const RowRef& row) {
    auto [it, added] = nodes_.try_emplace(name);
    if (added) {
      it->second.ended = units_.ValidityOf(row).EndedBefore(units_.day_);
      if (it->second.ended) {
        it->second.successors = catalog::SuccessorsOf(units_.fields_, *row.segment, row.row);
      }
    }
    return it->second;
  }

  // Depth first, without recursion: chains may be long.
  void Visit(const std::string& start) {
    struct Frame {
      std::string name;
      size_t next = 0;
    };
    if (nodes_[start].mark != Node::Mark::kNew) return;
    std::vector<Frame> stack = {{start}};
    nodes_[start].mark = Node::Mark::kOpen;
    while (!stack.empty()) {
      const std::string name = stack.back().name;
      if (stack.back().next == nodes_[name].successors.size()) {
        nodes_[name].mark = Node::Mark::kDone;
        finished_.push_back(name);
        stack.pop_back();
        continue;
      }
      UnitSuccessor& successor = nodes_[name].successors[stack.back().next++];
      const std::string next(successor.unit);
      const std::optional<RowRef> row = units_.FindLive(next);
      if (!row || (nodes_.contains(next) && nodes_[next].mark == Node::Mark::kOpen)) {
        successor.unit = {};
        continue;
      }
      if (NodeOf(next, *row).mark != Node::Mark::kNew) continue;
      nodes_[next].mark = Node::Mark::kOpen;
      stack.push_back({next});
    }
  }

  void Pass(const std::string& name) {
    const Node& node = nodes_[name];
    if (!node.ended) {
      if (node.amount > 0) result_.units[name] = {node.amount, node.carried};
      return;
    }
    if (node.successors.empty()) {
      result_.unresolved += node.amount;
      return;
    }
    std::vector<int64_t> weights;
    for (const UnitSuccessor& successor : node.successors) weights.push_back(successor.weight);
    const std::vector<int64_t> parts = SplitByWeight(node.amount, weights);
    for (size_t i = 0; i < parts.size(); ++i) {
      if (node.successors[i].unit.empty()) {
        result_.unresolved += parts[i];
        continue;
      }
      Node& next = nodes_[std::string(node.successors[i].unit)];
      next.amount += parts[i];
      next.carried += parts[i];
    }
  }

  const Succession& units_;
  // Ordered, so that references stay valid while nodes join.
  std::map<std::string, Node> nodes_;
  // Every unit after its successors.
  std::vector<std::string> finished_;
  CarriedAmounts result_;
};

CarriedAmounts Succession::Carry(const UnitAmounts& amounts) const {
  Walk walk(*this);
  for (const auto& [name, amount] : amounts) walk.Start(name, amount);
  return walk.Finish();
}

std::optional<std::string> Succession::FindByCode(const UnitCode& code) const {
  std::optional<std::string> best;
  // Rank, then how far from the day, then the name.
  std::pair<int, std::string> best_rank;
  for (const catalog::SegmentView& part : view_.segments(type_)) {
    Roaring rows;
    view_.AddEqual(part, fields_.code->id, code.code, &rows);
    if (rows.isEmpty()) continue;
    const catalog::AliveRows alive = part.alive();
    for (uint32_t row : rows) {
      const catalog::Segment& segment = part.segment();
      if (!alive.Contains(row) || segment.deleted(row)) continue;
      if (segment.Text(fields_.code_list->id, row).value_or(std::string_view()) != code.list) {
        continue;
      }
      const UnitValidity days = catalog::ValidityOf(fields_, segment, row);
      const std::string name = StrCat(catalog::NamePrefix(type_), segment.id(row));
      std::pair<int, std::string> rank(0, "");
      if (days.EndedBefore(code.day)) {
        // The last that ended comes first: later days are smaller when turned around.
        std::string turned(days.to);
        for (char& c : turned) c = static_cast<char>('0' + '9' - c);
        rank = {1, turned.empty() ? "~" : turned};
      } else if (days.StartsAfter(code.day)) {
        rank = {2, std::string(days.from)};
      }
      if (best && std::pair(best_rank, *best) <= std::pair(rank, name)) continue;
      best = name;
      best_rank = std::move(rank);
    }
  }
  return best;
}

std::optional<RowRef> Succession::FindLive(std::string_view name) const {
  const std::optional<catalog::RecordKey> key = catalog::ParseRecordName(name);
  if (!key || key->type != type_) return std::nullopt;
  const std::optional<RowRef> row = view_.Find(type_, key->id);
  return row && !row->deleted() ? row : std::nullopt;
}

std::optional<UnitValidity> Succession::Validity(std::string_view name) const {
  const std::optional<RowRef> row = FindLive(name);
  if (!row) return std::nullopt;
  return ValidityOf(*row);
}

UnitValidity Succession::ValidityOf(const RowRef& row) const {
  return catalog::ValidityOf(fields_, *row.segment, row.row);
}

}  // namespace tandem::query
