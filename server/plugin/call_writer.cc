// SPDX-License-Identifier: Apache-2.0

#include "plugin/call_writer.h"

#include <cstring>

#include "model/absl_strings.h"
#include "model/error.h"

namespace tandem::plugin {
namespace {

uint64_t NameBytes(const std::vector<ExposedColumn>& columns) {
  uint64_t bytes = 0;
  for (const ExposedColumn& column : columns) bytes += column.name.size();
  return bytes;
}

template <typename T>
void CopySpan(absl::Span<const T> from, uint64_t at, char* to) {
  if (!from.empty()) std::memcpy(to + at, from.data(), from.size() * sizeof(T));
}

}  // namespace

absl::StatusOr<std::vector<ExposedColumn>> ExposeColumns(const ColumnSet& table,
                                                         const std::vector<ReadColumn>& reads,
                                                         bool all) {
  std::vector<ExposedColumn> exposed;
  if (all) {
    for (const auto& [name, column] : table.columns()) exposed.push_back({name, column});
    return exposed;
  }
  for (const ReadColumn& read : reads) {
    Column::Ptr column = table.Find(read.name);
    if (column == nullptr) continue;
    if (column->layout().type != read.type) {
      return model::MakeError(
          model::Reason::kPluginRefused,
          StrCat("column ", read.name, " is ", ColumnTypeName(column->layout().type),
                 ", the manifest reads it as ", ColumnTypeName(read.type)),
          {{"column", read.name}});
    }
    exposed.push_back({read.name, std::move(column)});
  }
  return exposed;
}

CallWriter::CallWriter(const Problem& problem, const AssignTerms* terms,
                       std::vector<ExposedColumn> needs, std::vector<ExposedColumn> offers)
    : problem_(problem), terms_(terms), needs_(std::move(needs)), offers_(std::move(offers)) {
  Place(sizeof(wire::CallHeader));
  at_.n_needs = problem.pairs->n_needs();
  at_.n_offers = problem.pairs->n_offers();
  at_.n_pairs = problem.pairs->n_pairs();
  at_.pair_segment = problem.pairs->segment()->id();
  at_.offer_at = problem.pairs->offer_at();
  at_.need_units_at = Place(8 * at_.n_needs);
  at_.offer_units_at = Place(8 * at_.n_offers);
  at_.n_need_columns = needs_.size();
  at_.n_offer_columns = offers_.size();
  at_.need_columns_at = Place(sizeof(wire::ColumnRef) * needs_.size());
  at_.offer_columns_at = Place(sizeof(wire::ColumnRef) * offers_.size());
  need_names_at_ = Place(NameBytes(needs_));
  offer_names_at_ = Place(NameBytes(offers_));
  if (terms == nullptr) return;
  at_.n_groups = terms->groups.size();
  at_.n_fixed = terms->fixed.size();
  at_.score_at = Place(8 * at_.n_pairs);
  at_.groups_at = Place(sizeof(wire::GroupRef) * at_.n_groups);
  at_.fixed_at = Place(sizeof(wire::FixedRef) * at_.n_fixed);
  for (const Group& group : terms->groups) members_at_.push_back(Place(4 * group.members.size()));
}

uint64_t CallWriter::Place(uint64_t bytes) {
  uint64_t start = end_;
  end_ = wire::Align64(end_ + bytes);
  return start;
}

void CallWriter::Write(const wire::CallHeader& circumstances, char* to) const {
  wire::CallHeader head = at_;
  head.stage = circumstances.stage;
  head.request_id = circumstances.request_id;
  head.generation = circumstances.generation;
  head.seed = circumstances.seed;
  head.deadline_ns = circumstances.deadline_ns;
  head.revision = circumstances.revision;
  head.now_unix_ms = circumstances.now_unix_ms;
  head.out_segment = circumstances.out_segment;
  std::memcpy(to, &head, sizeof(head));
  CopySpan(problem_.need_units, at_.need_units_at, to);
  CopySpan(problem_.offer_units, at_.offer_units_at, to);
  WriteColumns(needs_, at_.need_columns_at, need_names_at_, to);
  WriteColumns(offers_, at_.offer_columns_at, offer_names_at_, to);
  if (terms_ == nullptr) return;
  CopySpan(terms_->score, at_.score_at, to);
  for (size_t i = 0; i < terms_->groups.size(); ++i) {
    const Group& group = terms_->groups[i];
    wire::GroupRef ref = {static_cast<uint64_t>(group.side), members_at_[i], group.members.size(),
                          group.min_units, group.max_units};
    std::memcpy(to + at_.groups_at + i * sizeof(ref), &ref, sizeof(ref));
    CopySpan(absl::MakeConstSpan(group.members), members_at_[i], to);
  }
  for (size_t i = 0; i < terms_->fixed.size(); ++i) {
    wire::FixedRef ref = {terms_->fixed[i].pair, terms_->fixed[i].units};
    std::memcpy(to + at_.fixed_at + i * sizeof(ref), &ref, sizeof(ref));
  }
}

void CallWriter::WriteColumns(const std::vector<ExposedColumn>& columns, uint64_t refs_at,
                              uint64_t names_at, char* to) const {
  for (const ExposedColumn& exposed : columns) {
    const ColumnLayout& layout = exposed.column->layout();
    wire::ColumnRef ref{};
    ref.segment = exposed.column->segment()->id();
    ref.type = static_cast<uint32_t>(layout.type);
    ref.has_validity = layout.has_validity ? 1 : 0;
    ref.name = names_at;
    ref.name_length = exposed.name.size();
    ref.length = layout.length;
    ref.values = layout.values;
    ref.values_bytes = layout.values_bytes;
    ref.validity = layout.validity;
    ref.offsets = layout.offsets;
    ref.dict_length = layout.dict_length;
    ref.dict_offsets = layout.dict_offsets;
    ref.dict_bytes = layout.dict_bytes;
    ref.digest[0] = exposed.column->digest()[0];
    ref.digest[1] = exposed.column->digest()[1];
    std::memcpy(to + refs_at, &ref, sizeof(ref));
    std::memcpy(to + names_at, exposed.name.data(), exposed.name.size());
    refs_at += sizeof(ref);
    names_at += exposed.name.size();
  }
}

}  // namespace tandem::plugin
