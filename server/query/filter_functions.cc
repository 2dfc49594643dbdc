// SPDX-License-Identifier: Apache-2.0

#include "query/filter_functions.h"

#include <utility>

#include "model/absl_strings.h"
#include "model/calendar_date.h"
#include "query/filter_error.h"
#include "query/name_list.h"
#include "query/valid_on.h"

namespace tandem::query {
namespace {

using model::RecordType;

constexpr std::string_view kWithin = "within";
constexpr std::string_view kOffers = "offers";
constexpr std::string_view kValidOn = "valid_on";

constexpr FilterFunction kFunctions[] = {
    {kWithin, RecordType::kAgency, RecordType::kRegion, "home_region", "at home in the region"},
    {kWithin, RecordType::kRegion, RecordType::kRegion, "name", "the region and all below it"},
    {kWithin, RecordType::kNeed, RecordType::kRegion, "region", "needs of the region"},
    {kWithin, RecordType::kPairing, RecordType::kRegion, "receiving_region",
     "pairings that help the region"},
    {kWithin, RecordType::kServiceCategory, RecordType::kServiceCategory, "name",
     "the category and all below it"},
    {kWithin, RecordType::kNeed, RecordType::kServiceCategory, "category", "needs of the category"},
    {kWithin, RecordType::kPairing, RecordType::kServiceCategory, "category",
     "pairings of the category"},
    {kOffers, RecordType::kAgency, RecordType::kServiceCategory, "categories.category",
     "able in the category"},
    {kOffers, RecordType::kOffer, RecordType::kServiceCategory, "categories",
     "offers of the category"},
};

std::string NamesOn(RecordType type) {
  std::vector<std::string_view> names;
  for (const FilterFunction& row : kFunctions) {
    if (row.type == type && (names.empty() || names.back() != row.name)) names.push_back(row.name);
  }
  if (HasValidity(type)) names.push_back(kValidOn);
  return JoinNames(names);
}

// Whether `name` is `collection`/id with one non-empty id.
bool IsNameIn(std::string_view name, RecordType target) {
  const std::string_view prefix = catalog::NamePrefix(target);
  return name.size() > prefix.size() && name.substr(0, prefix.size()) == prefix &&
         name.find('/', prefix.size()) == std::string_view::npos;
}

absl::StatusOr<Condition> CheckValidOn(std::string_view filter, const FilterNode& call,
                                       RecordType type) {
  const FilterText& place =
      call.arguments.empty() ? call.path.front() : call.arguments[call.arguments.size() > 1];
  const bool right = call.arguments.size() == 1 && !place.any_prefix && !place.any_suffix &&
                     model::IsCalendarDate(place.value);
  if (right) return ValidOnCondition(type, place.value);
  return FilterError(filter, {place.offset, filter.substr(place.offset, place.length),
                              "one day such as \"2026-11-23\"", ""});
}

}  // namespace

absl::Span<const FilterFunction> FilterFunctions() { return kFunctions; }

std::string_view TreePath(RecordType type, RecordType target) {
  for (const FilterFunction& row : kFunctions) {
    if (row.type == type && row.target == target) return row.path;
  }
  return "";
}

Condition WithinCondition(RecordType type, std::string_view path, std::string_view ancestor) {
  const catalog::FieldTable& table = catalog::FieldTable::Of(type);
  Condition within;
  within.kind = Condition::Kind::kWithin;
  within.field = path == "name" ? table.parent() : table.Find(path);
  within.pattern.text = std::string(ancestor);
  if (path != "name") return within;
  Condition self;
  self.kind = Condition::Kind::kText;
  self.field = table.Find("name");
  self.pattern.text = std::string(ancestor);
  Condition either;
  either.kind = Condition::Kind::kAny;
  either.children.push_back(std::move(self));
  either.children.push_back(std::move(within));
  return either;
}

absl::StatusOr<Condition> CheckFunction(std::string_view filter, const FilterNode& call,
                                        RecordType type) {
  const FilterText& start = call.path.front();
  const size_t name_length = call.path.back().offset + call.path.back().length - start.offset;
  const std::string_view written = filter.substr(start.offset, name_length);
  if (written == kValidOn && HasValidity(type)) return CheckValidOn(filter, call, type);
  std::vector<const FilterFunction*> rows;
  for (const FilterFunction& row : kFunctions) {
    if (row.type == type && row.name == written) rows.push_back(&row);
  }
  if (rows.empty()) {
    return FilterError(filter,
                       {start.offset, written, StrCat("a function of ", model::CollectionOf(type)),
                        NamesOn(type)});
  }
  std::string expected = "one name such as ";
  for (const FilterFunction* row : rows) {
    StrAppend(&expected, row == rows.front() ? "" : " or ", "\"", catalog::NamePrefix(row->target),
              "{id}\"");
  }
  if (call.arguments.size() != 1) {
    const FilterText& place = call.arguments.size() > 1 ? call.arguments[1] : start;
    return FilterError(
        filter, {place.offset, filter.substr(place.offset, place.length), std::move(expected), ""});
  }
  const FilterText& argument = call.arguments.front();
  for (const FilterFunction* row : rows) {
    if (!argument.any_prefix && !argument.any_suffix && IsNameIn(argument.value, row->target)) {
      return WithinCondition(type, row->path, argument.value);
    }
  }
  return FilterError(filter, {argument.offset, filter.substr(argument.offset, argument.length),
                              std::move(expected), ""});
}

}  // namespace tandem::query
