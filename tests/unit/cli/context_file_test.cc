// SPDX-License-Identifier: Apache-2.0

#include "cli/context_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;

class ContextFileTest : public ::testing::Test {
 protected:
  ContextFileTest() {
    char name[] = "/tmp/tandem-context-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~ContextFileTest() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_F(ContextFileTest, IsWrittenForItsOwnerOnlyAndReadAgain) {
  const std::string path = folder_ + "/new/tandem/config.yaml";
  ContextFile file;
  file.current = "b";
  file.contexts = {{"a", "10.0.0.1:7310", "", "", ""},
                   {"b", "[::1]:7310", "/run/a b.sock", "90s", "json"}};
  ASSERT_TRUE(WriteContextFile(path, file).ok());
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto read = ReadContextFile(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->current, "b");
  ASSERT_EQ(read->contexts.size(), 2U);
  EXPECT_EQ(read->Find("b")->admin_socket, "/run/a b.sock");
  EXPECT_EQ(read->Find("b")->server, "[::1]:7310");
  EXPECT_EQ(read->Find("c"), nullptr);
  // A file that was left readable for all is not after the next write.
  chmod(path.c_str(), 0644);
  ASSERT_TRUE(WriteContextFile(path, *read).ok());
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(ContextFileTest, NoFileIsAnEmptyOne) {
  const auto read = ReadContextFile(folder_ + "/none.yaml");
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->contexts.empty());
}

TEST_F(ContextFileTest, DamageIsToldWithItsLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"current: a\n", "f:1:10: the current context a is not among the contexts"},
      {"contexts:\n- name: a\n  sever: x\n", "f:3:3: unknown key sever, did you mean server?"},
      {"contexts:\n- name: a\n- name: a\n", "f:3:3: a second context a"},
      {"contexts:\n- server: a\n", "f:2:3: a context must have a name"},
      {"contexts:\n- name: a\n  timeout: soon\n", "timeout: soon is no time"},
      {"contexts:\n- name: a\n  output: jsn\n", "did you mean json?"},
      {"contexts:\n- name: a\n  server: [x]\n", "f:3:11: server must be a single text"},
      {"contexts: 3\n", "f:1:1: unknown key contexts"},
      {"curent: a\n", "did you mean current?"},
      {"- a\n", "f:1:1: the file must be a mapping"},
      {"contexts:\n- {name: a\n", "f:3:"},
      {"contexts: [a]\n", "a context must be a mapping"},
  };
  for (const auto& [text, message] : cases) {
    const auto read = ParseContextFile(text, "f");
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(message)) << text;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("mend the line"));
  }
  EXPECT_TRUE(ParseContextFile("", "f").ok());
  EXPECT_TRUE(ParseContextFile("contexts:\n", "f").ok());
}

TEST_F(ContextFileTest, AFolderThatCanNotBeMadeIsAnError) {
  std::ofstream(folder_ + "/file") << "x";
  EXPECT_FALSE(WriteContextFile(folder_ + "/file/config.yaml", {}).ok());
  EXPECT_FALSE(WriteContextFile("", {}).ok());
}

}  // namespace
}  // namespace tandem::cli
