// SPDX-License-Identifier: Apache-2.0

#include "golden_file.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace tandem::cli {

void ExpectGolden(const std::string& name, const std::string& text) {
  const std::string path = std::string(CLI_GOLDEN_DIR) + "/" + name;
  if (std::getenv("TANDEM_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  std::ostringstream expected;
  expected << file.rdbuf();
  EXPECT_TRUE(file.good() || file.eof()) << path << " is missing";
  EXPECT_EQ(text, expected.str()) << path;
}

}  // namespace tandem::cli
