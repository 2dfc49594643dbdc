// SPDX-License-Identifier: Apache-2.0

// What the process boundary costs: one scorer called directly in this process and through its host,
// in turn, round by round; prints one JSON line a row. Both sides do the whole job of a call: cells
// prefilled as unwritten, the same plugin function, every cell checked. The direct side is handed
// the very same structs.
//
//   plugin_call_bench [PAIRS…]
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "plugin/bundle.h"
#include "plugin/generation.h"
#include "plugin/supervisor.h"
#include "sdk/tandem_plugin.h"

namespace tandem::plugin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kId = "bench-scorer";
constexpr const char* kVersion = "1.0.0";

double Micros(Clock::time_point from) {
  return std::chrono::duration<double, std::micro>(Clock::now() - from).count();
}

// Ends the program when the status is an error: there is nothing to measure then.
template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "plugin_call_bench: %s\n", result.status().ToString().c_str());
    std::exit(1);
  }
  return *std::move(result);
}

// The plugin in this process, without any boundary.
class DirectScorer {
 public:
  explicit DirectScorer(const std::string& library) {
    void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    auto entry = handle == nullptr
                     ? nullptr
                     : reinterpret_cast<decltype(&tandem_entry)>(dlsym(handle, "tandem_entry"));
    if (entry == nullptr) {
      std::fprintf(stderr, "plugin_call_bench: %s\n", dlerror());
      std::exit(1);
    }
    const tandem_module* module = entry(TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR);
    void* state = nullptr;
    module->open(&kHost, nullptr, &state);
    module->create(state, nullptr, {"{}", 2}, &instance_);
    stage_ = static_cast<const tandem_score*>(module->stage(TANDEM_STAGE_SCORE));
  }

  tandem_status Run(const tandem_problem& problem, std::vector<double>* scores) const {
    tandem_call call{};
    call.struct_size = sizeof(call);
    call.deadline_ns = UINT64_MAX;
    tandem_scores out = {sizeof(out), 0, scores->size(), scores->data()};
    return stage_->run(instance_, &call, &problem, &out);
  }

 private:
  static void Log(void*, int32_t, tandem_str) {}
  static tandem_status ShouldStop(void*) { return TANDEM_OK; }
  static void* Scratch(void*, uint64_t, uint32_t) { return nullptr; }
  static tandem_status Fail(void*, tandem_status code, tandem_str) { return code; }
  static const void* Extension(const char*) { return nullptr; }
  static constexpr tandem_host kHost = {
      sizeof(tandem_host), TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR, &Log, &ShouldStop, &Scratch, &Fail,
      &Extension};
  void* instance_ = nullptr;
  const tandem_score* stage_ = nullptr;
};

// One problem in both forms.
struct BenchProblem {
  explicit BenchProblem(uint64_t pair_count) {
    uint64_t needs =
        std::max<uint64_t>(1, static_cast<uint64_t>(std::sqrt(static_cast<double>(pair_count))));
    uint64_t offers = (pair_count + needs - 1) / needs;
    std::vector<uint64_t> row_start = {0};
    std::vector<uint32_t> offer;
    for (uint64_t need = 0; need < needs; ++need) {
      for (uint32_t o = 0; o < offers && offer.size() < pair_count; ++o) offer.push_back(o);
      row_start.push_back(offer.size());
    }
    need_units.assign(needs, 1);
    offer_units.assign(offers, 1);
    std::vector<double> remoteness, days;
    for (uint64_t i = 0; i < needs; ++i)
      remoteness.push_back(0.1 + 0.8 * static_cast<double>(i % 97) / 97);
    for (uint64_t i = 0; i < offers; ++i) days.push_back(0.5 + static_cast<double>(i % 31) / 10);
    need_column = Must(Column::F64(remoteness));
    offer_column = Must(Column::F64(days));
    auto need_table = std::make_shared<ColumnSet>(needs);
    auto offer_table = std::make_shared<ColumnSet>(offers);
    if (!need_table->Add("remoteness", need_column).ok() ||
        !offer_table->Add("days", offer_column).ok()) {
      std::exit(1);
    }
    problem = {need_table, offer_table, Must(PairSet::Make(offers, row_start, offer)), need_units,
               offer_units};
    need_c = ColumnOf("remoteness", *need_column);
    offer_c = ColumnOf("days", *offer_column);
    needs_c = {sizeof(needs_c), 1, needs, &need_c, sizeof(need_c)};
    offers_c = {sizeof(offers_c), 1, offers, &offer_c, sizeof(offer_c)};
    pairs_c = {sizeof(pairs_c),
               0,
               needs,
               offers,
               problem.pairs->n_pairs(),
               problem.pairs->row_start().data(),
               problem.pairs->offer().data()};
    problem_c.struct_size = sizeof(problem_c);
    problem_c.needs = &needs_c;
    problem_c.offers = &offers_c;
    problem_c.pairs = &pairs_c;
    problem_c.need_units = need_units.data();
    problem_c.offer_units = offer_units.data();
  }
  BenchProblem(const BenchProblem&) = delete;
  BenchProblem& operator=(const BenchProblem&) = delete;

