// SPDX-License-Identifier: Apache-2.0

#include "catalog/unit_validity.h"

#include "tandem/v1/service_category.pb.h"

namespace tandem::catalog {
namespace {

using model::RecordType;

UnitFields FieldsOf(RecordType type) {
  const FieldTable& table = FieldTable::Of(type);
  const bool region = type == RecordType::kRegion;
  UnitFields fields;
  fields.valid_from = table.Find("valid_from_date");
  fields.valid_to = table.Find("valid_to_date");
  fields.successor = table.Find(region ? "successors.region" : "successors.category");
  fields.share_permille = table.Find("successors.share_permille");
  fields.kind = table.Find("successors.kind");
  fields.code = table.Find("code");
  fields.code_list = table.Find(region ? "code_scheme" : "taxonomy");
  if (!region) {
    fields.state = table.Find("state");
    fields.replaced_by = table.Find("replaced_by");
  }
  return fields;
}

}  // namespace

const UnitFields* UnitFields::Of(RecordType type) {
  static const UnitFields kRegion = FieldsOf(RecordType::kRegion);
  static const UnitFields kCategory = FieldsOf(RecordType::kServiceCategory);
  if (type == RecordType::kRegion) return &kRegion;
  return type == RecordType::kServiceCategory ? &kCategory : nullptr;
}

UnitValidity ValidityOf(const UnitFields& fields, const Segment& segment, uint32_t row) {
  UnitValidity validity;
  validity.from = segment.Text(fields.valid_from->id, row).value_or(std::string_view());
  validity.to = segment.Text(fields.valid_to->id, row).value_or(std::string_view());
  validity.superseded = fields.state != nullptr &&
                        segment.Integer(fields.state->id, row) == v1::CATEGORY_STATE_SUPERSEDED;
  return validity;
}

std::vector<UnitSuccessor> SuccessorsOf(const UnitFields& fields, const Segment& segment,
                                        uint32_t row) {
  std::vector<UnitSuccessor> successors;
  int64_t shares = 0;
  for (uint32_t i = 0; i < segment.ListSize(fields.successor->id, row); ++i) {
    const int64_t share = segment.ListInteger(fields.share_permille->id, row, i);
    successors.push_back({segment.ListText(fields.successor->id, row, i), share});
    shares += share;
  }
  if (successors.empty() && fields.replaced_by != nullptr) {
    for (uint32_t i = 0; i < segment.ListSize(fields.replaced_by->id, row); ++i) {
      successors.push_back({segment.ListText(fields.replaced_by->id, row, i), 0});
    }
  }
  if (shares == 0) {
    for (UnitSuccessor& successor : successors) successor.weight = 1;
  }
  return successors;
}

}  // namespace tandem::catalog
