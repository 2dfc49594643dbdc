// SPDX-License-Identifier: Apache-2.0

#include "cli/plan_screen.h"

#include <utility>

#include "fmt/format.h"
#include "google/protobuf/util/time_util.h"

#include "cli/cell_text.h"
#include "cli/display_width.h"
#include "cli/number_text.h"
#include "cli/text_table.h"

namespace tandem::cli {
namespace {

constexpr size_t kLabelWidth = 20;
constexpr size_t kLineWidth = 150;
constexpr char kDot[] = " · ";

// Prints labelled paragraphs: a label, then parts joined by dots and broken into lines of bounded
// width.
class Paragraphs {
 public:
  Paragraphs(bool colour, std::ostream& out) : colour_(colour), out_(out) {}

  void Print(const std::string& label, const std::vector<std::string>& parts,
             const std::string& verdict = "") {
    std::string line;
    const std::string* start = &label;
    static const std::string kNone;
    auto flush = [&] {
      out_ << (colour_ ? "\x1b[1m" : "") << PadRight(*start, kLabelWidth)
           << (colour_ ? "\x1b[0m" : "") << line << '\n';
      start = &kNone;
      line.clear();
    };
    for (const std::string& part : parts) {
      const std::string clean = OneLine(part);
      const size_t wanted = DisplayWidth(line) + DisplayWidth(clean) + 3;
      if (!line.empty() && wanted + kLabelWidth > kLineWidth) flush();
      line += (line.empty() ? "" : kDot) + clean;
    }
    if (!verdict.empty()) line += (line.empty() ? "" : "   ") + verdict;
    flush();
  }

  // "✓" or a "✗" that is red where colours are allowed.
  std::string Mark(bool good) const {
    if (good) return "✓";
    return colour_ ? "\x1b[31m✗\x1b[0m" : "✗";
  }