  static tandem_column ColumnOf(std::string_view name, const Column& column) {
    tandem_column out{};
    out.struct_size = sizeof(out);
    out.type = TANDEM_F64;
    out.name = {name.data(), name.size()};
    out.length = column.layout().length;
    out.values = column.segment()->data() + column.layout().values;
    out.values_bytes = column.layout().values_bytes;
    return out;
  }

  std::vector<int64_t> need_units, offer_units;
  Column::Ptr need_column, offer_column;
  Problem problem;
  tandem_column need_c, offer_c;
  tandem_table needs_c, offers_c;
  tandem_pairs pairs_c;
  tandem_problem problem_c{};
};

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

void Measure(Generation& generation, const DirectScorer& direct, uint64_t pairs) {
  BenchProblem bench(pairs);
  std::vector<double> isolated_scores(pairs), direct_scores(pairs);
  const int rounds = pairs >= 1'000'000 ? 60 : 3000;
  std::vector<double> isolated, beside, bare, ratio;
  for (int round = -rounds / 10; round < rounds; ++round) {
    CallOptions options;
    options.deadline = absl::Now() + absl::Seconds(30);
    Clock::time_point start = Clock::now();
    StageOutcome outcome =
        Must(generation.Score(bench.problem, "{}", options, absl::MakeSpan(isolated_scores)));
    double isolated_us = Micros(start);
    start = Clock::now();
    std::fill(direct_scores.begin(), direct_scores.end(), std::numeric_limits<double>::quiet_NaN());
    Clock::time_point bare_start = Clock::now();
    tandem_status status = direct.Run(bench.problem_c, &direct_scores);
    double bare_us = Micros(bare_start);
    bool fine = true;
    for (double score : direct_scores) fine &= (score >= 0) & (score <= 1);
    double direct_us = Micros(start);
    if (outcome != StageOutcome::kDone || status != TANDEM_OK || !fine ||
        isolated_scores != direct_scores) {
      std::fprintf(stderr, "plugin_call_bench: the two calls disagree\n");
      std::exit(1);
    }
    if (round < 0) continue;
    isolated.push_back(isolated_us);
    beside.push_back(direct_us);
    bare.push_back(bare_us);
    ratio.push_back(isolated_us / direct_us);
  }
  double value = Median(isolated);
  double direct_value = Median(beside);
  // Below a million pairs the target is a time; there the row stands beside that time.
  const bool relative = pairs >= 1'000'000;
  std::printf("{\"row\":\"plugin\",\"pairs\":%llu,\"value\":%.1f,\"unit\":\"us\",\"beside\":%.1f,",
              static_cast<unsigned long long>(pairs), value, relative ? direct_value : 70.0);
  std::printf("\"beside_what\":\"%s\",\"direct_us\":%.1f,\"bare_us\":%.1f,",
              relative ? "direct C call, prefilled and checked alike" : "target", direct_value,
              Median(bare));
  std::printf("\"ratio\":%.3f,\"target\":%s,\"better\":\"lower\"}\n",
              relative ? Median(ratio) : value / 70.0, relative ? "1.25" : "1.0");
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  std::shared_ptr<Supervisor> supervisor = Must(Supervisor::Start());
  std::shared_ptr<const Bundle> bundle =
      Must(OpenBundle(TANDEM_BENCH_BUNDLES, kId, kVersion, /*allow_unsigned=*/true));
  std::shared_ptr<Generation> generation =
      Must(Generation::Start(supervisor, TANDEM_PLUGIN_HOST, bundle, 1, {}));
  DirectScorer direct(std::string(TANDEM_BENCH_BUNDLES) + "/" + kId + "-" + kVersion +
                      "/lib/plugin.so");
  std::vector<uint64_t> sizes;
  for (int i = 1; i < argc; ++i) sizes.push_back(std::strtoull(argv[i], nullptr, 10));
  if (sizes.empty()) sizes = {1, 1000, 1'000'000};
  for (uint64_t size : sizes) Measure(*generation, direct, std::max<uint64_t>(1, size));
  return 0;
}

}  // namespace
}  // namespace tandem::plugin

int main(int argc, char** argv) { return tandem::plugin::Main(argc, argv); }
