// SPDX-License-Identifier: Apache-2.0

// Typed, bounds-honest views of a problem for C++ plugins: tables, columns, pairs, groups, and the
// solver's output. Header-only, C++17; part of tandem_plugin.hpp. Nothing here owns what it shows:
// a view is valid until the stage returns. Everything that can be wrong throws tandem::Error, which
// the wrapper turns into a status with a text; no exception leaves the plugin.
#pragma once

#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tandem_plugin.h"

namespace tandem {

// A failure with its status code; throw it anywhere in a constructor or a stage.
class Error : public std::runtime_error {
 public:
  Error(tandem_status code, const std::string& why) : std::runtime_error(why), code_(code) {}
  // One of TANDEM_SKIP … TANDEM_OUT_OF_RANGE.
  tandem_status code() const { return code_; }

 private:
  tandem_status code_;
};

// A borrowed run of values.
template <typename T>
class Span {
 public:
  Span() = default;
  Span(T* data, size_t size) : data_(data), size_(size) {}
  T* begin() const { return data_; }
  T* end() const { return data_ + size_; }
  T* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

// What every kind of column has: its length, and whether a cell has a value.
class Column {
 public:
  explicit Column(const tandem_column* column) : column_(column) {}
  // Cells.
  size_t size() const { return static_cast<size_t>(column_->length); }
  // False where the record has no such value.
  bool has(size_t i) const {
    return column_->validity == nullptr || ((column_->validity[i >> 3] >> (i & 7U)) & 1U) != 0;
  }
  // Equal keys mean equal content.
  Span<const uint64_t> digest() const { return {column_->digest, 2}; }

 protected:
  std::string_view Entry(uint32_t code) const {
    if (code >= column_->dict_length) throw Error(TANDEM_BAD_INPUT, "code beyond its dictionary");
    const uint32_t* at = column_->dict_offsets + code;
    return {column_->dict_bytes + at[0], at[1] - at[0]};
  }
  const tandem_column* column_;
};

// A column of numbers: TANDEM_F64, TANDEM_I64 or TANDEM_BOOL8. A null cell reads 0.
template <typename T>
class NumberColumn : public Column {
 public:
  explicit NumberColumn(const tandem_column* column)
      : Column(column), values_(static_cast<const T*>(column->values)) {}
  T operator[](size_t i) const { return values_[i]; }
  T value_or(size_t i, T missing) const { return has(i) ? values_[i] : missing; }

 private:
  const T* values_;
};

// A column of codes with a dictionary: TANDEM_CODE32.
class CodeColumn : public Column {
 public:
  using Column::Column;
  // The cell's code; equal codes are equal texts of this column. Look at has() first.
  uint32_t operator[](size_t i) const { return static_cast<const uint32_t*>(column_->values)[i]; }
  // Different codes in this column's dictionary.
  size_t dict_size() const { return static_cast<size_t>(column_->dict_length); }
  // The text of a code.
  std::string_view entry(uint32_t code) const { return Entry(code); }
  // The cell's text; empty for a null cell.
  std::string_view text(size_t i) const { return has(i) ? Entry((*this)[i]) : std::string_view(); }
};

// A column of code lists with one dictionary: TANDEM_CODELIST.
class CodeListColumn : public Column {
 public:
  using Column::Column;
  // The cell's codes; empty for a null cell.
  Span<const uint32_t> operator[](size_t i) const {
    const uint32_t* codes = static_cast<const uint32_t*>(column_->values);
    return {codes + column_->offsets[i], column_->offsets[i + 1] - column_->offsets[i]};
  }
  size_t dict_size() const { return static_cast<size_t>(column_->dict_length); }
  std::string_view entry(uint32_t code) const { return Entry(code); }
};

// A column of texts: TANDEM_UTF8.
class TextColumn : public Column {
 public:
  using Column::Column;
  std::string_view operator[](size_t i) const {
    return {static_cast<const char*>(column_->values) + column_->offsets[i],
            column_->offsets[i + 1] - column_->offsets[i]};
  }
};

// One table. A column that is absent or of another type throws TANDEM_BAD_INPUT naming it.
class Table {
 public:
  Table(const char* name, const tandem_table* table) : name_(name), table_(table) {}
  // Rows.
  size_t size() const { return static_cast<size_t>(table_->n_rows); }
  // Whether the column is here; only columns of the manifest's "reads" ever are.
  bool has(std::string_view column) const { return Find(column) != nullptr; }
  NumberColumn<double> f64(std::string_view column) const {
    return NumberColumn<double>(Need(column, TANDEM_F64, "f64"));
  }
  NumberColumn<int64_t> i64(std::string_view column) const {
    return NumberColumn<int64_t>(Need(column, TANDEM_I64, "i64"));
  }
  NumberColumn<uint8_t> flag(std::string_view column) const {
    return NumberColumn<uint8_t>(Need(column, TANDEM_BOOL8, "bool8"));
  }
  CodeColumn code(std::string_view column) const {
    return CodeColumn(Need(column, TANDEM_CODE32, "code32"));
  }
  CodeListColumn codes(std::string_view column) const {
    return CodeListColumn(Need(column, TANDEM_CODELIST, "codelist"));
  }
  TextColumn text(std::string_view column) const {
    return TextColumn(Need(column, TANDEM_UTF8, "utf8"));
  }

