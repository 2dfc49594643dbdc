// SPDX-License-Identifier: Apache-2.0

#include "problem_file.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "nlohmann/json.hpp"

namespace tandem::run {
namespace {

using Json = nlohmann::json;
using plugin::Column;
using plugin::ColumnSet;

absl::Status Invalid(std::string_view where, std::string_view what) {
  return model::MakeError(model::Reason::kFieldInvalid, StrCat(where, ": ", what),
                          {{"field", where}});
}

absl::StatusOr<int64_t> WholeNumber(const Json& object, const char* key, std::string_view where,
                                    int64_t low, int64_t missing) {
  auto it = object.find(key);
  std::string place = StrCat(where, ".", key);
  if (it == object.end()) {
    if (missing >= low) return missing;
    return Invalid(place, "is missing");
  }
  bool fits = it->is_number_integer() &&
              !(it->is_number_unsigned() &&
                it->get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()});
  if (!fits) return Invalid(place, "must be a whole number that fits into 64 bits");
  int64_t value = it->get<int64_t>();
  if (value < low) return Invalid(place, StrCat("must be at least ", low));
  return value;
}

absl::Status OnlyKeys(const Json& object, std::string_view where,
                      const std::set<std::string>& allowed) {
  if (!object.is_object()) return Invalid(where, "must be an object");
  for (const auto& [key, value] : object.items()) {
    if (allowed.count(key) == 0) return Invalid(where, StrCat("unknown field '", key, "'"));
  }
  return absl::OkStatus();
}

absl::StatusOr<const Json*> List(const Json& root, const char* key) {
  static const Json kEmpty = Json::array();
  auto it = root.find(key);
  if (it == root.end()) return &kEmpty;
  if (!it->is_array()) return Invalid(key, "must be a list");
  return &*it;
}

// Codes by text, in order of first appearance.
class Dictionary {
 public:
  uint32_t Code(const std::string& text) {
    auto [it, fresh] = codes_.try_emplace(text, static_cast<uint32_t>(texts_.size()));
    if (fresh) texts_.push_back(text);
    return it->second;
  }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::map<std::string, uint32_t> codes_;
  std::vector<std::string> texts_;
};

// What a column is follows from its cells: whole numbers i64, other numbers f64, true/false bool8,
// texts code32, lists of texts codelist.
absl::StatusOr<Column::Ptr> MakeColumn(const std::vector<const Json*>& cells,
                                       std::string_view where) {
  auto all = [&cells](auto test) {
    return std::all_of(cells.begin(), cells.end(), [&](const Json* cell) {
      return cell == nullptr || cell->is_null() || test(*cell);
    });
  };
  std::vector<uint8_t> valid;
  for (const Json* cell : cells) valid.push_back(cell != nullptr && !cell->is_null() ? 1 : 0);
  if (all([](const Json& cell) { return cell.is_number_integer(); })) {
    std::vector<int64_t> values;
    for (size_t i = 0; i < cells.size(); ++i)
      values.push_back(valid[i] != 0 ? cells[i]->get<int64_t>() : 0);
    return Column::I64(values, valid);
  }
  if (all([](const Json& cell) { return cell.is_number(); })) {
    std::vector<double> values;
    for (size_t i = 0; i < cells.size(); ++i)
      values.push_back(valid[i] != 0 ? cells[i]->get<double>() : 0);
    return Column::F64(values, valid);
  }
  if (all([](const Json& cell) { return cell.is_boolean(); })) {
    std::vector<uint8_t> values;
    for (size_t i = 0; i < cells.size(); ++i) {
      values.push_back(valid[i] != 0 && cells[i]->get<bool>() ? 1 : 0);
    }
    return Column::Bool8(values, valid);
  }
  Dictionary dictionary;
  std::vector<uint32_t> codes;
  if (all([](const Json& cell) { return cell.is_string(); })) {
    for (size_t i = 0; i < cells.size(); ++i) {
      codes.push_back(valid[i] != 0 ? dictionary.Code(cells[i]->get<std::string>()) : 0);
    }
    return Column::Code32(codes, dictionary.texts(), valid);
  }
  bool lists = all([](const Json& cell) {
    return cell.is_array() &&
           std::all_of(cell.begin(), cell.end(), [](const Json& x) { return x.is_string(); });
  });
  if (!lists)
    return Invalid(where, "its cells must all be numbers, true/false, texts, or lists of texts");
  std::vector<uint32_t> offsets = {0};
  for (size_t i = 0; i < cells.size(); ++i) {
    for (size_t k = 0; valid[i] != 0 && k < cells[i]->size(); ++k) {
      codes.push_back(dictionary.Code((*cells[i])[k].get<std::string>()));
    }
    offsets.push_back(static_cast<uint32_t>(codes.size()));
  }
  return Column::CodeList(offsets, codes, dictionary.texts(), valid);
}

absl::StatusOr<std::shared_ptr<const ColumnSet>> ReadTable(const Json& root, const char* key,
                                                           std::vector<int64_t>* units) {
  ASSIGN_OR_RETURN(const Json* rows, List(root, key));
  std::map<std::string, std::vector<const Json*>> cells;
  for (size_t i = 0; i < rows->size(); ++i) {
    std::string where = StrCat(key, "[", i, "]");
    RETURN_IF_ERROR(OnlyKeys((*rows)[i], where, {"units", "columns", "name"}));
    ASSIGN_OR_RETURN(int64_t own, WholeNumber((*rows)[i], "units", where, 0, 1));
    units->push_back(own);
    auto columns = (*rows)[i].find("columns");
    if (columns == (*rows)[i].end()) continue;
    if (!columns->is_object()) return Invalid(where + ".columns", "must be an object");
    for (const auto& [name, cell] : columns->items()) {
      cells.try_emplace(name, rows->size(), nullptr).first->second[i] = &cell;
    }
  }
  auto table = std::make_shared<ColumnSet>(rows->size());
  for (const auto& [name, column] : cells) {
    ASSIGN_OR_RETURN(Column::Ptr made, MakeColumn(column, StrCat(key, " column ", name)));
    RETURN_IF_ERROR(table->Add(name, std::move(made)));
  }
  return std::shared_ptr<const ColumnSet>(std::move(table));
}

absl::Status ReadPairs(const Json& root, ProblemFile* out) {
  struct Line {
    uint32_t need, offer;
    int64_t score;
  };
  ASSIGN_OR_RETURN(const Json* list, List(root, "pairs"));
  std::vector<Line> lines;
  size_t scored = 0;
  for (size_t i = 0; i < list->size(); ++i) {
    const Json& pair = (*list)[i];
    std::string where = StrCat("pairs[", i, "]");
    RETURN_IF_ERROR(OnlyKeys(pair, where, {"need", "offer", "score"}));
    ASSIGN_OR_RETURN(int64_t need, WholeNumber(pair, "need", where, 0, -1));
    ASSIGN_OR_RETURN(int64_t offer, WholeNumber(pair, "offer", where, 0, -1));
    ASSIGN_OR_RETURN(int64_t score, WholeNumber(pair, "score", where, 0, 0));
    if (need >= static_cast<int64_t>(out->need_units.size())) {
      return Invalid(where + ".need", StrCat("there is no need ", need));
    }
    if (offer >= static_cast<int64_t>(out->offer_units.size())) {
      return Invalid(where + ".offer", StrCat("there is no offer ", offer));
    }
    scored += pair.contains("score") ? 1 : 0;
    lines.push_back({static_cast<uint32_t>(need), static_cast<uint32_t>(offer), score});
  }
  if (scored != 0 && scored != lines.size())
    return Invalid("pairs", "some have a score and some do not");
  out->has_scores = scored == lines.size();
  std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::pair(a.need, a.offer) < std::pair(b.need, b.offer);
  });
  std::vector<uint64_t> row_start(out->need_units.size() + 1);
  std::vector<uint32_t> offers;
  for (const Line& line : lines) {
    if (!out->pair_ends.empty() && out->pair_ends.back() == std::pair(line.need, line.offer)) {
      return Invalid("pairs",
                     StrCat("need ", line.need, " and offer ", line.offer, " appear twice"));
    }
    ++row_start[line.need + 1];
    offers.push_back(line.offer);
    out->pair_ends.emplace_back(line.need, line.offer);
    out->score.push_back(line.score);
  }
  std::partial_sum(row_start.begin(), row_start.end(), row_start.begin());
  ASSIGN_OR_RETURN(out->problem.pairs,
                   plugin::PairSet::Make(out->offer_units.size(), row_start, offers));
  return absl::OkStatus();
}

