// SPDX-License-Identifier: Apache-2.0

#include "model/agency_merge.h"

#include <algorithm>
#include <string_view>

#include "model/field_rules.h"

namespace tandem::model {
namespace {

using google::protobuf::FieldDescriptor;

// United by every merge.
constexpr std::string_view kUnited[] = {"identifiers", "former_names"};
// About one record, not about the body it describes.
constexpr std::string_view kNotFilled[] = {"status", "owner", "provenance"};

template <size_t kSize>
bool IsOneOf(std::string_view path, const std::string_view (&paths)[kSize]) {
  return std::find(std::begin(paths), std::end(paths), path) != std::end(paths);
}

bool Has(const v1::Agency& agency, const FieldDescriptor* field) {
  const auto* reflection = v1::Agency::GetReflection();
  return field->is_repeated() ? reflection->FieldSize(agency, field) > 0
                              : reflection->HasField(agency, field);
}

void CopyField(const v1::Agency& from, const FieldDescriptor* field, v1::Agency* to) {
  v1::Agency copy = from;
  v1::Agency::GetReflection()->SwapFields(&copy, to, {field});
}

// Whether the agency has a number in use of that scheme.
bool HasNumberInUse(const v1::Agency& agency, std::string_view scheme) {
  return std::any_of(
      agency.identifiers().begin(), agency.identifiers().end(),
      [&](const v1::Identifier& own) { return !own.former() && own.scheme() == scheme; });
}

void TakeNumbers(const v1::Agency& merged, v1::Agency* survivor) {
  for (const v1::Identifier& number : merged.identifiers()) {
    auto* own = survivor->mutable_identifiers();
    auto same = std::find_if(own->begin(), own->end(), [&](const v1::Identifier& each) {
      return each.scheme() == number.scheme() && each.value() == number.value();
    });
    if (same != own->end()) {
      same->set_verified(same->verified() || number.verified());
      continue;
    }
    const bool former = number.former() || HasNumberInUse(*survivor, number.scheme());
    v1::Identifier* taken = own->Add();
    *taken = number;
    taken->set_former(former);
  }
}

void AddFormerName(const std::string& name, v1::Agency* survivor) {
  const auto& former = survivor->former_names();
  if (name.empty() || name == survivor->display_name() ||
      std::find(former.begin(), former.end(), name) != former.end()) {
    return;
  }
  survivor->add_former_names(name);
}

}  // namespace

bool IsTakenByMerge(std::string_view path) {
  const FieldDescriptor* field = v1::Agency::descriptor()->FindFieldByName(std::string(path));
  if (field == nullptr || IsOneOf(path, kUnited)) return false;
  const FieldRule& rule = MessageRules::Of(v1::Agency::descriptor()).rule(field);
  return !IsServerField(rule) && !rule.immutable;
}

void TakeOver(const std::vector<const v1::Agency*>& merged, const std::vector<TakenField>& taken,
              bool fill_empty, v1::Agency* survivor) {
  const std::string own_name = survivor->display_name();
  for (const TakenField& field : taken) {
    CopyField(*merged[field.from], v1::Agency::descriptor()->FindFieldByName(field.path), survivor);
  }
  const auto* type = v1::Agency::descriptor();
  for (int i = 0; fill_empty && i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!IsTakenByMerge(field->name()) || IsOneOf(field->name(), kNotFilled)) continue;
    for (const v1::Agency* each : merged) {
      if (Has(*survivor, field)) break;
      if (Has(*each, field)) CopyField(*each, field, survivor);
    }
  }
  AddFormerName(own_name, survivor);
  for (const v1::Agency* each : merged) {
    TakeNumbers(*each, survivor);
    AddFormerName(each->display_name(), survivor);
    for (const std::string& name : each->former_names()) AddFormerName(name, survivor);
  }
}

void BecomeMerged(const std::string& survivor, v1::Agency* agency) {
  v1::Agency sign;
  sign.set_name(agency->name());
  sign.set_uid(agency->uid());
  sign.set_display_name(agency->display_name());
  sign.set_owner(agency->owner());
  *sign.mutable_labels() = agency->labels();
  // A sync that still has the old record finds out where it went.
  *sign.mutable_source_ids() = agency->source_ids();
  sign.set_status(v1::AGENCY_STATUS_MERGED);
  sign.set_merged_into(survivor);
  // Storage takes the times from the version before.
  *sign.mutable_create_time() = agency->create_time();
  agency->Swap(&sign);
}

}  // namespace tandem::model