 private:
  const bool colour_;
  std::ostream& out_;
};

std::string Both(const std::string& english, const std::string& chinese) {
  return chinese.empty() ? english : english.empty() ? chinese : english + " " + chinese;
}

std::string ReasonText(const v1::ReasonCount& reason) {
  const std::string text = Both(reason.text_en(), reason.text_zh());
  return fmt::format("{} {}", text.empty() ? reason.reason() : text, GroupedNumber(reason.count()));
}

// Reasons with their sum against the number they must add up to.
void PrintReasons(Paragraphs& out, const std::string& label, int64_t total,
                  const google::protobuf::RepeatedPtrField<v1::ReasonCount>& reasons,
                  int64_t in_part = 0) {
  std::vector<std::string> parts;
  int64_t sum = 0;
  for (const v1::ReasonCount& reason : reasons) {
    parts.push_back(ReasonText(reason));
    sum += reason.count();
  }
  std::string verdict;
  if (total > 0 || sum > 0) {
    verdict = sum == total ? fmt::format("= {} {}", GroupedNumber(total), out.Mark(true))
                           : fmt::format("= {} of {} {}", GroupedNumber(sum), GroupedNumber(total),
                                         out.Mark(false));
  }
  if (in_part > 0) {
    verdict += fmt::format(", {} of them met in part 其中部分满足 {}", GroupedNumber(in_part),
                           GroupedNumber(in_part));
  }
  out.Print(fmt::format("{} {}", label, GroupedNumber(total)), parts, verdict);
}

void PrintTitle(const PlanScreen& screen, std::ostream& out) {
  const std::string round = screen.round.name().empty()
                                ? "standing offers and needs 常设意向与需求"
                                : screen.round.name() + " " + screen.round.display_name();
  std::string title = "Tandem 结对" + std::string(kDot) + OneLine(round);
  if (screen.synthetic)
    title += "        agencies, offers, needs SYNTHETIC 机构、意向、需求均为合成数据";
  out << title << '\n';
}

void PrintRun(const PlanScreen& screen, Paragraphs& out) {
  const v1::MatchRun& run = screen.run;
  const v1::MatchCounts& counts = run.counts();
  std::vector<std::string> plugins;
  for (const v1::StepReport& step : run.steps()) {
    const std::string plugin = step.plugin().plugin().empty() ? "built-in " + step.stage()
                                                              : LastPart(step.plugin().plugin()) +
                                                                    " " + step.plugin().version();
    std::string text = plugin;
    if (step.outcome() == "skipped") text += " SKIPPED 跳过";
    if (step.outcome() == "fell_back") text += " FELL BACK 退回内置";
    if (step.uninformative()) text += " (uninformative 无区分度)";
    plugins.push_back(std::move(text));
  }
  if (!plugins.empty()) out.Print("Plugins 插件", plugins);
  std::vector<std::string> parts = {run.name()};
  if (run.state() != v1::MATCH_RUN_STATE_SUCCEEDED) {
    parts.push_back(v1::MatchRunState_Name(run.state()).substr(sizeof("MATCH_RUN_STATE_") - 1));
  }
  parts.push_back(fmt::format("{} offers 意向 × {} needs 需求", GroupedNumber(counts.offers()),
                              GroupedNumber(counts.needs())));
  parts.push_back(GroupedNumber(counts.candidates()) + " candidates 候选");
  parts.push_back(fmt::format("{} pairs 结对, {} slots 名额", GroupedNumber(counts.matches()),
                              GroupedNumber(counts.matched_slots())));
  if (run.has_start_time() && run.has_end_time()) {
    const auto took =
        google::protobuf::util::TimeUtil::DurationToMilliseconds(run.end_time() - run.start_time());
    parts.push_back(fmt::format("{:.2f} s", static_cast<double>(took) / 1000));
  }
  parts.push_back("revision 修订号 " + GroupedNumber(run.read_revision()));
  out.Print("Run 运算", parts);
  if (run.has_error()) out.Print("Failed 失败", {run.error().message()});
  if (run.degraded()) {
    out.Print("Degraded 降级", {"a step failed: not publishable 有步骤失效，不可公示"},
              out.Mark(false));
  }
}

void PrintRows(const PlanScreen& screen, bool colour, std::ostream& out) {
  if (screen.rows.empty()) return;
  TextTable table({{"#", true, 0},
                   {"Assisting agency 援派机构", false, 30},
                   {"Grade 等级", false, 0},
                   {"From 支援地", false, 20},
                   {"", false, 0},
                   {"Receiving agency 受援机构", false, 30},
                   {"County 受援县", false, 28},
                   {"Field 领域", false, 20},
                   {"Slots 名额", true, 0},
                   {"Score 分", true, 0},
                   {"Why 主要理由", false, 100}},
                  2, 2);
  for (size_t i = 0; i < screen.rows.size(); ++i) {
    const PlanRow& row = screen.rows[i];
    table.AddRow({std::to_string(i + 1), row.assisting_agency, row.grade, row.from, "→",
                  row.receiving_agency.empty() ? "to be founded 待孵化" : row.receiving_agency,
                  row.county, row.field, GroupedNumber(row.slots), std::to_string(row.score / 1000),
                  row.fixed ? "kept 保留" + (row.why.empty() ? "" : ", " + row.why) : row.why});
  }
  table.Flush(out, colour);
  const int64_t rest = screen.run.counts().matches() - static_cast<int64_t>(screen.rows.size());
  if (rest > 0)
    out << fmt::format("  … {} more 其余 {} 对\n", GroupedNumber(rest), GroupedNumber(rest));
}

void PrintQuotas(const PlanScreen& screen, Paragraphs& out) {
  std::vector<std::string> parts;
  bool within = true;
  for (const v1::CorridorUse& use : screen.run.corridors()) {
    auto label = screen.corridors.find(use.corridor_id());
    const bool good =
        use.slots() >= use.min_slots() && (!use.has_max_slots() || use.slots() <= use.max_slots());
    within = within && good;
    std::string text =
        fmt::format("{} {}", label == screen.corridors.end() ? use.corridor_id() : label->second,
                    GroupedNumber(use.slots()));
    if (use.has_max_slots()) text += "/" + GroupedNumber(use.max_slots());
    if (!good)
      text += use.slots() < use.min_slots()
                  ? fmt::format(" BELOW {} 未达下限", GroupedNumber(use.min_slots()))
                  : " ABOVE 超上限";
    parts.push_back(std::move(text));
  }
  if (!parts.empty()) {
    out.Print("Corridors 通道", parts,
              within ? "all within min/max 均在限额内 " + out.Mark(true) : out.Mark(false));
  }
  parts.clear();
  for (const v1::ReserveUse& use : screen.run.reserves()) {
    std::string text = fmt::format("{} {}/{}", use.designation(), GroupedNumber(use.slots()),
                                   GroupedNumber(use.min_slots()));
    if (use.reachable_slots() < use.min_slots()) {
      text += fmt::format(" (at most {} reachable 最多可达)", GroupedNumber(use.reachable_slots()));
    }
    parts.push_back(std::move(text));
  }
  if (!parts.empty()) out.Print("Reserves 预留", parts);
}

void PrintFairness(const PlanScreen& screen, Paragraphs& out) {
  const v1::MatchRun& run = screen.run;
  auto compare = [&](auto figure) {
    return std::vector<std::string>{"this plan 本方案 " + figure(run.figures()),
                                    "first come 先到先得 " + figure(run.first_come_figures()),
                                    "best total 总分最高 " + figure(run.best_total_figures())};
  };
  std::vector<std::string> covered = compare([](const v1::PlanFigures& figures) {
    return PercentText(figures.designated_covered_permille());
  });
  if (run.figures().designated_regions() > 0) {
    covered.front() =
        fmt::format("designated counties covered 认定县覆盖 (of {}): {}",
                    GroupedNumber(run.figures().designated_regions()), covered.front());
    out.Print("Fairness 公平", covered);
  } else {
    out.Print("Fairness 公平", {"no designated county among the needs 需求中无认定县"});
  }
  std::vector<std::string> served =
      compare([](const v1::PlanFigures& figures) { return GroupedNumber(figures.needs_served()); });
  served.front() = fmt::format("needs served 获援需求 (of {}): {}",
                               GroupedNumber(run.counts().needs()), served.front());
  out.Print("", served);
  std::vector<std::string> worst = compare(
      [](const v1::PlanFigures& figures) { return PercentText(figures.worst_ratio_permille()); });
  worst.front() = "least met need with candidates 有候选需求的最低满足率: " + worst.front();
  out.Print("", worst);
  worst = {"price of fairness 公平代价 " + PercentText(run.price_of_fairness_permille())};
  std::string share = "pair terms 成对因素权重 " + PercentText(run.pair_weight_permille());
  if (run.pair_weight_permille() < 500) share += " (below 50 % 偏低)";
  worst.push_back(std::move(share));
  out.Print("", worst);
}

void PrintVerdict(const v1::MatchRun& run, Paragraphs& out) {
  std::vector<std::string> parts;
  for (const v1::VerifyCheck& check : run.verification().checks()) {
    std::string text = check.check() + " " + out.Mark(check.holds());
    if (!check.holds()) text += " " + check.detail();
    parts.push_back(std::move(text));
  }
  if (parts.empty()) parts.push_back("nothing was checked 未核验");
  std::string verdict = "digest 摘要 " + ShortDigest(run.digest());
  if (!run.verification().verified()) verdict += "  NOT VERIFIED 未通过 " + out.Mark(false);
  out.Print("Verified 核验", parts, verdict);
  for (const std::string& warning : run.warnings()) out.Print("Note 提示", {warning});
}

}  // namespace

std::string ShortDigest(const std::string& digest) {
  if (digest.size() <= 12) return digest.empty() ? "–" : digest;
  return digest.substr(0, 4) + "…" + digest.substr(digest.size() - 4);
}

void PrintPlanScreen(const PlanScreen& screen, bool colour, std::ostream& out) {
  Paragraphs paragraphs(colour, out);
  PrintTitle(screen, out);
  PrintRun(screen, paragraphs);
  if (screen.run.state() != v1::MATCH_RUN_STATE_SUCCEEDED) return;
  PrintRows(screen, colour, out);
  PrintQuotas(screen, paragraphs);
  PrintFairness(screen, paragraphs);
  const v1::MatchCounts& counts = screen.run.counts();
  PrintReasons(paragraphs, "Unmatched 未满足", counts.unmatched_needs(),
               screen.run.unmatched_reasons(),
               counts.unmatched_needs() - (counts.needs() - screen.run.figures().needs_served()));
  PrintReasons(paragraphs, "Unused 未用", screen.run.counts().unused_offers(),
               screen.run.unused_reasons());
  PrintVerdict(screen.run, paragraphs);
}

}  // namespace tandem::cli
