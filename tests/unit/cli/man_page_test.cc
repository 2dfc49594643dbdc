// SPDX-License-Identifier: Apache-2.0

#include "cli/man_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command_line.h"
#include "golden_file.h"

namespace tandem::cli {
namespace {

TEST(ManPageTest, ASmallTreeLooksLikeTheGoldenText) {
  CLI::App root("A program 程序", "prog");
  root.footer("Exit codes: 0 done\n.no request");
  std::string server = "host:1";
  root.add_option("-s,--server", server, "Address, HOST:PORT")->capture_default_str();
  CLI::App* noun = root.add_subcommand("noun", "名词 nouns");
  CLI::App* get = noun->add_subcommand("get", "Print 'quotes' and \\backslashes\\");
  std::vector<std::string> names;
  get->add_option("NAME", names, "nouns/{id}")->required();
  bool all = false;
  get->add_flag("--all", all, "All of them");
  get->footer("A note ~ of `get`.");
  std::string text;
  for (const ManPage& page : ManPages(root, "1.2.3")) {
    text += "==> " + page.file + "\n" + page.text;
  }
  ExpectGolden("man_pages.txt", text);
}

TEST(ManPageTest, TextsAreNoRequests) {
  EXPECT_EQ(RoffText(".x"), "\\&.x");
  EXPECT_EQ(RoffText("a\n'b"), "a\n\\&'b");
  EXPECT_EQ(RoffText("--a\\b"), "\\-\\-a\\eb");
}

TEST(ManPageTest, EveryTopCommandHasAPage) {
  GlobalOptions options;
  Action chosen;
  CLI::App root("", "tandem");
  AddAllCommands(&root, &options, &chosen);
  std::vector<std::string> files;
  for (const ManPage& page : ManPages(root, "0")) files.push_back(page.file);
  EXPECT_EQ(files.front(), "tandem.1");
  for (const CLI::App* sub : root.get_subcommands([](const CLI::App*) { return true; })) {
    EXPECT_THAT(files, ::testing::Contains("tandem-" + sub->get_name() + ".1"));
  }
}

}  // namespace
}  // namespace tandem::cli
