// SPDX-License-Identifier: Apache-2.0

#include "cli/plan_screen.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/display_width.h"
#include "cli/number_text.h"
#include "cli/province_name.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

void AddReason(google::protobuf::RepeatedPtrField<v1::ReasonCount>* reasons, const char* code,
               int64_t count, const char* english, const char* chinese) {
  v1::ReasonCount* reason = reasons->Add();
  reason->set_reason(code);
  reason->set_count(count);
  reason->set_text_en(english);
  reason->set_text_zh(chinese);
}

void SetFigures(v1::PlanFigures* figures, int covered, int worst, int served) {
  figures->set_designated_regions(96);
  figures->set_designated_covered_permille(covered);
  figures->set_worst_ratio_permille(worst);
  figures->set_needs_served(served);
}

PlanScreen Sample() {
  PlanScreen screen;
  screen.round.set_name("rounds/2026-1");
  screen.round.set_display_name("第一批");
  screen.synthetic = true;
  v1::MatchRun& run = screen.run;
  run.set_name("matchRuns/r-01");
  run.set_state(v1::MATCH_RUN_STATE_SUCCEEDED);
  run.set_read_revision(4182);
  run.mutable_start_time()->set_seconds(100);
  run.mutable_end_time()->set_seconds(100);
  run.mutable_end_time()->set_nanos(210000000);
  for (const char* plugin : {"category-fit", "capability", "min-cost-flow"}) {
    auto* step = run.add_steps();
    step->mutable_plugin()->set_plugin(std::string("plugins/") + plugin);
    step->mutable_plugin()->set_version("1.0");
    step->set_outcome("ok");
  }
  run.mutable_counts()->set_offers(118);
  run.mutable_counts()->set_needs(160);
  run.mutable_counts()->set_candidates(9412);
  run.mutable_counts()->set_matches(131);
  run.mutable_counts()->set_matched_slots(140);
  run.mutable_counts()->set_unmatched_needs(29);
  run.mutable_counts()->set_unused_offers(12);
  AddReason(run.mutable_unmatched_reasons(), "CORRIDOR_FULL", 14, "corridor full", "通道已满");
  AddReason(run.mutable_unmatched_reasons(), "NO_FIELD", 15, "no agency of the field",
            "无此领域机构");
  AddReason(run.mutable_unused_reasons(), "CORRIDOR_FULL", 7, "corridor full", "通道已满");
  AddReason(run.mutable_unused_reasons(), "x/ODD", 5, "", "");
  auto* corridor = run.add_corridors();
  corridor->set_corridor_id("zhejiang-qinghai");
  corridor->set_slots(5);
  corridor->set_max_slots(5);
  corridor = run.add_corridors();
  corridor->set_corridor_id("inside");
  corridor->set_slots(10);
  screen.corridors = {{"zhejiang-qinghai", "浙→青"}, {"inside", "青省内"}};
  auto* reserve = run.add_reserves();
  reserve->set_designation("key_county_2021");
  reserve->set_slots(38);
  reserve->set_min_slots(40);
  reserve->set_reachable_slots(38);
  SetFigures(run.mutable_figures(), 910, 1000, 131);
  SetFigures(run.mutable_first_come_figures(), 590, 0, 97);
  SetFigures(run.mutable_best_total_figures(), 720, 500, 120);
  run.set_price_of_fairness_permille(18);
  run.set_pair_weight_permille(850);
  for (const char* check : {"slots", "corridors", "rules", "objective", "certificate"}) {
    auto* found = run.mutable_verification()->add_checks();
    found->set_check(check);
    found->set_holds(true);
  }
  run.mutable_verification()->set_verified(true);
  run.set_digest("7f3a00112233445566778899aabbccddeeff00112233445566778899aabbc21e");
  screen.rows.push_back({"合成-浙-0412", "5A", "杭州市", "合成-泽库社工服务中心", "泽库县 632323",
                         "儿童", 1, 871234, false, "same field, 2 Tibetan-speaking workers"});
  screen.rows.push_back(
      {"Synthetic Agency 7", "", "西宁市", "", "同仁市 632301", "老年", 12, 64000, true, ""});
  return screen;
}

std::string Printed(const PlanScreen& screen, bool colour = false) {
  std::ostringstream out;
  PrintPlanScreen(screen, colour, out);
  return out.str();
}

