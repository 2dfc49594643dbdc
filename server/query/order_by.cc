// SPDX-License-Identifier: Apache-2.0

#include "query/order_by.h"

#include <algorithm>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "query/name_list.h"
#include "query/utf8.h"

namespace tandem::query {
namespace {

// An order once offered can't be taken back.
constexpr std::string_view kOffered[] = {"name", "display_name", "create_time", "update_time",
                                         "assessment.points"};
constexpr size_t kMaxShownBytes = 80;

absl::Status OrderError(std::string_view wrong, std::string_view what, model::RecordType type) {
  const std::string text(CutAtCharacter(wrong.substr(0, FirstInvalidUtf8(wrong)), kMaxShownBytes));
  const std::string allowed = OrderableFields(type);
  return model::MakeError(model::Reason::kOrderInvalid,
                          StrCat("order_by: \"", text, "\" ", what, "; allowed: ", allowed,
                                 ", each with an optional \" desc\", separated by commas"),
                          {{"field", "order_by"}, {"text", text}, {"allowed", allowed}});
}

// The field of that name when an order is offered for it on this resource.
const catalog::IndexedField* FindOffered(std::string_view path, model::RecordType type) {
  if (std::find(std::begin(kOffered), std::end(kOffered), path) == std::end(kOffered)) {
    return nullptr;
  }
  return catalog::FieldTable::Of(type).Find(path);
}

absl::StatusOr<OrderKey> ParseKey(std::string_view text, model::RecordType type) {
  std::vector<std::string_view> words;
  for (std::string_view word : SplitNames(text, ' ')) {
    if (!WithoutBlanks(word).empty()) words.push_back(WithoutBlanks(word));
  }
  if (words.empty()) return OrderError(text, "names no field", type);
  OrderKey key;
  key.field = FindOffered(words[0], type);
  if (key.field == nullptr) return OrderError(words[0], "is no field to order by", type);
  if (words.size() > 2 || (words.size() == 2 && words[1] != "desc")) {
    return OrderError(WithoutBlanks(text), "has something else than \"desc\"", type);
  }
  key.descending = words.size() == 2;
  return key;
}

}  // namespace

absl::StatusOr<Order> ParseOrderBy(std::string_view order_by, model::RecordType type) {
  const catalog::IndexedField* name = catalog::FieldTable::Of(type).Find("name");
  Order order;
  if (WithoutBlanks(order_by).empty()) {
    order.keys.push_back({name, false});
    return order;
  }
  bool total = false;
  std::vector<const catalog::IndexedField*> seen;
  for (std::string_view part : SplitNames(order_by, ',')) {
    ASSIGN_OR_RETURN(OrderKey key, ParseKey(part, type));
    if (std::find(seen.begin(), seen.end(), key.field) != seen.end()) {
      return OrderError(key.field->path, "is named twice", type);
    }
    seen.push_back(key.field);
    if (!total) order.keys.push_back(key);
    total = total || key.field == name;
  }
  if (!total) order.keys.push_back({name, false});
  return order;
}

std::string OrderableFields(model::RecordType type) {
  std::string names;
  for (std::string_view path : kOffered) {
    if (catalog::FieldTable::Of(type).Find(path) == nullptr) continue;
    StrAppend(&names, names.empty() ? "" : ", ", path);
  }
  return names;
}

}  // namespace tandem::query
