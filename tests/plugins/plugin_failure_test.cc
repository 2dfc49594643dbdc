// SPDX-License-Identifier: Apache-2.0

// Every way a plugin can fail, one tiny plugin each: the call says the right reason, nothing else
// is harmed, and the same plugin works again afterwards.
#include <signal.h>

#include <atomic>
#include <thread>

#include "plugin_fixture.h"

namespace tandem::plugin {
namespace {

using ::testing::HasSubstr;

// The plugin's id as a test name.
struct ParameterName {
  template <typename Param>
  std::string operator()(const ::testing::TestParamInfo<Param>& info) const {
    std::string name = info.param.id;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
  }
};

// One supervisor for all: that a test leaves it healthy is part of what is tested.
class PluginFailureTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { supervisor_ = Supervisor::Start().value(); }
  static void TearDownTestSuite() { supervisor_.reset(); }

  std::shared_ptr<Generation> Start(const std::string& id) {
    auto generation = StartBundle(supervisor_, BrokenBundles(), id);
    EXPECT_TRUE(generation.ok()) << generation.status();
    return generation.ok() ? *generation : nullptr;
  }

  absl::Status StartFailure(const std::string& id,
                            const GenerationOptions& options = QuickOptions()) {
    return StartBundle(supervisor_, BrokenBundles(), id, options).status();
  }

  // OK when the plugin's scores were taken.
  absl::Status Score(Generation& generation, std::string_view config, CallOptions options) {
    std::vector<double> scores(SmallProblem::kPairs);
    return generation.Score(small_.problem, config, options, absl::MakeSpan(scores)).status();
  }
  absl::Status Break(Generation& generation, CallOptions options = Within(absl::Seconds(30))) {
    return Score(generation, "", options);
  }
  void ExpectWorks(Generation& generation) {
    std::vector<double> scores(SmallProblem::kPairs);
    auto outcome = generation.Score(small_.problem, R"({"break": false})",
                                    Within(absl::Seconds(30)), absl::MakeSpan(scores));
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_THAT(scores, ::testing::Each(0.5));
  }

