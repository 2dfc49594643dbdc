// SPDX-License-Identifier: Apache-2.0

#include "cli/import_checkpoint.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST(ImportCheckpointTest, IsReadAsItWasWritten) {
  const support::TempDir folder;
  const std::string path = folder.Path("x.checkpoint");
  ImportCheckpoint checkpoint;
  checkpoint.setup = "agency fail ndjson";
  checkpoint.file = "12:ab";
  checkpoint.request_id = "id";
  checkpoint.number = 1'000'000'000'000;
  checkpoint.position = {uint64_t{1} << 40, 77};
  checkpoint.local_refusals = 3;
  checkpoint.server_refusals = 4;
  checkpoint.refused_line = 70;
  checkpoint.reject_file = "册.csv";
  checkpoint.reject_bytes = 99;
  ASSERT_TRUE(SaveCheckpoint(checkpoint, path).ok());
  const auto read = LoadCheckpoint(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->setup, checkpoint.setup);
  EXPECT_EQ(read->file, checkpoint.file);
  EXPECT_EQ(read->request_id, checkpoint.request_id);
  EXPECT_EQ(read->number, checkpoint.number);
  EXPECT_EQ(read->position.offset, checkpoint.position.offset);
  EXPECT_EQ(read->position.line, checkpoint.position.line);
  EXPECT_EQ(read->local_refusals, checkpoint.local_refusals);
  EXPECT_EQ(read->server_refusals, checkpoint.server_refusals);
  EXPECT_EQ(read->refused_line, checkpoint.refused_line);
  EXPECT_EQ(read->reject_file, checkpoint.reject_file);
  EXPECT_EQ(read->reject_bytes, checkpoint.reject_bytes);
}

TEST(ImportCheckpointTest, WhatIsNoneIsRefused) {
  const support::TempDir folder;
  EXPECT_EQ(LoadCheckpoint(folder.Path("none")).status().code(), absl::StatusCode::kNotFound);
  for (const char* text : {"", "{}", "[1]", "{\"setup\":", "{\"setup\": 5}", "\xff"}) {
    Write(folder.Path("x"), text);
    EXPECT_THAT(std::string(LoadCheckpoint(folder.Path("x")).status().message()),
                HasSubstr("is no checkpoint"))
        << text;
  }
  EXPECT_FALSE(SaveCheckpoint(ImportCheckpoint(), folder.Path("no/such/folder")).ok());
}

TEST(ImportCheckpointTest, AFingerprintTellsFilesApart) {
  const support::TempDir folder;
  const std::string path = folder.Path("x");
  EXPECT_EQ(FileFingerprint(path), "");
  Write(path, "");
  const std::string empty = FileFingerprint(path);
  EXPECT_NE(empty, "");
  // The first and the last mebibyte count, and the size.
  std::string text(3 * 1024 * 1024, 'a');
  Write(path, text);
  const std::string whole = FileFingerprint(path);
  EXPECT_EQ(FileFingerprint(path), whole);
  for (size_t at : {size_t{0}, text.size() - 1}) {
    std::string other = text;
    other[at] = 'b';
    Write(path, other);
    EXPECT_NE(FileFingerprint(path), whole) << at;
  }
  Write(path, text + "a");
  EXPECT_NE(FileFingerprint(path), whole);
}

}  // namespace
}  // namespace tandem::cli
