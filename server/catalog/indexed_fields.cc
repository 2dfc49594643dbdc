// SPDX-License-Identifier: Apache-2.0

#include "catalog/indexed_fields.h"

#include <array>
#include <memory>

#include "model/absl_strings.h"
#include "tandem/v1/activity.pb.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/contact.pb.h"
#include "tandem/v1/field_conflict.pb.h"
#include "tandem/v1/field_rules.pb.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/match_run.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/pairing.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/round.pb.h"
#include "tandem/v1/service_category.pb.h"
#include "tandem/v1/source.pb.h"
#include "tandem/v1/synonym_set.pb.h"

namespace tandem::catalog {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using model::RecordType;

// How a filter names the record that a child lies below.
constexpr std::string_view kChildOf = "parent";

const Descriptor* MessageTypeOf(RecordType type) {
  switch (type) {
    case RecordType::kAgency:
      return v1::Agency::descriptor();
    case RecordType::kServiceCategory:
      return v1::ServiceCategory::descriptor();
    case RecordType::kRegion:
      return v1::Region::descriptor();
    case RecordType::kRound:
      return v1::Round::descriptor();
    case RecordType::kOffer:
      return v1::Offer::descriptor();
    case RecordType::kNeed:
      return v1::Need::descriptor();
    case RecordType::kPairing:
      return v1::Pairing::descriptor();
    case RecordType::kMatchProfile:
      return v1::MatchProfile::descriptor();
    case RecordType::kMatchRun:
      return v1::MatchRun::descriptor();
    case RecordType::kContact:
      return v1::Contact::descriptor();
    case RecordType::kSource:
      return v1::Source::descriptor();
    case RecordType::kFieldConflict:
      return v1::FieldConflict::descriptor();
    case RecordType::kSynonymSet:
      return v1::SynonymSet::descriptor();
    case RecordType::kActivity:
      return v1::Activity::descriptor();
    case RecordType::kMatchChunk:
      return nullptr;
  }
  return nullptr;
}

// The fields of a type beside the ones every type has and its references, which are added by
// themselves.
absl::Span<const std::string_view> OwnPaths(RecordType type) {
  static constexpr std::string_view kAgency[] = {"status",
                                                 "categories.level",
                                                 "categories.years",
                                                 "assessment.grade",
                                                 "assessment.points",
                                                 "assessment.awarded_date",
                                                 "assessment.expiry_date",
                                                 "identifiers.scheme",
                                                 "identifiers.value",
                                                 "identifiers.verified",
                                                 "legal_form",
                                                 "dimensions",
                                                 "staff.total",
                                                 "staff.assistant_social_workers",
                                                 "staff.social_workers",
                                                 "staff.senior_social_workers",
                                                 "staff.volunteers",
                                                 "retention_permille",
                                                 "contracts.buyer_kind",
                                                 "contracts.result",
                                                 "capacity.slots",
                                                 "capacity.home_floor",
                                                 "languages",
                                                 "merged_into",
                                                 "location.latitude_e7",
                                                 "location.longitude_e7",
                                                 "source_ids.id",
                                                 "source_ids.not_seen_since_date"};
  static constexpr std::string_view kCategory[] = {
      "taxonomy",        "version",       "code",
      "facet",           "state",         "mappings.kind",
      "valid_from_date", "valid_to_date", "successors.share_permille",
      "successors.kind"};
  static constexpr std::string_view kRegion[] = {"code",
                                                 "code_scheme",
                                                 "level",
                                                 "designations.designation_id",
                                                 "designations.since_date",
                                                 "valid_from_date",
                                                 "valid_to_date",
                                                 "successors.share_permille",
                                                 "successors.kind",
                                                 "altitude_m",
                                                 "iso_3166_2",
                                                 "economic_index.value_permille",
                                                 "economic_index.rule",
                                                 "economic_index.year",
                                                 "sector_index.value_permille",
                                                 "sector_index.rule",
                                                 "sector_index.year",
                                                 "languages",
                                                 "centroid.latitude_e7",
                                                 "centroid.longitude_e7"};
  static constexpr std::string_view kRound[] = {"state",
                                                "programme",
                                                "time_zone",
                                                "corridors.corridor_id",
                                                "apply_window.start_time",
                                                "apply_window.end_time",
                                                "chosen_run"};
  static constexpr std::string_view kOffer[] = {
      "slots",    "corridor",   "state",     "max_altitude_m", "start_date",
      "end_date", "apply_time", "languages", "preferences",    "consent.consent_time"};
  static constexpr std::string_view kNeed[] = {"slots",           "state",
                                               "people",          "county_rank",
                                               "claimed_urgency", "effective_urgency",
                                               "min_grade",       "required_languages",
                                               "budget_fen",      "start_date",
                                               "end_date",        "local_conditions.altitude_m",
                                               "apply_time"};
  static constexpr std::string_view kPairing[] = {
      "slots",      "state",    "targets.measure", "actuals.measure",
      "start_date", "end_date", "follow_ups.day",  "local_takeover_plan.due_date",
      "match_run"};
  static constexpr std::string_view kProfile[] = {
      "filters.plugin", "scorers.plugin",       "combine",
      "solver.plugin",  "reserves.designation", "hard_rules.forbidden_pairs.partner"};
  static constexpr std::string_view kRun[] = {"seed",
                                              "state",
                                              "done",
                                              "read_revision",
                                              "counts.candidates",
                                              "counts.matches",
                                              "counts.unmatched_needs",
                                              "figures.total_score",
                                              "verification.verified",
                                              "digest",
                                              "degraded",
                                              "start_time",
                                              "end_time"};
  static constexpr std::string_view kActivity[] = {"activity_date", "kind",    "dimension",
                                                   "participants",  "workers", "occurred_time"};
  static constexpr std::string_view kContact[] = {"role", "languages"};
  static constexpr std::string_view kSource[] = {"kind", "field_groups"};
  static constexpr std::string_view kConflict[] = {"agency", "field_group",     "source",
                                                   "state",  "first_seen_time", "last_seen_time"};
  static constexpr std::string_view kSynonymSet[] = {"words", "targets"};
  switch (type) {
    case RecordType::kAgency:
      return kAgency;
    case RecordType::kServiceCategory:
      return kCategory;
    case RecordType::kRegion:
      return kRegion;
    case RecordType::kRound:
      return kRound;
    case RecordType::kOffer:
      return kOffer;
    case RecordType::kNeed:
      return kNeed;
    case RecordType::kPairing:
      return kPairing;
    case RecordType::kMatchProfile:
      return kProfile;
    case RecordType::kMatchRun:
      return kRun;
    case RecordType::kContact:
      return kContact;
    case RecordType::kSource:
      return kSource;
    case RecordType::kFieldConflict:
      return kConflict;
    case RecordType::kSynonymSet:
      return kSynonymSet;
    case RecordType::kActivity:
      return kActivity;
    case RecordType::kMatchChunk:
      return {};
  }
  return {};
}

// A resource inside another one, such as the value of a conflict, is a copy of what somebody said:
// what it refers to need not exist.
bool IsResource(const Descriptor* message) {
  const FieldDescriptor* uid = message->FindFieldByNumber(2);
  return uid != nullptr && uid->name() == "uid";
}

// Paths of all fields that carry the reference rule. The record messages are not recursive.
void CollectReferences(const Descriptor* message, const std::string& prefix,
                       std::vector<std::string>* paths) {
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (field->options().HasExtension(v1::reference)) {
      paths->push_back(StrCat(prefix, field->name()));
    } else if (field->message_type() != nullptr && !field->is_map() &&
               field->message_type()->file()->package() == "tandem.v1" &&
               !IsResource(field->message_type())) {
      CollectReferences(field->message_type(), StrCat(prefix, field->name(), "."), paths);
    }
  }
}

