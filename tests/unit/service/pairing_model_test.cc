// SPDX-License-Identifier: Apache-2.0

// Random verbs on a few pairings of one offer and one need, each answer compared with a model as
// plain as it can be: golden/pairing/states.txt for the states, sums for the room.

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "pairing_case.h"

namespace tandem::service {
namespace {

using v1::Pairing;

constexpr std::array<const char*, 3> kActors = {"agency", "county", "coordinator"};

// From (state, verb, actor) to the next state; nothing for "-".
using Table = std::map<std::tuple<std::string, std::string, std::string>, std::string>;

Table ReadTable() {
  Table table;
  std::ifstream file(TANDEM_PAIRING_STATES);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string state, verb, to;
    words >> state >> verb;
    for (const char* actor : {"agency", "county", "coordinator", "server"}) {
      words >> to;
      if (to != "-") table[{state, verb, actor}] = to;
    }
  }
  return table;
}

struct ModelPairing {
  std::string state = "PROPOSED";
  int64_t slots = 0;
  int64_t proposed = 0;
};

class PairingModelTest : public PairingCase {
 protected:
  static constexpr int64_t kOfferSlots = 3, kNeedSlots = 4;
  static constexpr int kPairings = 6;

  PairingModelTest() {
    MakeOffer("o", kOfferSlots);
    MakeNeed("n", kNeedSlots);
  }

  // What a verb should come to; changes the model when it is OK.
  std::string Expect(const std::string& verb, const std::string& actor, int64_t slots,
                     ModelPairing* pairing) {
    auto step = table_.find({pairing->state, verb, actor});
    if (step == table_.end()) {
      for (const char* other : {"agency", "county", "coordinator", "server"}) {
        if (table_.count({pairing->state, verb, other}) > 0) return "PERMISSION_DENIED";
      }
      return "STATE_WRONG";
    }
    ModelPairing after = *pairing;
    after.state = step->second;
    if (verb == "accept") {
      if (slots > pairing->slots) return "FIELD_INVALID";
      if (slots > 0) after.slots = slots;
    }
    if (verb == "accept" || verb == "agree") {
      if (after.proposed == 0) after.proposed = pairing->slots;
      int64_t others = 0;
      for (const ModelPairing& other : pairings_) {
        if (&other != pairing && Takes(other)) others += other.slots;
      }
      const bool more = !Takes(*pairing) || after.slots > pairing->slots;
      if (more && after.slots > std::min(kOfferSlots, kNeedSlots) - others) return "NO_ROOM";
    }
    *pairing = after;
    return "OK";
  }

  static bool Takes(const ModelPairing& pairing) {
    static const std::set<std::string> kTaking = {"AGENCY_ACCEPTED", "COUNTY_ACCEPTED", "AGREED",
                                                  "ACTIVE", "PAUSED"};
    return kTaking.count(pairing.state) > 0;
  }

  const Table table_ = ReadTable();
  std::vector<ModelPairing> pairings_ = std::vector<ModelPairing>(kPairings);
};

TEST_F(PairingModelTest, RandomVerbsDoWhatTheTableAndTheSumsSay) {
  constexpr std::array<const char*, 10> kVerbs = {"accept",   "accept", "decline", "agree",
                                                  "activate", "pause",  "resume",  "complete",
                                                  "withdraw", "fail"};
  ASSERT_FALSE(table_.empty());
  std::mt19937 random(20231114);
  auto below = [&random](size_t n) { return static_cast<size_t>(random() % n); };
  std::map<std::string, int> outcomes;
  int made = 0;
  std::vector<std::string> ids(kPairings);
  for (int i = 0; i < 2000; ++i) {
    const size_t at = below(kPairings);
    ModelPairing& pairing = pairings_[at];
    if (ids[at].empty() || (pairing.state != "PROPOSED" && !Takes(pairing) && below(2) == 0)) {
      // The next one in the place of one that has ended.
      pairing = ModelPairing();
      pairing.slots = 1 + static_cast<int64_t>(below(3));
      ids[at] = StrCat("p", made++);
      ASSERT_TRUE(Propose(ids[at], Between("o", "n", pairing.slots)).ok());
    }
    const size_t verb_at = below(kVerbs.size() + 1);
    // Rarely: it ends what others could still try.
    const std::string verb = verb_at < kVerbs.size() ? kVerbs[verb_at] : "supersede";
    const size_t actor = below(kActors.size());
    const int64_t slots = static_cast<int64_t>(below(5));
    const std::string expected = Expect(verb, kActors[actor], slots, &pairing);
    CallResult result =
        Say(verb, ids[at], static_cast<v1::PairingActor>(v1::PAIRING_ACTOR_AGENCY + actor), slots);
    ASSERT_EQ(result.reason(), expected)
        << "step " << i << ": " << kActors[actor] << " " << verb << " " << slots << " on "
        << pairing.state << ": " << result.status.error_message();
    ++outcomes[expected];
    if (!result.ok()) continue;
    const Pairing answer = result.As<Pairing>();
    ASSERT_EQ(v1::PairingState_Name(answer.state()), "PAIRING_STATE_" + pairing.state);
    ASSERT_EQ(answer.slots(), pairing.slots);
    ASSERT_EQ(answer.proposed_slots(), pairing.proposed);
  }
  for (const char* outcome :
       {"OK", "STATE_WRONG", "PERMISSION_DENIED", "FIELD_INVALID", "NO_ROOM"}) {
    EXPECT_GT(outcomes[outcome], 10) << outcome;
  }
}

}  // namespace
}  // namespace tandem::service
