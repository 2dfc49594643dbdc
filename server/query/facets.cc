// SPDX-License-Identifier: Apache-2.0

#include "query/facets.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "catalog/text_hash.h"
#include "google/protobuf/descriptor.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "query/name_list.h"
#include "tandem/v1/region.pb.h"

namespace tandem::query {
namespace {

using catalog::Code;
using catalog::Column;
using catalog::FieldKind;
using catalog::IndexedField;
using catalog::Segment;

bool CanBeCounted(const IndexedField& field) {
  return field.kind == FieldKind::kEnum || field.kind == FieldKind::kBool ||
         field.kind == FieldKind::kReference;
}

// What a facet asks for: a field, and for regions perhaps the level counted at.
struct FacetField {
  const IndexedField* field = nullptr;
  std::optional<int64_t> level;
};

// Reads "home_region" or "home_region@county"; nullopt when that can't be counted.
std::optional<FacetField> ReadFacet(model::RecordType type, std::string_view text) {
  const size_t at = text.find('@');
  FacetField facet;
  facet.field = catalog::FieldTable::Of(type).Find(text.substr(0, at));
  if (facet.field == nullptr || !CanBeCounted(*facet.field)) return std::nullopt;
  if (at == std::string_view::npos) return facet;
  const std::string name =
      StrCat("REGION_LEVEL_", absl::AsciiStrToUpper(ToAbsl(text.substr(at + 1))));
  v1::RegionLevel level = v1::REGION_LEVEL_UNSPECIFIED;
  if (!facet.field->tree || facet.field->target != model::RecordType::kRegion ||
      !v1::RegionLevel_Parse(name, &level) || level == v1::REGION_LEVEL_UNSPECIFIED) {
    return std::nullopt;
  }
  facet.level = level;
  return facet;
}

// Counts of one field.
class FieldCounter {
 public:
  FieldCounter(const std::string& name, const FacetField& facet, const catalog::View& view)
      : name_(name), field_(*facet.field), level_(facet.level), view_(view) {}

  // Adds the rows of a segment; `matches` holds the same as `rows`.
  void Add(const catalog::SegmentView& part, const std::vector<uint32_t>& rows,
           const catalog::RowBits& matches) {
    const Column* column = part.segment().column(field_.id);
    if (field_.tree) {
      column = part.segment().closure(field_.id, view_.tree_version(*field_.target));
    }
    if (column == nullptr) {
      for (uint32_t row : rows) AddRow(part.segment(), row);
      return;
    }
    for (Code code = 0; code < column->distinct(); ++code) {
      const catalog::RowSet having = column->Rows(code);
      const int64_t count = having.size() == part.row_count() ? static_cast<int64_t>(rows.size())
                                                              : Common(having, matches);
      if (count == 0) continue;
      if (column->is_text()) {
        texts_[std::string(column->text_value(code))] += count;
      } else {
        numbers_[column->integer_value(code)] += count;
      }
    }
  }

  Facet Take() {
    Facet facet;
    facet.field = name_;
    for (const auto& [text, count] : texts_) {
      if (IsAtLevel(text)) facet.values.push_back({text, count});
    }
    for (const auto& [number, count] : numbers_) facet.values.push_back({NameOf(number), count});
    std::sort(facet.values.begin(), facet.values.end(),
              [](const FacetValue& a, const FacetValue& b) {
                return a.count != b.count ? a.count > b.count : a.value < b.value;
              });
    if (facet.values.size() > kMaxFacetValues) facet.values.resize(kMaxFacetValues);
    return facet;
  }

 private:
  static int64_t Common(const catalog::RowSet& rows, const catalog::RowBits& matches) {
    if (rows.bits() != nullptr) return static_cast<int64_t>(rows.bits()->CountCommon(matches));
    int64_t count = 0;
    for (uint16_t row : rows.rows()) count += matches.Contains(row) ? 1 : 0;
    return count;
  }

