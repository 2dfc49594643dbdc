// SPDX-License-Identifier: Apache-2.0

#include "query/valid_on.h"

#include <utility>

#include "catalog/unit_validity.h"
#include "model/absl_strings.h"
#include "model/calendar_date.h"
#include "model/error.h"
#include "tandem/v1/service_category.pb.h"

namespace tandem::query {
namespace {

Condition Compare(const catalog::IndexedField& field, Comparison comparison, std::string_view day) {
  Condition compare;
  compare.kind = Condition::Kind::kText;
  compare.field = &field;
  compare.comparison = comparison;
  compare.pattern.text = std::string(day);
  return compare;
}

Condition Absent(const catalog::IndexedField& field) {
  Condition present;
  present.kind = Condition::Kind::kPresent;
  present.field = &field;
  Condition absent;
  absent.kind = Condition::Kind::kNot;
  absent.children.push_back(std::move(present));
  return absent;
}

Condition Either(Condition one, Condition other) {
  Condition either;
  either.kind = Condition::Kind::kAny;
  either.children.push_back(std::move(one));
  either.children.push_back(std::move(other));
  return either;
}

}  // namespace

bool HasValidity(model::RecordType type) { return catalog::UnitFields::Of(type) != nullptr; }

absl::Status CheckAsOfDate(model::RecordType type, std::string_view as_of_date) {
  if (!HasValidity(type)) {
    return model::FieldsInvalid(
        {{"as_of_date", StrCat(model::CollectionOf(type), " have no days they are valid on")}});
  }
  if (!model::IsCalendarDate(as_of_date)) {
    return model::FieldsInvalid({{"as_of_date", "is not a calendar day, YYYY-MM-DD"}});
  }
  return absl::OkStatus();
}

Condition ValidOnCondition(model::RecordType type, std::string_view day) {
  const catalog::UnitFields& fields = *catalog::UnitFields::Of(type);
  Condition endless = Absent(*fields.valid_to);
  if (fields.state != nullptr) {
    // A superseded term without a last day has ended.
    Condition in_use;
    in_use.kind = Condition::Kind::kInteger;
    in_use.field = fields.state;
    in_use.comparison = Comparison::kNotEqual;
    in_use.integer = v1::CATEGORY_STATE_SUPERSEDED;
    Condition both;
    both.children.push_back(std::move(endless));
    both.children.push_back(std::move(in_use));
    endless = std::move(both);
  }
  Condition all;
  all.children.push_back(
      Either(Absent(*fields.valid_from), Compare(*fields.valid_from, Comparison::kLessEqual, day)));
  all.children.push_back(
      Either(std::move(endless), Compare(*fields.valid_to, Comparison::kGreaterEqual, day)));
  return all;
}

}  // namespace tandem::query