  SmallProblem small_;
  static inline std::shared_ptr<Supervisor> supervisor_;
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

bool NeedsMemoryLimit(std::string_view id) {
  return kSanitized && id.find("memory") != std::string_view::npos;
}

// A plugin whose process does not survive the broken call.
struct Death {
  const char* id;
  const char* reason;
  const char* text;
};

class PluginDeathTest : public PluginFailureTest, public ::testing::WithParamInterface<Death> {};

TEST_P(PluginDeathTest, EndsThatCallOnlyAndRestarts) {
  if (NeedsMemoryLimit(GetParam().id)) {
    GTEST_SKIP() << "the sanitizer's allocator needs more address space than the limit";
  }
  std::shared_ptr<Generation> generation = Start(GetParam().id);
  ASSERT_NE(generation, nullptr);
  ExpectWorks(*generation);
  pid_t first = generation->status().pid;
  absl::Status broken = Break(*generation);
  EXPECT_EQ(ReasonOf(broken), GetParam().reason) << broken;
  EXPECT_THAT(std::string(broken.message()), HasSubstr(GetParam().text));
  ExpectWorks(*generation);
  GenerationStatus status = generation->status();
  EXPECT_NE(status.pid, first);
  EXPECT_EQ(status.starts, 2u);
  EXPECT_EQ(status.crashes, 1u);
  EXPECT_THAT(status.last_failure, HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    Deaths, PluginDeathTest,
    // A sanitizer turns a bad access, and an exit that leaves memory behind, into a status of its
    // own.
    ::testing::Values(
        Death{"broken-crash", "PLUGIN_CRASHED", kSanitized ? "exit status" : "signal 11"},
        Death{"broken-abort", "PLUGIN_CRASHED", "signal 6"},
        Death{"broken-exit", "PLUGIN_CRASHED", kSanitized ? "exit status" : "exit status 0"},
        Death{"broken-memory-crash", "PLUGIN_OUT_OF_MEMORY", "out of memory"},
        Death{"broken-descriptors", "PLUGIN_CRASHED", "signal 6"},
        Death{"broken-closes-socket", "PLUGIN_CRASHED", "during a call"},
        Death{"broken-garbage-frame", "PLUGIN_BAD_OUTPUT", "broke the protocol"}),
    ParameterName());

// A plugin whose process goes on after the broken call.
struct Fault {
  const char* id;
  const char* reason;
  const char* text;
};

class PluginFaultTest : public PluginFailureTest, public ::testing::WithParamInterface<Fault> {};

TEST_P(PluginFaultTest, FailsThatCallOnly) {
  if (NeedsMemoryLimit(GetParam().id)) {
    GTEST_SKIP() << "the sanitizer's allocator needs more address space than the limit";
  }
  std::shared_ptr<Generation> generation = Start(GetParam().id);
  ASSERT_NE(generation, nullptr);
  pid_t first = generation->status().pid;
  for (int round = 0; round < 3; ++round) {
    absl::Status broken = Break(*generation);
    EXPECT_EQ(ReasonOf(broken), GetParam().reason) << broken;
    EXPECT_THAT(std::string(broken.message()), HasSubstr(GetParam().text));
    ExpectWorks(*generation);
  }
  EXPECT_EQ(generation->status().pid, first);
  EXPECT_EQ(generation->status().crashes, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, PluginFaultTest,
    ::testing::Values(Fault{"broken-nan", "PLUGIN_BAD_OUTPUT", "pair 1"},
                      Fault{"broken-infinite", "PLUGIN_BAD_OUTPUT",
                            "pair 1: its score is infinite"},
                      Fault{"broken-out-of-range", "PLUGIN_BAD_OUTPUT", "pair 2"},
                      Fault{"broken-throws", "PLUGIN_FAILED", "the dog ate it"},
                      Fault{"broken-memory", "PLUGIN_OUT_OF_MEMORY", "out of memory"}),
    ParameterName());

TEST_F(PluginFailureTest, AFailureTextIsCutAndCleaned) {
  std::shared_ptr<Generation> generation = Start("broken-bad-text");
  ASSERT_NE(generation, nullptr);
  absl::Status broken = Break(*generation);
  EXPECT_EQ(ReasonOf(broken), "PLUGIN_FAILED");
  const std::string text(broken.message());
  EXPECT_THAT(text, HasSubstr(R"(why?)"
                              "?(  [31m!!!"));
  EXPECT_LE(text.size(), model::kMaxErrorMessageBytes);
  ExpectWorks(*generation);
}

TEST_F(PluginFailureTest, AnUnwrittenCellIsFoundInEveryCall) {
  std::shared_ptr<Generation> generation = Start("broken-unwritten");
  ASSERT_NE(generation, nullptr);
  CallOptions honest = Within(absl::Seconds(30));
  honest.seed = 1;
  // A good call in between must not leave values behind that hide the hole.
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(Score(*generation, "", honest).ok());
    absl::Status broken = Break(*generation);
    EXPECT_EQ(ReasonOf(broken), "PLUGIN_BAD_OUTPUT");
    EXPECT_THAT(std::string(broken.message()), HasSubstr("pair 5: its score was not written"));
  }
}

TEST_F(PluginFailureTest, AHangEndsAtTheDeadline) {
  std::shared_ptr<Generation> generation = Start("broken-hang");
  ASSERT_NE(generation, nullptr);
  ExpectWorks(*generation);
  absl::Time start = absl::Now();
  absl::Status broken = Break(*generation, Within(absl::Milliseconds(300)));
  EXPECT_EQ(ReasonOf(broken), "PLUGIN_TIMEOUT") << broken;
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(290));
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  ExpectWorks(*generation);
  EXPECT_EQ(generation->status().crashes, 1u);
}

TEST_F(PluginFailureTest, ACancelledCallComesBackSoon) {
  std::shared_ptr<Generation> generation = Start("broken-hang");
  ASSERT_NE(generation, nullptr);
  std::atomic<bool> cancelled{false};
  CallOptions options = Within(absl::Minutes(10));
  options.cancelled = &cancelled;
  absl::Status status;
  std::thread caller([&] { status = Break(*generation, options); });
  cancelled = true;
  caller.join();
  EXPECT_EQ(ReasonOf(status), "CANCELLED") << status;
  ExpectWorks(*generation);
}

TEST_F(PluginFailureTest, OthersGoOnWhileOneHangs) {
  std::shared_ptr<Generation> hanging = Start("broken-hang");
  std::shared_ptr<Generation> other = Start("broken-crash");
  ASSERT_NE(hanging, nullptr);
  ASSERT_NE(other, nullptr);
  std::atomic<bool> cancelled{false};
  CallOptions options = Within(absl::Minutes(10));
  options.cancelled = &cancelled;
  std::thread caller([&] { EXPECT_FALSE(Break(*hanging, options).ok()); });
  for (int i = 0; i < 20; ++i) ExpectWorks(*other);
  // The hanging plugin itself is busy; a second call to it gives up at its own deadline, alone.
  absl::Status second = Break(*hanging, Within(absl::Milliseconds(50)));
  EXPECT_EQ(ReasonOf(second), "PLUGIN_TIMEOUT");
  cancelled = true;
  caller.join();
}

TEST_F(PluginFailureTest, AKilledIdleProcessIsReplaced) {
  std::shared_ptr<Generation> generation = Start("broken-nan");
  ASSERT_NE(generation, nullptr);
  for (int round = 0; round < 3; ++round) {
    pid_t pid = generation->status().pid;
    ASSERT_GT(pid, 0);
    kill(pid, SIGKILL);
    // Either call sees the death itself or finds the next process; a third outcome would be a lost
    // restart.
    absl::Status first = Score(*generation, R"({"break": false})", Within(absl::Seconds(30)));
    EXPECT_TRUE(first.ok() || ReasonOf(first) == "PLUGIN_CRASHED") << first;
    ExpectWorks(*generation);
    EXPECT_NE(generation->status().pid, pid);
  }
}

TEST_F(PluginFailureTest, CallsFromManyThreadsSurviveKills) {
  std::shared_ptr<Generation> generation = Start("broken-nan");
  ASSERT_NE(generation, nullptr);
  std::atomic<int> good{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        absl::Status status = Score(*generation, R"({"break": false})", Within(absl::Seconds(60)));
        if (status.ok()) {
          ++good;
        } else {
          EXPECT_EQ(ReasonOf(status), "PLUGIN_CRASHED") << status;
        }
      }
    });
  }
  for (int kills = 0; kills < 5; ++kills) {
    int before = good;
    while (good < before + 10 && good < 180) std::this_thread::yield();
    if (pid_t pid = generation->status().pid; pid > 0) kill(pid, SIGKILL);
  }
  for (std::thread& caller : callers) caller.join();
  // A kill costs at most the one call in flight.
  EXPECT_GE(good, 200 - 5);
  // The last kill may still be on its way to an idle process.
  const absl::Status after = Score(*generation, R"({"break": false})", Within(absl::Seconds(60)));
  EXPECT_TRUE(after.ok() || ReasonOf(after) == "PLUGIN_CRASHED") << after;
  ExpectWorks(*generation);
}