  // The values of one row, each once.
  void AddRow(const Segment& segment, uint32_t row) {
    if (!field_.is_text()) {
      std::vector<int64_t> values;
      if (!field_.repeated) {
        if (auto value = segment.Integer(field_.id, row)) values.push_back(*value);
      }
      for (uint32_t i = 0; field_.repeated && i < segment.ListSize(field_.id, row); ++i) {
        values.push_back(segment.ListInteger(field_.id, row, i));
      }
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      for (int64_t value : values) ++numbers_[value];
      return;
    }
    catalog::TextSet values;
    auto add = [&](std::string_view value) {
      if (value.empty()) return;
      if (!field_.tree) {
        values.emplace(value);
        return;
      }
      for (std::string_view name : view_.tree(*field_.target).AncestorsOrSelf(value)) {
        values.emplace(name);
      }
    };
    if (!field_.repeated) add(segment.Text(field_.id, row).value_or(std::string_view()));
    for (uint32_t i = 0; field_.repeated && i < segment.ListSize(field_.id, row); ++i) {
      add(segment.ListText(field_.id, row, i));
    }
    for (const std::string& value : values) ++texts_[value];
  }

  // Whether a value is told: with a level, the regions of that level.
  bool IsAtLevel(const std::string& region) const {
    if (!level_) return true;
    const std::optional<catalog::RowRef> row = view_.FindName(region);
    const IndexedField& level = *catalog::FieldTable::Of(model::RecordType::kRegion).Find("level");
    return row && row->segment->Integer(level.id, row->row) == *level_;
  }

  std::string NameOf(int64_t number) const {
    if (field_.kind == FieldKind::kBool) return number != 0 ? "true" : "false";
    const auto* value = field_.enum_type->FindValueByNumber(static_cast<int>(number));
    return value == nullptr ? std::to_string(number) : value->name();
  }

  const std::string name_;
  const IndexedField& field_;
  const std::optional<int64_t> level_;
  const catalog::View& view_;
  std::map<std::string, int64_t> texts_;
  std::map<int64_t, int64_t> numbers_;
};

}  // namespace

std::string FacetFields(model::RecordType type) {
  std::vector<std::string_view> paths;
  for (const IndexedField& field : catalog::FieldTable::Of(type).fields()) {
    if (CanBeCounted(field)) paths.push_back(field.path);
  }
  std::sort(paths.begin(), paths.end());
  return JoinNames(paths);
}

absl::Status CheckFacets(model::RecordType type, const std::vector<std::string>& fields) {
  if (fields.size() > kMaxFacets) {
    return model::FieldsInvalid({{"facets", StrCat("has more than ", kMaxFacets, " fields")}});
  }
  std::vector<model::FieldViolation> wrong;
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string place = StrCat("facets[", i, "]");
    if (!ReadFacet(type, fields[i])) {
      wrong.push_back({place, StrCat("can't be counted; allowed: ", FacetFields(type),
                                     "; regions also at a level, as in home_region@county")});
    } else if (std::find(fields.begin(), fields.begin() + static_cast<ptrdiff_t>(i), fields[i]) !=
               fields.begin() + static_cast<ptrdiff_t>(i)) {
      wrong.push_back({place, "is named twice"});
    }
  }
  if (!wrong.empty()) return model::FieldsInvalid(wrong);
  return absl::OkStatus();
}

absl::StatusOr<FacetCounts> CountFacets(const catalog::View& view, model::RecordType type,
                                        const Condition& condition,
                                        const std::vector<std::string>& fields, StopCheck stop) {
  std::vector<FieldCounter> counters;
  counters.reserve(fields.size());
  for (const std::string& field : fields) {
    counters.emplace_back(field, *ReadFacet(type, field), view);
  }
  FacetCounts counts;
  for (const catalog::SegmentView& part : view.segments(type)) {
    const SegmentRows selected(condition, view, part, false);
    std::vector<uint32_t> rows;
    const bool finished = selected.ForEach([&](uint32_t row) {
      rows.push_back(row);
      return stop.Step();
    });
    if (!finished || !stop.Check()) return stop.status();
    counts.total += static_cast<int64_t>(rows.size());
    if (rows.empty()) continue;
    const std::vector<uint16_t> narrow(rows.begin(), rows.end());
    const catalog::RowBits matches(narrow, part.row_count());
    for (FieldCounter& counter : counters) counter.Add(part, rows, matches);
  }
  for (FieldCounter& counter : counters) counts.facets.push_back(counter.Take());
  return counts;
}

}  // namespace tandem::query
