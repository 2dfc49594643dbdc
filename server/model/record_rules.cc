// SPDX-License-Identifier: Apache-2.0

#include "model/record_rules.h"

#include "model/absl_strings.h"
#include "model/field_rules.h"

namespace tandem::model {
namespace {

template <typename T>
const T& As(const google::protobuf::Message& record) {
  return static_cast<const T&>(record);
}

void CheckAcrossFields(RecordType type, const google::protobuf::Message& record,
                       RuleFindings* findings) {
  switch (type) {
    case RecordType::kAgency:
      return CheckAgency(As<v1::Agency>(record), findings);
    case RecordType::kServiceCategory:
      return CheckServiceCategory(As<v1::ServiceCategory>(record), findings);
    case RecordType::kRegion:
      return CheckRegion(As<v1::Region>(record), findings);
    case RecordType::kRound:
      return CheckRound(As<v1::Round>(record), findings);
    case RecordType::kOffer:
      return CheckOffer(As<v1::Offer>(record), findings);
    case RecordType::kNeed:
      return CheckNeed(As<v1::Need>(record), findings);
    case RecordType::kPairing:
      return CheckPairing(As<v1::Pairing>(record), findings);
    case RecordType::kMatchProfile:
      return CheckMatchProfile(As<v1::MatchProfile>(record), findings);
    case RecordType::kContact:
      return CheckContact(As<v1::Contact>(record), findings);
    case RecordType::kSource:
      return CheckSource(As<v1::Source>(record), findings);
    case RecordType::kSynonymSet:
      return CheckSynonymSet(As<v1::SynonymSet>(record), findings);
    case RecordType::kFieldConflict:
    case RecordType::kActivity:
    case RecordType::kMatchRun:
    case RecordType::kMatchChunk:
      return;
  }
}

}  // namespace

void RuleFindings::Add(std::string_view path, std::string_view description) {
  violations_->push_back({StrCat(prefix_, path), std::string(description)});
}

void RuleFindings::AddAt(std::string_view list, int index, std::string_view path,
                         std::string_view description) {
  Add(StrCat(list, "[", index, "]", path.empty() ? "" : ".", path), description);
}

void CheckDayOrder(std::string_view first, std::string_view last, std::string_view last_path,
                   RuleFindings* findings) {
  if (first.empty() || last.empty() || last >= first) return;
  findings->Add(last_path, StrCat(last, " lies before ", first));
}

void CheckRecord(RecordType type, google::protobuf::Message* record, std::string_view prefix,
                 std::vector<FieldViolation>* violations) {
  if (type == RecordType::kAgency) NormaliseAgency(static_cast<v1::Agency*>(record));
  CheckFields(record, prefix, violations);
  RuleFindings findings(prefix, violations);
  CheckAcrossFields(type, *record, &findings);
  if (size_t size = record->ByteSizeLong(); size > kMaxRecordBytes) {
    std::string_view path = prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1);
    violations->push_back({std::string(path), StrCat("the record has ", size, " bytes; at most ",
                                                     kMaxRecordBytes, " are allowed")});
  }
}

}  // namespace tandem::model