bool IsTree(RecordType type) {
  return type == RecordType::kRegion || type == RecordType::kServiceCategory;
}

// Describes the field at `path` below `message`.
IndexedField Describe(const Descriptor* message, std::string_view path) {
  IndexedField out;
  out.path = std::string(path);
  const FieldDescriptor* field = nullptr;
  bool inside_message = false;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    const std::string_view part = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (field != nullptr) {
      message = field->message_type();
      inside_message = true;
    }
    field = message->FindFieldByName(std::string(part));
    out.repeated |= field->is_repeated();
  }
  if (field->is_map()) {
    out.kind = FieldKind::kMap;
  } else if (field->options().HasExtension(v1::reference)) {
    out.kind = FieldKind::kReference;
    out.target = model::TypeOfCollection(field->options().GetExtension(v1::reference));
    out.tree = out.target && IsTree(*out.target);
  } else if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
    // Only timestamps stand for a value of their own.
    out.kind = FieldKind::kTimestamp;
  } else if (field->type() == FieldDescriptor::TYPE_STRING) {
    out.kind = field->options().GetExtension(v1::date) ? FieldKind::kDate : FieldKind::kText;
  } else if (field->type() == FieldDescriptor::TYPE_ENUM) {
    out.kind = FieldKind::kEnum;
    out.enum_type = field->enum_type();
  } else if (field->type() == FieldDescriptor::TYPE_BOOL) {
    out.kind = FieldKind::kBool;
  } else {
    out.kind = FieldKind::kInteger;
  }
  out.optional = !out.repeated && !out.is_text() && (field->has_presence() || inside_message);
  return out;
}

}  // namespace

