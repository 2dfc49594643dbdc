// SPDX-License-Identifier: Apache-2.0

// Random records from few values, so that filters find some of them, and random legal filters and
// orders.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/service_category.pb.h"

namespace tandem::query {

// One seeded source of everything random in a test.
class RandomAgencies {
 public:
  explicit RandomAgencies(uint32_t seed) : random_(seed) {}

  // 0 .. count - 1.
  int Below(int count) { return static_cast<int>(random_() % static_cast<uint32_t>(count)); }
  bool OneIn(int count) { return Below(count) == 0; }

  // An agency with that id. Every field may be missing.
  std::shared_ptr<const v1::Agency> Agency(const std::string& id);
  // A tree of regions "regions/r0" … and one of categories "serviceCategories/c0" …, parents before
  // children.
  std::vector<std::shared_ptr<const google::protobuf::Message>> Regions();
  std::vector<std::shared_ptr<const google::protobuf::Message>> Categories();
  // The same region below another parent.
  std::shared_ptr<const v1::Region> MovedRegion();

  // A filter that the checker accepts.
  std::string Filter() { return Expression(3); }
  // An order that is offered.
  std::string OrderBy();

 private:
  static constexpr int kTreeSize = 12;
  std::string Expression(int depth);
  std::string Condition();
  std::string Pick(const std::vector<std::string>& values) {
    return values[static_cast<size_t>(Below(static_cast<int>(values.size())))];
  }
  std::string Operator() { return Pick({"=", "!=", "<", "<=", ">", ">="}); }
  std::string Equality() { return Pick({"=", "!="}); }
  std::string Text();
  std::string Pattern();
  std::string Day();

  std::mt19937 random_;
};

}  // namespace tandem::query
