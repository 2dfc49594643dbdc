// SPDX-License-Identifier: Apache-2.0

#include "model/basic_view.h"

#include <array>
#include <cstdint>

#include "absl/types/span.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_traits.h"

namespace tandem::model {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr std::string_view kOfEvery[] = {"name", "display_name", "update_time", "delete_time",
                                         "etag"};

absl::Span<const std::string_view> OwnFields(RecordType type) {
  static constexpr std::string_view kAgency[] = {"status",     "home_region", "categories",
                                                 "assessment", "location",    "merged_into"};
  static constexpr std::string_view kContact[] = {"role", "phone_number", "email"};
  static constexpr std::string_view kCategory[] = {"taxonomy", "code", "parent_category", "facet",
                                                   "state"};
  static constexpr std::string_view kRegion[] = {"code", "level", "parent_region", "designations",
                                                 "centroid"};
  static constexpr std::string_view kRound[] = {"state", "programme", "apply_window", "chosen_run"};
  static constexpr std::string_view kOffer[] = {"round",      "agency",   "slots",
                                                "categories", "corridor", "state"};
  static constexpr std::string_view kNeed[] = {"round", "region",           "category",
                                               "slots", "receiving_agency", "state"};
  static constexpr std::string_view kPairing[] = {"round",
                                                  "need",
                                                  "offer",
                                                  "agency",
                                                  "slots",
                                                  "state",
                                                  "receiving_agency",
                                                  "receiving_region",
                                                  "category"};
  static constexpr std::string_view kRun[] = {"round", "state", "done"};
  static constexpr std::string_view kActivity[] = {"activity_date", "kind", "participants",
                                                   "occurred_time"};
  static constexpr std::string_view kSynonymSet[] = {"words", "targets"};
  switch (type) {
    case RecordType::kAgency:
      return kAgency;
    case RecordType::kContact:
      return kContact;
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
    case RecordType::kMatchRun:
      return kRun;
    case RecordType::kActivity:
      return kActivity;
    case RecordType::kSynonymSet:
      return kSynonymSet;
    default:
      return {};
  }
}

// Whether a field is in the view, by its number; numbers beyond are not.
using FieldSet = std::array<bool, 64>;

const FieldSet& FieldsOf(RecordType type) {
  static const auto* const kSets = [] {
    auto* sets = new std::array<FieldSet, kRecordTypeSlots>();
    for (const ResourceTraits& resource : AllResources()) {
      const auto& message = *resource.prototype->GetDescriptor();
      auto add = [&](absl::Span<const std::string_view> names) {
        for (std::string_view name : names) {
          const auto* field = message.FindFieldByName(std::string(name));
          (*sets)[static_cast<size_t>(resource.type)].at(static_cast<size_t>(field->number())) =
              true;
        }
      };
      add(kOfEvery);
      add(OwnFields(resource.type));
    }
    return sets;
  }();
  return (*kSets)[static_cast<size_t>(type)];
}

}  // namespace

std::vector<std::string_view> BasicFields(RecordType type) {
  std::vector<std::string_view> names;
  const auto& message = *FindResource(type)->prototype->GetDescriptor();
  const FieldSet& fields = FieldsOf(type);
  for (size_t number = 0; number < fields.size(); ++number) {
    if (!fields[number]) continue;
    names.push_back(message.FindFieldByNumber(static_cast<int>(number))->name());
  }
  return names;
}

absl::StatusOr<std::string> CutToBasic(RecordType type, std::string_view bytes) {
  const FieldSet& fields = FieldsOf(type);
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  std::string cut;
  while (true) {
    const auto begin = static_cast<size_t>(in.CurrentPosition());
    const uint32_t tag = in.ReadTag();
    if (tag == 0 || !WireFormatLite::SkipField(&in, tag)) break;
    const auto number = static_cast<size_t>(WireFormatLite::GetTagFieldNumber(tag));
    if (number >= fields.size() || !fields[number]) continue;
    cut.append(bytes.substr(begin, static_cast<size_t>(in.CurrentPosition()) - begin));
  }
  if (!in.ConsumedEntireMessage()) {
    return MakeError(Reason::kRecordCorrupt, StrCat("a record of ", CollectionOf(type),
                                                    " can't be read: its bytes are no wire form"));
  }
  return cut;
}

}  // namespace tandem::model
