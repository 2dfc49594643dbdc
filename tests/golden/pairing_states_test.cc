// SPDX-License-Identifier: Apache-2.0

// golden/pairing/states.txt against the state table: every state, verb and actor.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <tuple>

#include "model/pairing_states.h"

namespace tandem::model {
namespace {

constexpr std::array<std::pair<v1::PairingActor, const char*>, 4> kActors = {
    {{v1::PAIRING_ACTOR_AGENCY, "agency"},
     {v1::PAIRING_ACTOR_COUNTY, "county"},
     {v1::PAIRING_ACTOR_COORDINATOR, "coordinator"},
     {v1::PAIRING_ACTOR_SERVER, "server"}}};

using Cell = std::tuple<std::string, std::string, std::string>;

// What the file says; every line has as many words as there are columns.
std::map<Cell, std::string> ReadTable() {
  std::map<Cell, std::string> table;
  std::ifstream file(TANDEM_PAIRING_STATES);
  EXPECT_TRUE(file.is_open()) << TANDEM_PAIRING_STATES;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string state, verb, to;
    words >> state >> verb;
    for (const auto& [actor, word] : kActors) {
      EXPECT_TRUE(words >> to) << line;
      EXPECT_TRUE(table.emplace(Cell(state, verb, word), to).second) << "twice: " << line;
    }
    EXPECT_FALSE(words >> to) << line;
  }
  return table;
}

TEST(PairingStatesFile, SaysWhatTheTableSays) {
  const std::map<Cell, std::string> table = ReadTable();
  size_t cells = 0;
  for (int state = v1::PAIRING_STATE_PROPOSED; state <= v1::PAIRING_STATE_SUPERSEDED; ++state) {
    const auto from = static_cast<v1::PairingState>(state);
    for (int i = 0; i <= static_cast<int>(PairingVerb::kLapse); ++i) {
      const auto verb = static_cast<PairingVerb>(i);
      for (const auto& [actor, word] : kActors) {
        const Cell cell{PairingStateText(from), PairingVerbName(verb), word};
        const auto to = PairingStateAfter(from, verb, actor);
        auto line = table.find(cell);
        ASSERT_NE(line, table.end()) << std::get<0>(cell) << " " << std::get<1>(cell);
        EXPECT_EQ(to ? std::string(PairingStateText(*to)) : "-", line->second)
            << std::get<0>(cell) << " " << std::get<1>(cell) << " " << word;
        ++cells;
      }
    }
  }
  EXPECT_EQ(cells, table.size()) << "the file has lines for states or verbs that do not exist";
}

}  // namespace
}  // namespace tandem::model
