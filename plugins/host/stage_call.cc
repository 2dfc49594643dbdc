// SPDX-License-Identifier: Apache-2.0

#include "host/stage_call.h"

#include <vector>

namespace tandem::host {
namespace {

// Everything a problem points to, kept alive for one call.
class ProblemBuilder {
 public:
  ProblemBuilder(const SegmentTable& segments, uint64_t call_segment)
      : segments_(segments),
        call_(call_segment),
        head_(*segments.Array<const wire::CallHeader>(call_segment, 0, 1)) {
    need_columns_ = Columns(head_.need_columns_at, head_.n_need_columns);
    offer_columns_ = Columns(head_.offer_columns_at, head_.n_offer_columns);
    needs_ = Table(need_columns_, head_.n_needs);
    offers_ = Table(offer_columns_, head_.n_offers);
    pairs_ = {
        sizeof(tandem_pairs),
        0,
        head_.n_needs,
        head_.n_offers,
        head_.n_pairs,
        segments_.Array<const uint64_t>(head_.pair_segment, head_.row_start_at, head_.n_needs + 1),
        segments_.Array<const uint32_t>(head_.pair_segment, head_.offer_at, head_.n_pairs)};
    problem_.struct_size = sizeof(problem_);
    problem_.needs = &needs_;
    problem_.offers = &offers_;
    problem_.pairs = &pairs_;
    problem_.need_units = segments_.Array<const int64_t>(call_, head_.need_units_at, head_.n_needs);
    problem_.offer_units =
        segments_.Array<const int64_t>(call_, head_.offer_units_at, head_.n_offers);
    if (head_.stage == wire::Stage::kAssign) AddTerms();
  }

  const wire::CallHeader& head() const { return head_; }
  const tandem_problem& problem() const { return problem_; }

 private:
  std::vector<tandem_column> Columns(uint64_t at, uint64_t count) const {
    const auto* refs = segments_.Array<const wire::ColumnRef>(call_, at, count);
    std::vector<tandem_column> columns(count);
    for (uint64_t i = 0; i < count; ++i) {
      const wire::ColumnRef& ref = refs[i];
      tandem_column& column = columns[i];
      column.struct_size = sizeof(column);
      column.type = ref.type;
      column.name = {segments_.At(call_, ref.name, ref.name_length, 1), ref.name_length};
      column.length = ref.length;
      column.values = segments_.At(ref.segment, ref.values, ref.values_bytes, 1);
      column.values_bytes = ref.values_bytes;
      if (ref.has_validity != 0) {
        column.validity =
            segments_.Array<const uint8_t>(ref.segment, ref.validity, (ref.length + 7) / 8);
      }
      if (ref.type == TANDEM_UTF8 || ref.type == TANDEM_CODELIST) {
        column.offsets = segments_.Array<const uint32_t>(ref.segment, ref.offsets, ref.length + 1);
      }
      if (ref.type == TANDEM_CODE32 || ref.type == TANDEM_CODELIST) {
        column.dict_length = ref.dict_length;
        column.dict_offsets =
            segments_.Array<const uint32_t>(ref.segment, ref.dict_offsets, ref.dict_length + 1);
        column.dict_bytes =
            segments_.At(ref.segment, ref.dict_bytes, column.dict_offsets[ref.dict_length], 1);
      }
      column.digest[0] = ref.digest[0];
      column.digest[1] = ref.digest[1];
    }
    return columns;
  }

  static tandem_table Table(const std::vector<tandem_column>& columns, uint64_t rows) {
    return {sizeof(tandem_table), static_cast<uint32_t>(columns.size()), rows, columns.data(),
            sizeof(tandem_column)};
  }

