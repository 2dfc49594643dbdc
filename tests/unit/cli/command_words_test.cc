// SPDX-License-Identifier: Apache-2.0

#include "cli/command_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "cli/command_line.h"

namespace tandem::cli {
namespace {

class CommandWordsTest : public ::testing::Test {
 protected:
  CommandWordsTest() { AddAllCommands(&root_, &options_, &chosen_); }

  std::string Ordered(const std::string& line) const {
    return absl::StrJoin(NounFirst(root_, absl::StrSplit(line, ' ', absl::SkipEmpty())), " ");
  }
  std::string Unknown(const std::string& line) const {
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    return UnknownWord(root_, NounFirst(root_, words));
  }

  GlobalOptions options_;
  Action chosen_;
  CLI::App root_{"", "tandem"};
};

TEST_F(CommandWordsTest, AVerbBeforeItsNounIsPutBehindIt) {
  const std::pair<const char*, const char*> cases[] = {
      {"agency get x", "agency get x"},
      {"get agency x", "agency get x"},
      {"describe agency x y", "agency describe x y"},
      {"describe agencies/x", "agency describe agencies/x"},
      {"describe agency/x agency/y", "agency describe agency/x agency/y"},
      {"delete serviceCategories/x --etag e", "category delete serviceCategories/x --etag e"},
      {"describe agencies/x/contacts/y", "contact describe agencies/x/contacts/y"},
      {"get agencies", "agency list"},
      {"get agencies -o json --filter a=1", "agency list -o json --filter a=1"},
      {"get agency --help", "agency get --help"},
      {"--server s:1 get needs", "--server s:1 need list"},
      {"get --filter agency=x offers", "offer list --filter agency=x"},
      {"list plugins", "plugin list"},
      {"get match r-01", "match get r-01"},
      {"help agency get", "agency get --help"},
      {"help", "--help"},
      {"get", "get"},
      {"search get agencies", "search get agencies"},
      {"-- get agencies", "-- get agencies"},
  };
  for (const auto& [written, ordered] : cases) EXPECT_EQ(Ordered(written), ordered) << written;
}

TEST_F(CommandWordsTest, TheFirstWrongWordIsNamedWithTheNearestRightOne) {
  const std::pair<const char*, const char*> cases[] = {
      {"agncy list", "unknown command agncy, did you mean agency?"},
      {"dscribe agency x", "unknown command dscribe, did you mean describe?"},
      {"get agncy x", "get: no kind of record is called agncy, did you mean agency?"},
      {"get serviceCategory/x",
       "get: no kind of record is called serviceCategory, did you mean "
       "ServiceCategory?"},
      {"get", "get what? write tandem NOUN get …"},
      {"freeze offer x", "offer has no freeze; it has get, list, describe"},
      {"agency get --fliter x", "unknown option --fliter"},
      {"context ues x", "unknown command ues, did you mean use?"},
      {"agency get x", ""},
      {"agency get x --", ""},
      {"--server list agency lst", "unknown command lst, did you mean list?"},
      {"aply -f x", "unknown command aply, did you mean apply?"},
  };
  for (const auto& [written, message] : cases) {
    EXPECT_THAT(Unknown(written), ::testing::StartsWith(message)) << written;
    EXPECT_EQ(Unknown(written).empty(), *message == '\0') << written;
  }
}

// What help, completion and the manual pages are made of.
void ExpectDescribed(const CLI::App& app, const std::string& path) {
  EXPECT_NE(app.get_description(), "") << path;
  for (const CLI::Option* option : app.get_options()) {
    EXPECT_NE(option->get_description(), "") << path << " " << option->get_name();
  }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    ExpectDescribed(*sub, path + " " + sub->get_name());
  }
}

TEST_F(CommandWordsTest, EveryCommandAndOptionSaysWhatItDoes) {
  for (const CLI::App* sub : root_.get_subcommands([](const CLI::App*) { return true; })) {
    ExpectDescribed(*sub, sub->get_name());
  }
}

}  // namespace
}  // namespace tandem::cli
