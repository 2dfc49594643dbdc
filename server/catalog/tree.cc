// SPDX-License-Identifier: Apache-2.0

#include "catalog/tree.h"

namespace tandem::catalog {

Tree::Tree(std::vector<std::pair<std::string, std::string>> nodes) {
  nodes_.resize(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    nodes_[i].name = std::move(nodes[i].first);
    index_[nodes_[i].name] = static_cast<int32_t>(i);
  }
  // Children as one array, grouped by parent.
  std::vector<int32_t> child_begin(nodes.size() + 1, 0);
  for (size_t i = 0; i < nodes.size(); ++i) {
    auto it = index_.find(nodes[i].second);
    nodes_[i].parent = it == index_.end() ? -1 : it->second;
    if (nodes_[i].parent >= 0) ++child_begin[static_cast<size_t>(nodes_[i].parent) + 1];
  }
  for (size_t i = 0; i < nodes.size(); ++i) child_begin[i + 1] += child_begin[i];
  std::vector<int32_t> children(nodes.size());
  std::vector<int32_t> fill(child_begin.begin(), child_begin.end() - 1);
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes_[i].parent >= 0) {
      children[static_cast<size_t>(fill[static_cast<size_t>(nodes_[i].parent)]++)] =
          static_cast<int32_t>(i);
    }
  }

  std::vector<bool> seen(nodes.size(), false);
  std::vector<int32_t> stack;
  preorder_.reserve(nodes.size());
  auto walk = [&](int32_t top) {
    stack.assign(1, top);
    while (!stack.empty()) {
      int32_t at = stack.back();
      stack.pop_back();
      if (at < 0) {
        nodes_[static_cast<size_t>(~at)].end = static_cast<int32_t>(preorder_.size());
        continue;
      }
      auto node = static_cast<size_t>(at);
      if (seen[node]) continue;
      seen[node] = true;
      nodes_[node].begin = static_cast<int32_t>(preorder_.size());
      preorder_.push_back(at);
      stack.push_back(~at);
      for (int32_t c = child_begin[node]; c < child_begin[node + 1]; ++c) {
        stack.push_back(children[static_cast<size_t>(c)]);
      }
    }
  };
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].parent < 0) walk(static_cast<int32_t>(i));
  }
  // What is left lies in or below a cycle; validation keeps those out, but damaged data must not
  // hang a reader.
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (seen[i]) continue;
    nodes_[i].parent = -1;
    walk(static_cast<int32_t>(i));
  }
}

bool Tree::IsWithin(std::string_view name, std::string_view ancestor) const {
  if (name == ancestor) return true;
  auto below = index_.find(name), above = index_.find(ancestor);
  if (below == index_.end() || above == index_.end()) return false;
  const Node& outer = nodes_[static_cast<size_t>(above->second)];
  int32_t place = nodes_[static_cast<size_t>(below->second)].begin;
  return place >= outer.begin && place < outer.end;
}

std::vector<std::string_view> Tree::AncestorsOrSelf(std::string_view name) const {
  auto it = index_.find(name);
  if (it == index_.end()) return {name};
  std::vector<std::string_view> chain;
  for (int32_t at = it->second; at >= 0; at = nodes_[static_cast<size_t>(at)].parent) {
    chain.push_back(nodes_[static_cast<size_t>(at)].name);
  }
  return chain;
}

std::vector<std::string_view> Tree::DescendantsOrSelf(std::string_view name) const {
  auto it = index_.find(name);
  if (it == index_.end()) return {name};
  const Node& node = nodes_[static_cast<size_t>(it->second)];
  std::vector<std::string_view> found;
  for (int32_t place = node.begin; place < node.end; ++place) {
    found.push_back(nodes_[static_cast<size_t>(preorder_[static_cast<size_t>(place)])].name);
  }
  return found;
}

std::string_view Tree::Parent(std::string_view name) const {
  auto it = index_.find(name);
  if (it == index_.end()) return {};
  int32_t parent = nodes_[static_cast<size_t>(it->second)].parent;
  return parent < 0 ? std::string_view() : nodes_[static_cast<size_t>(parent)].name;
}

}  // namespace tandem::catalog