 private:
  const tandem_column* Find(std::string_view name) const {
    const char* at = static_cast<const char*>(table_->columns);
    for (uint32_t i = 0; i < table_->n_columns; ++i, at += table_->column_stride) {
      const auto* column = reinterpret_cast<const tandem_column*>(at);
      if (std::string_view(column->name.ptr, column->name.len) == name) return column;
    }
    return nullptr;
  }
  const tandem_column* Need(std::string_view name, uint32_t type, const char* type_name) const {
    const tandem_column* column = Find(name);
    if (column == nullptr || column->type != type) {
      throw Error(TANDEM_BAD_INPUT, std::string(name_) + "." + std::string(name) +
                                        (column == nullptr ? " is not there" : " is not of type ") +
                                        (column == nullptr ? "" : type_name));
    }
    return column;
  }

  const char* name_;
  const tandem_table* table_;
};

// One problem and the circumstances of its call.
class Problem {
 public:
  Problem(const tandem_host* host, const tandem_call* call, const tandem_problem* problem)
      : needs("needs", problem->needs),
        offers("offers", problem->offers),
        host_(host),
        call_(call),
        problem_(problem) {}

  const Table needs;
  const Table offers;

  size_t n_pairs() const { return static_cast<size_t>(problem_->pairs->n_pairs); }
  // The pairs of a need are first_pair(need) … first_pair(need + 1) - 1.
  size_t first_pair(size_t need) const {
    return static_cast<size_t>(problem_->pairs->row_start[need]);
  }
  size_t offer_of(size_t pair) const { return problem_->pairs->offer[pair]; }
  int64_t need_units(size_t need) const { return problem_->need_units[need]; }
  int64_t offer_units(size_t offer) const { return problem_->offer_units[offer]; }
  // Assign only: the combined score of one unit of a pair.
  int64_t score(size_t pair) const { return problem_->score[pair]; }
  // Assign only: bounds on sums of units, and running pairings that must be kept.
  size_t n_groups() const { return static_cast<size_t>(problem_->n_groups); }
  const tandem_group& group(size_t i) const {
    return *reinterpret_cast<const tandem_group*>(static_cast<const char*>(problem_->groups) +
                                                  i * problem_->group_stride);
  }
  size_t n_fixed() const { return static_cast<size_t>(problem_->n_fixed); }
  const tandem_fixed& fixed(size_t i) const {
    return *reinterpret_cast<const tandem_fixed*>(static_cast<const char*>(problem_->fixed) +
                                                  i * problem_->fixed_stride);
  }
  uint64_t seed() const { return call_->seed; }
  int64_t now_unix_ms() const { return call_->now_unix_ms; }
  const tandem_call& call() const { return *call_; }
  // The C struct itself, for code that walks the arrays.
  const tandem_problem& raw() const { return *problem_; }

