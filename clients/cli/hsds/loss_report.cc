// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/loss_report.h"

#include "fmt/format.h"

#include "cli/number_text.h"

namespace tandem::cli {

void LossReport::Record(const std::string& kind, const std::string& outcome, int64_t count) {
  if (count > 0) records_[kind][outcome] += count;
}

void LossReport::Lost(const std::string& path, const std::string& why, int64_t count) {
  if (count > 0) lost_[{path, why}] += count;
}

int64_t LossReport::Records(const std::string& kind) const {
  int64_t sum = 0;
  auto found = records_.find(kind);
  if (found == records_.end()) return 0;
  for (const auto& [outcome, count] : found->second) sum += count;
  return sum;
}

int64_t LossReport::records() const {
  int64_t sum = 0;
  for (const auto& [kind, outcomes] : records_) sum += Records(kind);
  return sum;
}

int64_t LossReport::values_lost() const {
  int64_t sum = 0;
  for (const auto& [path, count] : lost_) sum += count;
  return sum;
}

void LossReport::Print(std::ostream& out) const {
  if (!records_.empty()) out << "Records 记录\n";
  for (const auto& [kind, outcomes] : records_) {
    out << fmt::format("  {:<26}{:>9} in =", kind, GroupedNumber(Records(kind)));
    const char* separator = " ";
    for (const auto& [outcome, count] : outcomes) {
      out << separator << GroupedNumber(count) << ' ' << outcome;
      separator = " + ";
    }
    out << '\n';
  }
  if (!lost_.empty()) out << "Not carried 未导入\n";
  for (const auto& [path, count] : lost_) {
    out << fmt::format("  {:<44}{:>9}  {}\n", path.first, GroupedNumber(count), path.second);
  }
}

nlohmann::ordered_json LossReport::ToJson() const {
  nlohmann::ordered_json document = {{"records", nlohmann::ordered_json::array()},
                                     {"lost", nlohmann::ordered_json::array()}};
  for (const auto& [kind, outcomes] : records_) {
    document["records"].push_back({{"kind", kind}, {"in", Records(kind)}, {"outcomes", outcomes}});
  }
  for (const auto& [path, count] : lost_) {
    document["lost"].push_back({{"path", path.first}, {"why", path.second}, {"count", count}});
  }
  return document;
}

}  // namespace tandem::cli