absl::Status ReadGroups(const Json& root, ProblemFile* out) {
  ASSIGN_OR_RETURN(const Json* list, List(root, "groups"));
  for (size_t i = 0; i < list->size(); ++i) {
    const Json& from = (*list)[i];
    std::string where = StrCat("groups[", i, "]");
    RETURN_IF_ERROR(OnlyKeys(from, where, {"name", "side", "members", "min_units", "max_units"}));
    plugin::Group group;
    std::string side =
        from.value("side", Json()).is_string() ? from["side"].get<std::string>() : "";
    if (side != "offers" && side != "needs")
      return Invalid(where + ".side", "must be offers or needs");
    group.side = side == "needs" ? plugin::Side::kNeeds : plugin::Side::kOffers;
    size_t rows = side == "needs" ? out->need_units.size() : out->offer_units.size();
    if (!from.contains("members") || !from["members"].is_array()) {
      return Invalid(where + ".members", "must be a list of row numbers");
    }
    for (const Json& member : from["members"]) {
      if (!member.is_number_unsigned() || member.get<uint64_t>() >= rows) {
        return Invalid(where + ".members", StrCat(member.dump(), " is not a row of ", side));
      }
      group.members.push_back(member.get<uint32_t>());
    }
    std::sort(group.members.begin(), group.members.end());
    if (std::adjacent_find(group.members.begin(), group.members.end()) != group.members.end()) {
      return Invalid(where + ".members", "a row appears twice");
    }
    ASSIGN_OR_RETURN(group.min_units, WholeNumber(from, "min_units", where, 0, 0));
    ASSIGN_OR_RETURN(group.max_units,
                     WholeNumber(from, "max_units", where, 0, plugin::kNoMaxUnits));
    if (group.max_units < group.min_units) return Invalid(where, "max_units is below min_units");
    bool named = from.contains("name") && from["name"].is_string();
    out->group_names.push_back(named ? from["name"].get<std::string>() : "");
    out->groups.push_back(std::move(group));
  }
  return absl::OkStatus();
}