  void AddTerms() {
    problem_.score = segments_.Array<const int64_t>(call_, head_.score_at, head_.n_pairs);
    const auto* groups =
        segments_.Array<const wire::GroupRef>(call_, head_.groups_at, head_.n_groups);
    for (uint64_t i = 0; i < head_.n_groups; ++i) {
      const wire::GroupRef& ref = groups[i];
      groups_.push_back({sizeof(tandem_group), static_cast<uint32_t>(ref.side), ref.n_members,
                         segments_.Array<const uint32_t>(call_, ref.members, ref.n_members),
                         ref.min_units, ref.max_units});
    }
    const auto* fixed = segments_.Array<const wire::FixedRef>(call_, head_.fixed_at, head_.n_fixed);
    for (uint64_t i = 0; i < head_.n_fixed; ++i) {
      fixed_.push_back({sizeof(tandem_fixed), 0, fixed[i].pair, fixed[i].units});
    }
    problem_.n_groups = head_.n_groups;
    problem_.groups = groups_.data();
    problem_.group_stride = sizeof(tandem_group);
    problem_.n_fixed = head_.n_fixed;
    problem_.fixed = fixed_.data();
    problem_.fixed_stride = sizeof(tandem_fixed);
  }

  const SegmentTable& segments_;
  const uint64_t call_;
  const wire::CallHeader& head_;
  std::vector<tandem_column> need_columns_, offer_columns_;
  std::vector<tandem_group> groups_;
  std::vector<tandem_fixed> fixed_;
  tandem_table needs_{}, offers_{};
  tandem_pairs pairs_{};
  tandem_problem problem_{};
};

tandem_status RunAssign(const SegmentTable& segments, const wire::CallHeader& head,
                        const StageTables& stages, void* instance, const tandem_call& call,
                        const tandem_problem& problem) {
  wire::AssignLayout at(head.n_pairs, head.n_needs, head.n_offers, head.n_groups);
  char* base = segments.At(head.out_segment, 0, at.bytes, 1);
  tandem_assignment out{};
  out.struct_size = sizeof(out);
  out.room = head.n_pairs;
  out.pair = reinterpret_cast<uint64_t*>(base + at.pair);
  out.units = reinterpret_cast<int64_t*>(base + at.units);
  out.need_potential = reinterpret_cast<int64_t*>(base + at.need);
  out.offer_potential = reinterpret_cast<int64_t*>(base + at.offer);
  out.group_potential = reinterpret_cast<int64_t*>(base + at.group);
  out.violated_group = TANDEM_NO_GROUP;
  tandem_status status = stages.assign->run(instance, &call, &problem, &out);
  auto* written = reinterpret_cast<wire::AssignHead*>(base);
  written->count = out.count;
  written->has_potentials = out.has_potentials;
  written->objective = out.objective;
  written->violated_group = out.violated_group;
  written->units_short = out.units_short;
  return status;
}

}  // namespace

tandem_status RunStage(const SegmentTable& segments, uint64_t call_segment,
                       const StageTables& stages, void* instance, void* ctx) {
  ProblemBuilder builder(segments, call_segment);
  const wire::CallHeader& head = builder.head();
  tandem_call call{};
  call.struct_size = sizeof(call);
  call.request_id = head.request_id;
  call.generation = head.generation;
  call.revision = head.revision;
  call.seed = head.seed;
  call.now_unix_ms = head.now_unix_ms;
  call.deadline_ns = head.deadline_ns;
  call.ctx = ctx;
  const tandem_problem& problem = builder.problem();
  switch (head.stage) {
    case wire::Stage::kFilter: {
      if (stages.filter == nullptr) return TANDEM_UNSUPPORTED;
      char* base =
          segments.At(head.out_segment, 0, wire::ReasonsAt(head.n_pairs) + 2 * head.n_pairs, 1);
      tandem_verdicts out = {sizeof(out), 0, head.n_pairs, reinterpret_cast<uint8_t*>(base),
                             reinterpret_cast<uint16_t*>(base + wire::ReasonsAt(head.n_pairs))};
      return stages.filter->run(instance, &call, &problem, &out);
    }
    case wire::Stage::kScore: {
      if (stages.score == nullptr) return TANDEM_UNSUPPORTED;
      tandem_scores out = {sizeof(out), 0, head.n_pairs,
                           segments.Array<double>(head.out_segment, 0, head.n_pairs)};
      return stages.score->run(instance, &call, &problem, &out);
    }
    case wire::Stage::kAssign:
      if (stages.assign == nullptr) return TANDEM_UNSUPPORTED;
      return RunAssign(segments, head, stages, instance, call, problem);
  }
  Die("a call names no stage");
}

}  // namespace tandem::host