  // Throws when the call was cancelled or its deadline is near: call it now and then in long loops.
  void CheckStop() const {
    tandem_status status = host_->should_stop(call_->ctx);
    if (status != TANDEM_OK) throw Error(status, "asked to stop");
  }
  // Writes a log line; see tandem_host.log.
  void Log(int32_t level, std::string_view message) const {
    host_->log(call_->ctx, level, tandem_str{message.data(), message.size()});
  }
  // Calls fn(pair, need, offer) for every pair in order, and CheckStop every 4,096 pairs.
  template <typename Fn>
  void ForEachPair(Fn&& fn) const {
    const tandem_pairs& pairs = *problem_->pairs;
    size_t next_check = 4096;
    for (size_t need = 0; need < pairs.n_needs; ++need) {
      size_t end = static_cast<size_t>(pairs.row_start[need + 1]);
      for (size_t pair = first_pair(need); pair < end; ++pair) {
        if (pair >= next_check) {
          CheckStop();
          next_check = pair + 4096;
        }
        fn(pair, need, static_cast<size_t>(pairs.offer[pair]));
      }
    }
  }

 private:
  const tandem_host* host_;
  const tandem_call* call_;
  const tandem_problem* problem_;
};

// What a filter fills: one verdict for each pair.
class Verdicts {
 public:
  explicit Verdicts(tandem_verdicts* out) : out_(out) {}
  void Keep(size_t pair) { out_->verdict[pair] = TANDEM_KEEP; }
  // `reason` is an index into the manifest's "reasons".
  void Drop(size_t pair, uint16_t reason) { Set(pair, TANDEM_DROP, reason); }
  void DropForGood(size_t pair, uint16_t reason) { Set(pair, TANDEM_DROP_FOR_GOOD, reason); }

 private:
  void Set(size_t pair, uint8_t verdict, uint16_t reason) {
    out_->verdict[pair] = verdict;
    out_->reason[pair] = reason;
  }
  tandem_verdicts* out_;
};

// What a solver fills. Add keeps the objective; an objective beyond int64 throws
// TANDEM_OUT_OF_RANGE.
class Assignment {
 public:
  Assignment(const tandem_problem* problem, tandem_assignment* out)
      : need_potential(out->need_potential, static_cast<size_t>(problem->pairs->n_needs)),
        offer_potential(out->offer_potential, static_cast<size_t>(problem->pairs->n_offers)),
        group_potential(out->group_potential, static_cast<size_t>(problem->n_groups)),
        problem_(problem),
        out_(out) {}

  // Gives `units` >= 1 to `pair`; each pair at most once.
  void Add(size_t pair, int64_t units) {
    if (out_->count >= out_->room) throw Error(TANDEM_INTERNAL, "more entries than pairs");
    int64_t part = 0;
    if (__builtin_mul_overflow(problem_->score[pair], units, &part) ||
        __builtin_add_overflow(out_->objective, part, &out_->objective)) {
      throw Error(TANDEM_OUT_OF_RANGE, "the objective does not fit into 64 bits");
    }
    out_->pair[out_->count] = pair;
    out_->units[out_->count] = units;
    ++out_->count;
  }
  // Says that the three potential arrays are filled and prove the assignment optimal.
  void CertifyOptimal() { out_->has_potentials = 1; }
  // Ends the call: no assignment meets the minimum of `group` (TANDEM_NO_GROUP: no single one is to
  // blame).
  [[noreturn]] void Infeasible(uint64_t group, int64_t units_short, const std::string& why) {
    out_->violated_group = group;
    out_->units_short = units_short;
    throw Error(TANDEM_INFEASIBLE, why);
  }

  const Span<int64_t> need_potential;
  const Span<int64_t> offer_potential;
  const Span<int64_t> group_potential;

 private:
  const tandem_problem* problem_;
  tandem_assignment* out_;
};

}  // namespace tandem
