// SPDX-License-Identifier: Apache-2.0

// The screen of a finished match run, Chinese and English: who helps whom, why, who got nothing and
// why, whether it is fair and whether it was verified. Pure: everything it shows is handed in.
#pragma once

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "tandem/v1/match_run.pb.h"
#include "tandem/v1/round.pb.h"

namespace tandem::cli {

// One pairing of the plan, with the names its records had when the screen was made.
struct PlanRow {
  std::string assisting_agency;
  std::string grade;
  std::string from;
  // Empty: still to be founded.
  std::string receiving_agency;
  std::string county;
  std::string field;
  int64_t slots = 0;
  // Combined score, 0 to 1,000,000; the screen shows thousandths of it.
  int64_t score = 0;
  // Kept from a running pairing, not chosen.
  bool fixed = false;
  // The facts that set this pair apart from the others shown.
  std::string why;
};

// Everything on the screen.
struct PlanScreen {
  v1::MatchRun run;
  // Empty name: a run over standing offers and needs.
  v1::Round round;
  // The best pairings, best first.
  std::vector<PlanRow> rows;
  // Short text of each corridor by its id, for example "浙→青"; the id where there is none.
  std::map<std::string, std::string> corridors;
  // All agencies shown are made up.
  bool synthetic = false;
};

// Prints the screen; labels are bold and failures red when `colour`.
void PrintPlanScreen(const PlanScreen& screen, bool colour, std::ostream& out);

// "7f3a…c21e" for a long digest.
std::string ShortDigest(const std::string& digest);

}  // namespace tandem::cli