FieldTable::FieldTable(RecordType type) : type_(type), message_type_(MessageTypeOf(type)) {
  static constexpr std::pair<std::string_view, FieldKind> kHead[] = {
      {"name", FieldKind::kText},
      {"create_time", FieldKind::kTimestamp},
      {"update_time", FieldKind::kTimestamp},
      {"delete_time", FieldKind::kTimestamp},
      {"purge_time", FieldKind::kTimestamp}};
  for (const auto& [path, kind] : kHead) {
    IndexedField field;
    field.path = std::string(path);
    field.kind = kind;
    field.optional = kind == FieldKind::kTimestamp;
    field.id = static_cast<FieldId>(fields_.size());
    fields_.push_back(std::move(field));
  }
  if (std::optional<RecordType> above = model::ParentTypeOf(type)) {
    IndexedField field;
    field.path = kChildOf;
    field.kind = FieldKind::kReference;
    field.target = above;
    field.tree = IsTree(*above);
    field.id = static_cast<FieldId>(fields_.size());
    fields_.push_back(std::move(field));
  }
  if (message_type_ != nullptr) {
    for (std::string_view path : {"display_name", "owner", "labels"}) Add(path);
    std::vector<std::string> references;
    CollectReferences(message_type_, "", &references);
    for (const std::string& path : references) Add(path);
    for (std::string_view path : OwnPaths(type)) Add(path);
  }
  for (const IndexedField& field : fields_) {
    by_path_[field.path] = field.id;
    if (IsTree(type) && (field.path == "parent_region" || field.path == "parent_category")) {
      parent_ = &field;
    }
    if (model::ParentTypeOf(type) && field.path == kChildOf) child_of_ = &field;
    if (model::SubjectTypeOf(type) && field.path == "agency") subject_ = &field;
    if (field.path == "merged_into") merged_into_ = &field;
    if (field.path == "identifiers.scheme") identifier_scheme_ = &field;
    if (field.path == "identifiers.value") identifier_value_ = &field;
    if (field.path == "identifiers.verified") identifier_verified_ = &field;
  }
}

void FieldTable::Add(std::string_view path) {
  IndexedField field = Describe(message_type_, path);
  field.id = static_cast<FieldId>(fields_.size());
  fields_.push_back(std::move(field));
}

const FieldTable& FieldTable::Of(RecordType type) {
  struct Tables {
    std::array<std::unique_ptr<const FieldTable>, model::kRecordTypeSlots> by_type;
  };
  static const Tables* const kTables = [] {
    auto* tables = new Tables;
    for (RecordType each : model::kAllRecordTypes) {
      tables->by_type[static_cast<size_t>(each)].reset(new FieldTable(each));
    }
    return tables;
  }();
  return *kTables->by_type[static_cast<size_t>(type)];
}

const IndexedField* FieldTable::Find(std::string_view path) const {
  auto it = by_path_.find(path);
  return it == by_path_.end() ? nullptr : &fields_[it->second];
}

std::string MapEntry(std::string_view key, std::string_view value) {
  return StrCat(key, std::string_view("\0", 1), value);
}

}  // namespace tandem::catalog
