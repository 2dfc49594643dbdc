// SPDX-License-Identifier: Apache-2.0

// The tree that regions or categories form, at one revision. Answers "is a within b" by comparing
// positions in a depth-first order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/text_hash.h"

namespace tandem::catalog {

// Immutable; works on resource names ("regions/33"). A parent that does not exist makes a top node.
class Tree {
 public:
  // (name, parent name or empty), in any order. A node in a cycle counts as a top node.
  explicit Tree(std::vector<std::pair<std::string, std::string>> nodes);

  bool Contains(std::string_view name) const { return index_.contains(name); }
  // Whether `name` is `ancestor` or below it. Unknown names are within themselves only.
  bool IsWithin(std::string_view name, std::string_view ancestor) const;
  // From `name` itself up to its top node; just `name` when unknown.
  std::vector<std::string_view> AncestorsOrSelf(std::string_view name) const;
  // `name` and everything below it, depth first; just `name` when unknown.
  std::vector<std::string_view> DescendantsOrSelf(std::string_view name) const;
  // The node's parent; empty for top nodes and unknown names.
  std::string_view Parent(std::string_view name) const;
  size_t size() const { return nodes_.size(); }

 private:
  struct Node {
    std::string name;
    int32_t parent = -1;
    // Its place in depth-first order, and the first place after its last descendant.
    int32_t begin = 0;
    int32_t end = 0;
  };
  std::vector<Node> nodes_;
  std::vector<int32_t> preorder_;
  TextViewMap<int32_t> index_;
};

}  // namespace tandem::catalog