TEST_F(PluginFailureTest, ALogFloodIsBoundedAndHarmless) {
  std::shared_ptr<Generation> generation = Start("broken-log-flood");
  ASSERT_NE(generation, nullptr);
  absl::Status flooded = Break(*generation);
  EXPECT_TRUE(flooded.ok()) << flooded;
  std::vector<std::string> lines = generation->Logs();
  EXPECT_GT(lines.size(), 0u);
  EXPECT_LE(lines.size(), Child::kMaxLogLines);
  for (const std::string& line : lines) {
    EXPECT_LE(line.size(), 1024u);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
  }
  ExpectWorks(*generation);
}

TEST_F(PluginFailureTest, WritesAfterTheAnswerChangeNothing) {
  std::shared_ptr<Generation> generation = Start("broken-late-writer");
  ASSERT_NE(generation, nullptr);
  std::vector<double> scores(SmallProblem::kPairs);
  auto outcome =
      generation->Score(small_.problem, "", Within(absl::Seconds(30)), absl::MakeSpan(scores));
  // The late writer may win the race to the first cell; what was taken is what was checked either
  // way.
  if (!outcome.ok()) {
    EXPECT_EQ(ReasonOf(outcome.status()), "PLUGIN_BAD_OUTPUT");
  } else {
    std::vector<double> taken = scores;
    EXPECT_THAT(taken, ::testing::Each(0.5));
  }
}

