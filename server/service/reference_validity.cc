// SPDX-License-Identifier: Apache-2.0

#include "service/reference_validity.h"

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "model/absl_strings.h"
#include "model/calendar_date.h"
#include "model/error.h"
#include "model/reference_day.h"
#include "query/succession.h"

namespace tandem::service {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using model::RecordType;
using model::ReferenceDay;

// Successors named in an error.
constexpr size_t kMostNamed = 5;

// One reference of a record.
struct Found {
  // With indices: "contracts[2].region".
  std::string path;
  std::string unit;
  // Empty: any.
  std::string day;
};

std::string TextOf(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? std::string() : message.GetReflection()->GetString(message, field);
}

// The day an element names for itself.
std::string OwnDay(const Message& element) {
  for (const char* name : {"start_date", "sign_date", "end_date"}) {
    std::string day = TextOf(element, name);
    if (!day.empty()) return day;
  }
  return "";
}

// Finds the references of one row of the table in one record.
class ReferenceFinder {
 public:
  ReferenceFinder(ReferenceDay day, std::string_view today, std::vector<Found>* found)
      : day_(day), today_(today), found_(found) {}

  // `path` below `message`, which stands at `place` ("contracts[2].").
  void Find(const Message& message, std::string_view path, const std::string& place) {
    const size_t dot = path.find('.');
    const std::string name(path.substr(0, dot));
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
    const Reflection& reflection = *message.GetReflection();
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      const std::string here =
          StrCat(place, name, field->is_repeated() ? StrCat("[", i, "]") : std::string());
      if (dot != std::string_view::npos) {
        if (!field->is_repeated() && !reflection.HasField(message, field)) continue;
        Find(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                  : reflection.GetMessage(message, field),
             path.substr(dot + 1), StrCat(here, "."));
        continue;
      }
      std::string unit = field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                              : reflection.GetString(message, field);
      if (unit.empty()) continue;
      found_->push_back(
          {here, std::move(unit), day_ == ReferenceDay::kOwn ? OwnDay(message) : today_});
    }
  }

 private:
  const ReferenceDay day_;
  const std::string today_;
  std::vector<Found>* const found_;
};

std::vector<Found> FindReferences(const model::ReferenceDayRow& row, const Message& record,
                                  std::string_view today) {
  std::vector<Found> found;
  ReferenceFinder(row.day, today, &found).Find(record, row.path, "");
  return found;
}

// "regions/1 (600 ‰), regions/2 (400 ‰)".
std::string SuccessorsText(const query::Succession& units, const std::string& unit) {
  std::string text;
  size_t named = 0;
  for (const auto& [name, amount] : units.Carry({{unit, 1000}}).units) {
    if (++named > kMostNamed) return StrCat(text, " …");
    StrAppend(&text, text.empty() ? "" : ", ", name);
    if (amount.all < 1000) StrAppend(&text, " (", amount.all, " ‰)");
  }
  return text;
}

// What is wrong with the reference; empty when it is right.
std::string Problem(const catalog::View& view, RecordType type, const Found& reference) {
  const query::Succession units(view, type, reference.day);
  const std::optional<catalog::UnitValidity> days = units.Validity(reference.unit);
  if (!days || days->IsValidOn(reference.day)) return "";
  if (days->StartsAfter(reference.day)) {
    return StrCat(reference.unit, " starts on ", days->from, ", after ", reference.day);
  }
  const std::string successors = SuccessorsText(units, reference.unit);
  return StrCat(
      reference.unit,
      days->to.empty() ? std::string(" is superseded") : StrCat(" ended on ", days->to),
      successors.empty() ? std::string("; it has no successor") : StrCat("; use ", successors));
}

}  // namespace

absl::Status CheckReferenceDays(RecordType type, const Message* before, const Message& after,
                                absl::Time now, std::string_view prefix,
                                const DirectoryReader& reader) {
  std::vector<model::FieldViolation> violations;
  std::string today;
  for (const model::ReferenceDayRow& row : model::ReferenceDays()) {
    if (row.type != type || row.day == ReferenceDay::kAny) continue;
    if (today.empty()) today = model::UtcDay(now);
    absl::flat_hash_set<std::string> known;
    if (before != nullptr) {
      for (const Found& reference : FindReferences(row, *before, today)) {
        known.insert(StrCat(reference.unit, " ", reference.day));
      }
    }
    const catalog::IndexedField* field = catalog::FieldTable::Of(type).Find(row.path);
    for (const Found& reference : FindReferences(row, after, today)) {
      if (reference.day.empty() || known.contains(StrCat(reference.unit, " ", reference.day))) {
        continue;
      }
      std::string problem = Problem(reader.view(), *field->target, reference);
      if (!problem.empty()) {
        violations.push_back({StrCat(prefix, reference.path), std::move(problem)});
      }
    }
  }
  return violations.empty() ? absl::OkStatus() : model::FieldsInvalid(violations);
}

}  // namespace tandem::service
