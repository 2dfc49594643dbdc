// SPDX-License-Identifier: Apache-2.0

#include "cli/province_name.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"

#include "cli/cell_text.h"

namespace tandem::cli {
namespace {

constexpr std::pair<std::string_view, std::string_view> kShortNames[] = {
    {"11", "京"}, {"12", "津"}, {"13", "冀"}, {"14", "晋"}, {"15", "蒙"}, {"21", "辽"},
    {"22", "吉"}, {"23", "黑"}, {"31", "沪"}, {"32", "苏"}, {"33", "浙"}, {"34", "皖"},
    {"35", "闽"}, {"36", "赣"}, {"37", "鲁"}, {"41", "豫"}, {"42", "鄂"}, {"43", "湘"},
    {"44", "粤"}, {"45", "桂"}, {"46", "琼"}, {"50", "渝"}, {"51", "川"}, {"52", "黔"},
    {"53", "滇"}, {"54", "藏"}, {"61", "陕"}, {"62", "甘"}, {"63", "青"}, {"64", "宁"},
    {"65", "新"}, {"71", "台"}, {"81", "港"}, {"82", "澳"},
};

// Municipalities and autonomous regions are no 省; their inner help reads 区内 or 市内.
std::string_view InnerWord(std::string_view code) {
  constexpr std::string_view kCities[] = {"11", "12", "31", "50"};
  constexpr std::string_view kAutonomous[] = {"15", "45", "54", "64", "65", "81", "82"};
  const auto among = [&](const auto& list) {
    return std::find(std::begin(list), std::end(list), code) != std::end(list);
  };
  return among(kCities) ? "市内" : among(kAutonomous) ? "区内" : "省内";
}

}  // namespace

std::string ProvinceShortName(std::string_view region) {
  const std::string code = LastPart(region);
  const bool is_code = code.size() == 6 && std::all_of(code.begin(), code.end(), [](char c) {
                         return absl::ascii_isdigit(static_cast<unsigned char>(c));
                       });
  // A unit below a province would lose its own name.
  if (!is_code || code.substr(2) != "0000") return "";
  for (const auto& [prefix, name] : kShortNames) {
    if (code.substr(0, 2) == prefix) return std::string(name);
  }
  return "";
}

std::string CorridorText(std::string_view supporting_region, std::string_view receiving_region) {
  const std::string from = ProvinceShortName(supporting_region);
  const std::string to = ProvinceShortName(receiving_region);
  if (from.empty() || to.empty()) return "";
  if (supporting_region == receiving_region) {
    return to + std::string(InnerWord(LastPart(receiving_region).substr(0, 2)));
  }
  return from + "→" + to;
}

}  // namespace tandem::cli