// A plugin that never gets as far as a call.
struct NoStart {
  const char* id;
  const char* reason;
  const char* text;
};

class PluginStartTest : public PluginFailureTest, public ::testing::WithParamInterface<NoStart> {};

TEST_P(PluginStartTest, IsRefusedWithItsReason) {
  absl::Status status = StartFailure(GetParam().id);
  EXPECT_EQ(ReasonOf(status), GetParam().reason) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    Starts, PluginStartTest,
    ::testing::Values(
        NoStart{"broken-no-note", "PLUGIN_ABI", "no TANDEM version note"},
        NoStart{"broken-wrong-major", "PLUGIN_ABI", "needs plugin ABI 2.0, this server has 1.0"},
        NoStart{"broken-newer-minor", "PLUGIN_ABI", "needs plugin ABI 1.1, this server has 1.0"},
        NoStart{"broken-constructor-crash", "PLUGIN_CRASHED", "during its start"},
        NoStart{"broken-wrong-id", "PLUGIN_REFUSED", "the library is somebody-else 1.0.0"},
        NoStart{"broken-missing-stage", "PLUGIN_REFUSED", "lists tandem.score/1"},
        NoStart{"broken-unresolved", "PLUGIN_REFUSED", "NobodyHasThis"}),
    ParameterName());

TEST_F(PluginFailureTest, AHangingConstructorEndsAtTheStartTimeout) {
  GenerationOptions options = QuickOptions();
  options.start_timeout = absl::Milliseconds(200);
  absl::Status status = StartFailure("broken-constructor-hang", options);
  EXPECT_EQ(ReasonOf(status), "PLUGIN_TIMEOUT") << status;
}

// A solver that breaks its contract.
class BrokenSolverTest : public PluginFailureTest, public ::testing::WithParamInterface<Fault> {};