absl::Status ReadFixed(const Json& root, ProblemFile* out) {
  ASSIGN_OR_RETURN(const Json* list, List(root, "fixed"));
  std::map<uint64_t, int64_t> units;
  for (size_t i = 0; i < list->size(); ++i) {
    const Json& from = (*list)[i];
    std::string where = StrCat("fixed[", i, "]");
    RETURN_IF_ERROR(OnlyKeys(from, where, {"need", "offer", "units"}));
    ASSIGN_OR_RETURN(int64_t need, WholeNumber(from, "need", where, 0, -1));
    ASSIGN_OR_RETURN(int64_t offer, WholeNumber(from, "offer", where, 0, -1));
    ASSIGN_OR_RETURN(int64_t count, WholeNumber(from, "units", where, 1, -1));
    constexpr int64_t kMaxRow = std::numeric_limits<uint32_t>::max();
    std::pair<uint32_t, uint32_t> wanted(std::min(need, kMaxRow), std::min(offer, kMaxRow));
    auto at = std::lower_bound(out->pair_ends.begin(), out->pair_ends.end(), wanted);
    if (at == out->pair_ends.end() || *at != wanted) {
      return Invalid(where, StrCat("need ", need, " and offer ", offer, " are not a pair"));
    }
    if (!units.emplace(at - out->pair_ends.begin(), count).second)
      return Invalid(where, "fixed twice");
  }
  for (const auto& [pair, count] : units) out->fixed.push_back({pair, count});
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadProblem(std::string_view json, ProblemFile* out) {
  Json root = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) return Invalid("problem", "is not JSON");
  RETURN_IF_ERROR(OnlyKeys(root, "problem", {"needs", "offers", "pairs", "groups", "fixed"}));
  ASSIGN_OR_RETURN(out->problem.needs, ReadTable(root, "needs", &out->need_units));
  ASSIGN_OR_RETURN(out->problem.offers, ReadTable(root, "offers", &out->offer_units));
  RETURN_IF_ERROR(ReadPairs(root, out));
  RETURN_IF_ERROR(ReadGroups(root, out));
  RETURN_IF_ERROR(ReadFixed(root, out));
  out->problem.need_units = out->need_units;
  out->problem.offer_units = out->offer_units;
  out->terms = {out->score, out->groups, out->fixed};
  return absl::OkStatus();
}

}  // namespace tandem::run
