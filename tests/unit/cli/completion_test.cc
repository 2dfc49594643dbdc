// SPDX-License-Identifier: Apache-2.0

#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command_line.h"
#include "cli/completion_script.h"
#include "golden_file.h"

namespace tandem::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class CompletionTest : public ::testing::Test {
 protected:
  CompletionTest() { AddAllCommands(&root_, &options_, &chosen_); }

  std::vector<std::string> Words(const std::vector<std::string>& line) {
    const Completion completion = Complete(
        root_, JoinBrokenWords(line), [this](const std::string& noun, const std::string& prefix) {
          asked_ = noun + ":" + prefix;
          return std::vector<Candidate>{{"syn-1", "one"}, {"syn-2", ""}, {"agencies/syn-1", ""}};
        });
    files_ = completion.files;
    std::vector<std::string> words;
    for (const Candidate& each : completion.candidates) words.push_back(each.word);
    return words;
  }

  GlobalOptions options_;
  Action chosen_;
  CLI::App root_{"", "tandem"};
  std::string asked_;
  bool files_ = false;
};

TEST_F(CompletionTest, CommandsAndVerbs) {
  EXPECT_THAT(Words({"agen"}), ElementsAre("agency"));
  EXPECT_THAT(Words({}), Contains("agency"));
  EXPECT_THAT(Words({""}), Not(Contains("describe")));
  EXPECT_THAT(Words({"desc"}), ElementsAre("describe"));
  EXPECT_THAT(Words({"agency", "de"}), ElementsAre("describe", "delete"));
  EXPECT_THAT(Words({"describe", "ag"}), ElementsAre("agency"));
  EXPECT_THAT(Words({"freeze", ""}), ElementsAre("round"));
  EXPECT_THAT(Words({"nonsense", "x", ""}), IsEmpty());
}

TEST_F(CompletionTest, Options) {
  EXPECT_THAT(Words({"agency", "list", "--fil"}), ElementsAre("--filter"));
  EXPECT_THAT(Words({"agency", "list", "--serv"}), ElementsAre("--server"));
  EXPECT_THAT(Words({"agency", "list", "-o", "j"}), ElementsAre("json"));
  EXPECT_THAT(Words({"agency", "list", "--output", "=", "y"}), ElementsAre("yaml"));
  EXPECT_THAT(Words({"agency", "list", "--output", "="}),
              ElementsAre("table", "wide", "json", "yaml", "name"));
  EXPECT_THAT(Words({"agency", "list", "--order-by", "assessment.po"}),
              ElementsAre("assessment.points"));
  EXPECT_THAT(Words({"agency", "list", "--columns", "name,display"}),
              ElementsAre("name,display_name"));
  EXPECT_THAT(Words({"agency", "import", "f", "--on-conflict", ""}), Not(IsEmpty()));
}

TEST_F(CompletionTest, NamesComeFromTheServer) {
  EXPECT_THAT(Words({"agency", "get", "syn"}), ElementsAre("syn-1", "syn-2"));
  EXPECT_EQ(asked_, "agency:syn");
  EXPECT_THAT(Words({"get", "agency", "agencies/s"}), ElementsAre("agencies/syn-1"));
  EXPECT_THAT(Words({"describe", "agencies/s"}), ElementsAre("agencies/syn-1"));
  EXPECT_EQ(asked_, "agency:agencies/s");
  EXPECT_THAT(Words({"--server", "127.0.0.1", ":", "7310", "agency", "get", "syn-1", "syn"}),
              ElementsAre("syn-1", "syn-2"));
  Words({"match", "get", ""});
  EXPECT_EQ(asked_, "match:");
  Words({"plugin", "describe", "m"});
  EXPECT_EQ(asked_, "plugin:m");
  Words({"context", "use", ""});
  EXPECT_EQ(asked_, "context:");
  Words({"agency", "list", "--context", ""});
  EXPECT_EQ(asked_, "context:");
}

TEST_F(CompletionTest, SubjectsMethodsAndFiles) {
  EXPECT_THAT(Words({"explain", "agency.assessment.gr"}), ElementsAre("agency.assessment.grade"));
  EXPECT_THAT(Words({"explain", "regi"}), ElementsAre("region"));
  EXPECT_THAT(Words({"call", "AgencyService/GetA"}), ElementsAre("AgencyService/GetAgency"));
  EXPECT_THAT(Words({"completion", "z"}), ElementsAre("zsh"));
  EXPECT_THAT(Words({"search", "--in", "agen"}), ElementsAre("agencies"));
  EXPECT_THAT(Words({"watch", "ag"}), ElementsAre("agency"));
  EXPECT_THAT(Words({"agency", "import", "--format", "n"}), ElementsAre("ndjson"));
  Words({"match", "explain", ""});
  EXPECT_EQ(asked_, "match:");
  Words({"agency", "merge", "syn"});
  EXPECT_EQ(asked_, "agency:syn");
  Words({"sync", "--source", "s"});
  EXPECT_EQ(asked_, "source:s");
  Words({"hsds", "import", ""});
  EXPECT_TRUE(files_);
  Words({"agency", "import", "x.csv", "--reject", ""});
  EXPECT_TRUE(files_);
  Words({"apply", "-f", ""});
  EXPECT_TRUE(files_);
  Words({"agency", "get", ""});
  EXPECT_FALSE(files_);
}

TEST(CompletionScriptTest, LooksLikeTheGoldenTexts) {
  for (const std::string& shell : CompletionShells()) {
    ExpectGolden("completion." + shell, CompletionScript(shell));
  }
}

}  // namespace
}  // namespace tandem::cli