TEST_P(BrokenSolverTest, IsCaughtByTheCheck) {
  std::shared_ptr<Generation> generation = Start(GetParam().id);
  ASSERT_NE(generation, nullptr);
  for (int round = 0; round < 2; ++round) {
    auto broken = generation->Assign(small_.problem, small_.terms, "", Within(absl::Seconds(30)));
    EXPECT_EQ(ReasonOf(broken.status()), GetParam().reason) << broken.status();
    EXPECT_THAT(std::string(broken.status().message()), HasSubstr(GetParam().text));
    auto honest = generation->Assign(small_.problem, small_.terms, R"({"break": false})",
                                     Within(absl::Seconds(30)));
    ASSERT_TRUE(honest.ok()) << honest.status();
    EXPECT_EQ(honest->objective, 10 + 20 + 60);
    EXPECT_EQ(honest->assignment.size(), 3u);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Solvers, BrokenSolverTest,
    ::testing::Values(Fault{"broken-overfill", "PLUGIN_BAD_OUTPUT", "gets"},
                      Fault{"broken-bad-index", "PLUGIN_BAD_OUTPUT",
                            "pair 6: there is no such pair"},
                      Fault{"broken-bad-count", "PLUGIN_BAD_OUTPUT", "entries for 6 pairs"},
                      Fault{"broken-duplicate", "PLUGIN_BAD_OUTPUT", "pair 0: assigned twice"},
                      Fault{"broken-negative-units", "PLUGIN_BAD_OUTPUT", "pair 0: -1 units"},
                      Fault{"broken-objective", "PLUGIN_BAD_OUTPUT", "says the objective is 91"},
                      Fault{"broken-blames-nobody", "PLUGIN_BAD_OUTPUT", "calls group 1 violated"},
                      Fault{"broken-unknown-status", "PLUGIN_FAILED", "status 4711"}),
    ParameterName());

// An honest answer that breaks the problem's bounds is caught as well.
TEST_F(PluginFailureTest, GroupAndFixedBoundsAreChecked) {
  std::shared_ptr<Generation> generation = Start("broken-objective");
  ASSERT_NE(generation, nullptr);
  const char* honest = R"({"break": false})";
  std::vector<Group> groups = {{Side::kNeeds, {0}, 0, 1}};
  AssignTerms terms{small_.score, groups, {}};
  auto over = generation->Assign(small_.problem, terms, honest, Within(absl::Seconds(30)));
  EXPECT_THAT(std::string(over.status().message()), HasSubstr("group 0 has 2 units, not 0 to 1"));
  groups[0] = {Side::kOffers, {0, 2}, 3, 5};
  auto under = generation->Assign(small_.problem, terms, honest, Within(absl::Seconds(30)));
  EXPECT_THAT(std::string(under.status().message()), HasSubstr("group 0 has 2 units, not 3 to 5"));
  std::vector<FixedPair> fixed = {{3, 1}};
  auto dropped = generation->Assign(small_.problem, {small_.score, {}, fixed}, honest,
                                    Within(absl::Seconds(30)));
  EXPECT_THAT(std::string(dropped.status().message()),
              HasSubstr("pair 3: keeps 0 of its 1 running units"));
}

// An objective beyond 64 bits is refused, not wrapped.
TEST_F(PluginFailureTest, AnObjectiveBeyond64BitsIsRefused) {
  std::shared_ptr<Generation> generation = Start("broken-objective");
  ASSERT_NE(generation, nullptr);
  std::vector<int64_t> huge(SmallProblem::kPairs, std::numeric_limits<int64_t>::max() / 2);
  auto result = generation->Assign(small_.problem, {huge, {}, {}}, R"({"break": false})",
                                   Within(absl::Seconds(30)));
  EXPECT_EQ(ReasonOf(result.status()), "PLUGIN_BAD_OUTPUT");
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("64 bits"));
}

TEST_F(PluginFailureTest, AWrongConfigurationIsAConfigError) {
  std::shared_ptr<Generation> generation = Start("broken-nan");
  ASSERT_NE(generation, nullptr);
  for (const char* config : {R"({"brake": true})", R"({"break": 1})", "{", "[]"}) {
    absl::Status status = generation->CheckConfig(config, Within(absl::Seconds(30)));
    EXPECT_EQ(ReasonOf(status), "PLUGIN_CONFIG") << config << ": " << status;
  }
  EXPECT_TRUE(generation->CheckConfig("", Within(absl::Seconds(30))).ok());
}

TEST_F(PluginFailureTest, BackOffGrowsAndACallDoesNotWaitForIt) {
  GenerationOptions options = QuickOptions();
  options.backoff_first = absl::Minutes(5);
  options.restart_wait = absl::Milliseconds(1);
  auto generation = StartBundle(supervisor_, BrokenBundles(), "broken-crash", options);
  ASSERT_TRUE(generation.ok());
  EXPECT_EQ(ReasonOf(Break(**generation)), "PLUGIN_CRASHED");
  absl::Status waiting = Score(**generation, R"({"break": false})", Within(absl::Minutes(1)));
  EXPECT_EQ(ReasonOf(waiting), "PLUGIN_CRASHED");
  EXPECT_THAT(std::string(waiting.message()), HasSubstr("waits for its restart"));
  EXPECT_FALSE((*generation)->status().running);
}

}  // namespace
}  // namespace tandem::plugin