TEST(PlanScreenTest, LooksLikeTheGoldenText) {
  // TANDEM_UPDATE_GOLDEN=1 writes the file anew, for a person to look at.
  if (std::getenv("TANDEM_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(CLI_GOLDEN_DIR "/plan_screen.txt") << Printed(Sample());
  }
  std::ifstream golden(CLI_GOLDEN_DIR "/plan_screen.txt");
  std::ostringstream expected;
  expected << golden.rdbuf();
  EXPECT_EQ(Printed(Sample()), expected.str());
}

TEST(PlanScreenTest, ColumnsLineUpInTerminalColumns) {
  std::istringstream lines(Printed(Sample()));
  std::string line;
  std::vector<size_t> arrows;
  while (std::getline(lines, line)) {
    const size_t arrow = line.find("  →  ");
    if (arrow != std::string::npos) arrows.push_back(DisplayWidth(line.substr(0, arrow)));
  }
  ASSERT_EQ(arrows.size(), 2U);
  EXPECT_EQ(arrows[0], arrows[1]);
}

TEST(PlanScreenTest, SumsThatDoNotAddUpAreShown) {
  PlanScreen screen = Sample();
  screen.run.mutable_counts()->set_unmatched_needs(30);
  EXPECT_THAT(Printed(screen), HasSubstr("= 29 of 30 ✗"));
}

TEST(PlanScreenTest, BrokenQuotasAndChecksAreShown) {
  PlanScreen screen = Sample();
  screen.run.mutable_corridors(1)->set_min_slots(11);
  screen.run.set_degraded(true);
  screen.run.mutable_steps(1)->set_outcome("skipped");
  screen.run.mutable_verification()->set_verified(false);
  screen.run.mutable_verification()->mutable_checks(0)->set_holds(false);
  screen.run.mutable_verification()->mutable_checks(0)->set_detail("offers/7 gives 3 of 2");
  screen.run.set_pair_weight_permille(400);
  const std::string text = Printed(screen);
  EXPECT_THAT(text, HasSubstr("青省内 10 BELOW 11 未达下限"));
  EXPECT_THAT(text, HasSubstr("Degraded 降级"));
  EXPECT_THAT(text, HasSubstr("capability 1.0 SKIPPED 跳过"));
  EXPECT_THAT(text, HasSubstr("slots ✗ offers/7 gives 3 of 2"));
  EXPECT_THAT(text, HasSubstr("NOT VERIFIED"));
  EXPECT_THAT(text, HasSubstr("40 % (below 50 % 偏低)"));
  EXPECT_THAT(text, Not(HasSubstr("all within")));
}

TEST(PlanScreenTest, ARunThatFailedShowsWhyAndNoPlan) {
  PlanScreen screen = Sample();
  screen.run.set_state(v1::MATCH_RUN_STATE_FAILED);
  screen.run.mutable_error()->set_message("corridor zhejiang-qinghai is 2 slots short");
  const std::string text = Printed(screen);
  EXPECT_THAT(text, HasSubstr("FAILED"));
  EXPECT_THAT(text, HasSubstr("Failed 失败         corridor zhejiang-qinghai is 2 slots short"));
  EXPECT_THAT(text, Not(HasSubstr("Assisting agency")));
}

TEST(PlanScreenTest, ColourOnlyWhenAllowed) {
  EXPECT_THAT(Printed(Sample(), false), Not(HasSubstr("\x1b")));
  EXPECT_THAT(Printed(Sample(), true), HasSubstr("\x1b[1m"));
}

TEST(PlanScreenTest, RecordTextCanNotMoveTheCursor) {
  PlanScreen screen = Sample();
  screen.rows[0].assisting_agency = "evil\x1b[2J\nname";
  screen.round.set_display_name("x\x1b[31m");
  EXPECT_THAT(Printed(screen), Not(HasSubstr("\x1b")));
}

TEST(NumberTextTest, Groups) {
  EXPECT_EQ(GroupedNumber(0), "0");
  EXPECT_EQ(GroupedNumber(999), "999");
  EXPECT_EQ(GroupedNumber(1000), "1,000");
  EXPECT_EQ(GroupedNumber(-123456), "-123,456");
  EXPECT_EQ(GroupedNumber(-1234567), "-1,234,567");
  EXPECT_EQ(PercentText(910), "91 %");
  EXPECT_EQ(PercentText(18), "1.8 %");
  EXPECT_EQ(PercentText(-5), "-0.5 %");
}

TEST(ProvinceNameTest, NamesCorridors) {
  EXPECT_EQ(CorridorText("regions/330000", "regions/630000"), "浙→青");
  EXPECT_EQ(CorridorText("regions/630000", "regions/630000"), "青省内");
  EXPECT_EQ(CorridorText("regions/540000", "regions/540000"), "藏区内");
  EXPECT_EQ(CorridorText("regions/500000", "regions/500000"), "渝市内");
  EXPECT_EQ(CorridorText("regions/330100", "regions/630000"), "") << "a city is not its province";
  EXPECT_EQ(CorridorText("regions/iso-fr", "regions/630000"), "");
}

}  // namespace
}  // namespace tandem::cli
