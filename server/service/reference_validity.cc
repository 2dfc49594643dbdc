// SPDX-License-Identifier: Apache-2.0

#include "service/reference_validity.h"

#include <string>
#include <vector>

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

// The day an element names for itself; empty when it names none.
std::string OwnDay(const Message& element) {
  for (const char* name : {"start_date", "sign_date", "end_date"}) {
    const FieldDescriptor* field = element.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) continue;
    std::string day = element.GetReflection()->GetString(element, field);
    if (!day.empty()) return day;
  }
  return "";
}

// One reference of a record; valid while it is being visited.
struct Found {
  std::string_view unit;
  // Empty: any.
  std::string_view day;
};

// Visits the references of one row of the table in one record. Paths are built only when asked for.
class ReferenceFinder {
 public:
  // `today` is borrowed.
  ReferenceFinder(ReferenceDay day, std::string_view today) : day_(day), today_(today) {}

  // Calls visit(reference) for each reference at `path` below `message`.
  template <typename Visitor>
  void Find(const Message& message, std::string_view path, const Visitor& visit) {
    const size_t dot = path.find('.');
    const std::string name(path.substr(0, dot));
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
    const Reflection& reflection = *message.GetReflection();
    const bool repeated = field->is_repeated();
    const int size = repeated ? reflection.FieldSize(message, field) : 1;
    steps_.push_back({field, -1});
    for (int i = 0; i < size; ++i) {
      if (repeated) steps_.back().index = i;
      if (dot != std::string_view::npos) {
        if (!repeated && !reflection.HasField(message, field)) continue;
        Find(repeated ? reflection.GetRepeatedMessage(message, field, i)
                      : reflection.GetMessage(message, field),
             path.substr(dot + 1), visit);
        continue;
      }
      std::string scratch;
      const std::string& unit =
          repeated ? reflection.GetRepeatedStringReference(message, field, i, &scratch)
                   : reflection.GetStringReference(message, field, &scratch);
      if (unit.empty()) continue;
      const std::string own = day_ == ReferenceDay::kOwn ? OwnDay(message) : std::string();
      visit(Found{unit, day_ == ReferenceDay::kOwn ? std::string_view(own) : today_});
    }
    steps_.pop_back();
  }

  // Where the visited reference stands, with indices: "contracts[2].region".
  std::string Path() const {
    std::string path;
    for (const Step& step : steps_) {
      StrAppend(&path, path.empty() ? "" : ".", step.field->name());
      if (step.index >= 0) StrAppend(&path, "[", step.index, "]");
    }
    return path;
  }

 private:
  struct Step {
    const FieldDescriptor* field;
    // -1: not an element.
    int index;
  };
  const ReferenceDay day_;
  const std::string_view today_;
  std::vector<Step> steps_;
};

// Whether `record` has the reference already.
bool Has(const model::ReferenceDayRow& row, const Message& record, std::string_view today,
         const Found& wanted) {
  bool found = false;
  ReferenceFinder(row.day, today).Find(record, row.path, [&](const Found& each) {
    found = found || (each.unit == wanted.unit && each.day == wanted.day);
  });
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
  const query::Succession units(view, type, std::string(reference.day));
  const std::optional<catalog::UnitValidity> days = units.Validity(reference.unit);
  if (!days || days->IsValidOn(reference.day)) return "";
  if (days->StartsAfter(reference.day)) {
    return StrCat(reference.unit, " starts on ", days->from, ", after ", reference.day);
  }
  const std::string successors = SuccessorsText(units, std::string(reference.unit));
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
    const RecordType target = *catalog::FieldTable::Of(type).Find(row.path)->target;
    ReferenceFinder finder(row.day, today);
    finder.Find(after, row.path, [&](const Found& reference) {
      if (reference.day.empty()) return;
      std::string problem = Problem(reader.view(), target, reference);
      // What the record said before stays allowed.
      if (problem.empty() || (before != nullptr && Has(row, *before, today, reference))) return;
      violations.push_back({StrCat(prefix, finder.Path()), std::move(problem)});
    });
  }
  return violations.empty() ? absl::OkStatus() : model::FieldsInvalid(violations);
}

}  // namespace tandem::service
