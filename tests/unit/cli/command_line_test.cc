// SPDX-License-Identifier: Apache-2.0

#include "cli/command_line.h"

#include <cstdlib>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  ExitCode code;
  std::string out;
  std::string err;
};

Outcome RunTandem(const std::vector<std::string>& arguments) {
  // Whoever runs the tests may have contexts of their own.
  setenv("XDG_CONFIG_HOME", "/dev/null", 1);
  std::ostringstream out;
  std::ostringstream err;
  const ExitCode code = RunCommandLine(arguments, {out, err, false, false});
  return {code, out.str(), err.str()};
}

TEST(CommandLineTest, WrongWordsNameTheNearestRightOne) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"agncy", "list"}, "unknown command agncy, did you mean agency?"},
      {{"agency", "lst"}, "unknown command lst, did you mean list?"},
      {{"agency", "list", "--fliter", "x"}, "unknown option --fliter, did you mean --filter?"},
      {{"--sever", "x", "agency", "list"}, "unknown option --sever, did you mean --server?"},
      {{"--server", "x", "agency", "lits"}, "unknown command lits, did you mean list?"},
      {{"match", "whynot", "r"}, "unknown command whynot, did you mean why-not?"},
      {{"plugin", "lod", "x"}, "unknown command lod, did you mean load?"},
  };
  for (const auto& [arguments, message] : cases) {
    const Outcome outcome = RunTandem(arguments);
    EXPECT_EQ(outcome.code, ExitCode::kUsage) << message;
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(outcome.out, "") << "errors go to standard error";
  }
}

TEST(CommandLineTest, WrongUsageIsCodeTwo) {
  const std::vector<std::string> cases[] = {
      {},
      {"agency"},
      {"agency", "get"},
      {"agency", "list", "-o", "xml"},
      {"agency", "list", "--page-size", "0"},
      {"agency", "list", "--all", "--limit", "5"},
      {"agency", "list", "--timeout", "soon"},
      {"agency", "list", "--timeout", "-1s"},
      {"agency", "create"},
      {"agency", "import", "f", "--on-conflict", "merge"},
      {"region", "index", "--rule-id", "x"},
      {"region", "index", "--rule-id", "x", "--year", "2019", "--term", "gdp:0"},
      {"match", "why-not", "r"},
      {"match", "outcomes", "r", "--side", "both"},
      {"plugin", "list"},
      {"agency", "delete", "a", "b", "--etag", "x"},
  };
  for (const auto& arguments : cases) {
    EXPECT_EQ(RunTandem(arguments).code, ExitCode::kUsage) << ::testing::PrintToString(arguments);
  }
}

TEST(CommandLineTest, HelpListsExitCodes) {
  const Outcome outcome = RunTandem({"--help"});
  EXPECT_EQ(outcome.code, ExitCode::kDone);
  for (const char* word : {"0 done", "1 failed", "2 wrong usage", "3 not found", "4 denied",
                           "5 unavailable", "6 timed out", "7 an import"}) {
    EXPECT_THAT(outcome.out, HasSubstr(word));
  }
  EXPECT_THAT(RunTandem({"agency", "import", "--help"}).out, HasSubstr("--on-conflict"));
}

TEST(CommandLineTest, NobodyThereIsCodeFive) {
  const Outcome outcome = RunTandem(
      {"--server", "unix:/nonexistent/tandem.sock", "--timeout", "300ms", "agency", "list"});
  EXPECT_EQ(outcome.code, ExitCode::kUnavailable);
  EXPECT_THAT(outcome.err, HasSubstr("is a server running at unix:/nonexistent/tandem.sock?"));
}

TEST(CommandLineTest, AFileThatCanNotBeReadIsCodeOne) {
  EXPECT_EQ(RunTandem({"agency", "create", "-f", "/nonexistent"}).code, ExitCode::kFailed);
  EXPECT_THAT(RunTandem({"agency", "import", "/nonexistent"}).err,
              HasSubstr("FILE_UNREADABLE: /nonexistent"));
}

}  // namespace
}  // namespace tandem::cli
