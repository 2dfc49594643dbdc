// SPDX-License-Identifier: Apache-2.0

// Room: what pairings take never grows above the slots of their offer and their need, by whichever
// way it comes and whoever comes at the same time.

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "model/pairing_states.h"
#include "pairing_case.h"

namespace tandem::service {
namespace {

using v1::Pairing;

constexpr auto kAgency = v1::PAIRING_ACTOR_AGENCY;
constexpr auto kCounty = v1::PAIRING_ACTOR_COUNTY;

class PairingRoomTest : public PairingCase {
 protected:
  CallResult Withdraw(const std::string& id) {
    v1::WithdrawPairingRequest request;
    request.set_name("pairings/" + id);
    request.set_reason("taken back");
    return Call(PairingMethod("WithdrawPairing"), request);
  }
  std::string UpdateOfferSlots(const std::string& id, int64_t slots) {
    v1::UpdateOfferRequest request;
    request.mutable_offer()->set_name("offers/" + id);
    request.mutable_offer()->set_slots(slots);
    return Call("tandem.v1.OfferService/UpdateOffer", request).reason();
  }
};

TEST_F(PairingRoomTest, AnAcceptanceFitsOrIsRefusedWithWhatIsLeft) {
  MakeOffer("o", 3);
  MakeNeed("n", 10);
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(Propose(id, Between("o", "n", 2)).ok());
  EXPECT_TRUE(Accept("a", kAgency).ok());
  CallResult full = Accept("b", kAgency);
  EXPECT_EQ(full.reason(), "NO_ROOM");
  EXPECT_EQ(full.Metadata("target"), "offers/o");
  EXPECT_EQ(full.Metadata("slots"), "3");
  EXPECT_EQ(full.Metadata("taken"), "2");
  EXPECT_EQ(full.Metadata("left"), "1");
  EXPECT_EQ(full.Metadata("wanted"), "2");
  // A part fits. A county's yes takes slots as well.
  EXPECT_TRUE(Accept("b", kCounty, 1).ok());
  EXPECT_EQ(Accept("c", kCounty, 1).reason(), "NO_ROOM");
  // The other side's yes takes no more than the first, and may take less.
  EXPECT_TRUE(Accept("a", kCounty, 1).ok());
  EXPECT_TRUE(Accept("c", kCounty, 1).ok());
}

TEST_F(PairingRoomTest, TheNeedIsLookedAtToo) {
  MakeOffer("o", 10);
  MakeOffer("other", 10);
  MakeNeed("n", 1);
  ASSERT_TRUE(Propose("a", Between("o", "n", 1)).ok());
  ASSERT_TRUE(Propose("b", Between("other", "n", 1)).ok());
  ASSERT_TRUE(Propose("free", Between("", "", 99)).ok());
  EXPECT_TRUE(Accept("a", kAgency).ok());
  EXPECT_EQ(Accept("b", kAgency).Metadata("target"), "needs/n");
  EXPECT_TRUE(Accept("free", kAgency).ok());
}

TEST_F(PairingRoomTest, EveryEndingGivesTheSlotsBack) {
  MakeOffer("o", 1);
  ASSERT_TRUE(Propose("probe", Between("o", "", 1)).ok());
  const std::vector<std::vector<std::string>> lives = {{"decline"},
                                                       {"withdraw"},
                                                       {"agree", "withdraw"},
                                                       {"agree", "activate", "fail"},
                                                       {"agree", "activate", "complete"},
                                                       {"agree", "activate", "pause", "complete"},
                                                       {"supersede"}};
  for (const std::vector<std::string>& verbs : lives) {
    const std::string id = StrCat("ends-", verbs.back(), "-after-", verbs.size());
    SCOPED_TRACE(id);
    ASSERT_TRUE(Propose(id, Between("o", "", 1)).ok());
    ASSERT_TRUE(Accept(id, kAgency).ok());
    for (const std::string& verb : verbs) {
      EXPECT_EQ(Accept("probe", kAgency).reason(), "NO_ROOM") << verb;
      const bool county = verb == "decline" || verb == "agree";
      EXPECT_EQ(Say(verb, id, county ? kCounty : v1::PAIRING_ACTOR_COORDINATOR).reason(), "OK")
          << verb;
    }
  }
  EXPECT_TRUE(Accept("probe", kAgency).ok());
}

// A deleted pairing takes nothing; it comes back only while its slots are still there.
TEST_F(PairingRoomTest, ADeletedPairingComesBackIfItFits) {
  MakeOffer("o", 1);
  for (const char* id : {"a", "b"}) ASSERT_TRUE(Propose(id, Between("o", "", 1)).ok());
  ASSERT_TRUE(Accept("a", kAgency).ok());
  v1::DeletePairingRequest remove;
  remove.set_name("pairings/a");
  CallOk(PairingMethod("DeletePairing"), remove);
  ASSERT_TRUE(Accept("b", kAgency).ok());
  v1::UndeletePairingRequest undelete;
  undelete.set_name("pairings/a");
  EXPECT_EQ(Call(PairingMethod("UndeletePairing"), undelete).reason(), "NO_ROOM");
  ASSERT_TRUE(Withdraw("b").ok());
  EXPECT_TRUE(Call(PairingMethod("UndeletePairing"), undelete).ok());
}

TEST_F(PairingRoomTest, ImportsFitOrAreRefused) {
  MakeOffer("o", 3);
  Pairing running = Between("o", "", 2);
  running.set_state(v1::PAIRING_STATE_ACTIVE);
  EXPECT_EQ(Import("a", running), "OK");
  EXPECT_EQ(Import("b", running), "NO_ROOM");
  running.set_slots(1);
  EXPECT_EQ(Import("b", running), "OK");
  // Of the same pairing, more than there is.
  running.set_slots(2);
  EXPECT_EQ(Import("b", running), "NO_ROOM");
  running.set_state(v1::PAIRING_STATE_COMPLETED);
  EXPECT_EQ(Import("b", running), "OK");
}

// Somebody lowered the slots below what is taken: the pairings go on, but no more are accepted.
TEST_F(PairingRoomTest, LoweredSlotsStopNoPairingThatRuns) {
  MakeOffer("o", 3);
  for (const char* id : {"a", "b"}) ASSERT_TRUE(Propose(id, Between("o", "", 2)).ok());
  ASSERT_TRUE(Accept("a", kAgency).ok());
  ASSERT_EQ(UpdateOfferSlots("o", 1), "OK");
  EXPECT_TRUE(Accept("a", kCounty).ok());
  EXPECT_EQ(Accept("b", kAgency, 1).Metadata("left"), "0");
  ASSERT_EQ(UpdateOfferSlots("o", 3), "OK");
  EXPECT_TRUE(Accept("b", kAgency, 1).ok());
}

TEST_F(PairingRoomTest, AWithdrawnOfferIsNotAccepted) {
  MakeOffer("o", 3);
  ASSERT_TRUE(Propose("a", Between("o", "", 2)).ok());
  v1::UpdateOfferRequest update;
  update.mutable_offer()->set_name("offers/o");
  update.mutable_offer()->set_state(v1::OFFER_STATE_WITHDRAWN);
  CallOk("tandem.v1.OfferService/UpdateOffer", update);
  CallResult refused = Accept("a", kAgency);
  EXPECT_EQ(refused.reason(), "STATE_WRONG");
  EXPECT_EQ(refused.Metadata("name"), "offers/o");
}

// The slots that live pairings take from each offer and need in a view.
std::map<std::string, int64_t> TakenIn(const catalog::View& view) {
  const catalog::FieldTable& table = catalog::FieldTable::Of(model::RecordType::kPairing);
  std::map<std::string, int64_t> taken;
  view.ForEach(model::RecordType::kPairing, [&](catalog::RowRef row) {
    const auto state = static_cast<v1::PairingState>(
        row.segment->Integer(table.Find("state")->id, row.row).value_or(0));
    if (row.deleted() || !model::PairingTakesSlots(state)) return;
    const int64_t slots = row.segment->Integer(table.Find("slots")->id, row.row).value_or(0);
    for (const char* side : {"offer", "need"}) {
      auto name = row.segment->Text(table.Find(side)->id, row.row);
      if (name && !name->empty()) taken[std::string(*name)] += slots;
    }
  });
  return taken;
}

// Many writers accept, withdraw and propose anew at the same time; no revision anybody can read
// holds more than there is, and in the end nothing more would have fitted.
TEST_F(PairingRoomTest, ParallelAcceptancesNeverOverfill) {
  constexpr int kOffers = 3, kNeeds = 4, kThreads = 6, kRounds = 40;
  std::map<std::string, int64_t> slots;
  for (int i = 0; i < kOffers; ++i) {
    MakeOffer(StrCat("o", i), 4 + i);
    slots[StrCat("offers/o", i)] = 4 + i;
  }
  for (int i = 0; i < kNeeds; ++i) {
    MakeNeed(StrCat("n", i), 3 + i);
    slots[StrCat("needs/n", i)] = 3 + i;
  }
  std::atomic<bool> done{false};
  std::atomic<int64_t> views{0};
  std::thread watcher([&] {
    store::Revision seen = 0;
    while (!done.load()) {
      const std::shared_ptr<const catalog::View> view = directory().catalog->view();
      if (view->revision() == seen) {
        std::this_thread::yield();
        continue;
      }
      seen = view->revision();
      ++views;
      for (const auto& [name, taken] : TakenIn(*view)) {
        EXPECT_LE(taken, slots.at(name)) << name << " at revision " << seen;
      }
    }
  });
  std::atomic<int> accepted{0}, refused{0};
  std::vector<std::thread> writers;
  for (int t = 0; t < kThreads; ++t) {
    writers.emplace_back([&, t] {
      std::mt19937 random(static_cast<uint32_t>(t));
      auto below = [&random](int n) {
        return static_cast<int>(random() % static_cast<uint32_t>(n));
      };
      std::vector<std::string> held;
      for (int i = 0; i < kRounds; ++i) {
        const std::string id = StrCat("p", t, "-", i);
        const int64_t asked = 1 + below(3);
        EXPECT_TRUE(
            Propose(id, Between(StrCat("o", below(kOffers)), StrCat("n", below(kNeeds)), asked))
                .ok());
        CallResult result =
            Accept(id, below(2) == 0 ? kAgency : kCounty, 1 + below(static_cast<int>(asked)));
        if (result.ok()) {
          ++accepted;
          held.push_back(id);
        } else {
          EXPECT_EQ(result.reason(), "NO_ROOM") << result.status.error_message();
          ++refused;
        }
        if (held.size() > 2) {
          EXPECT_TRUE(Withdraw(held.front()).ok());
          held.erase(held.begin());
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done = true;
  watcher.join();
  EXPECT_GT(views.load(), 0);
  EXPECT_GT(accepted.load(), kThreads);
  EXPECT_GT(refused.load(), 0);
  // What is left is left: proposals for exactly that much are accepted, one slot more is not.
  std::map<std::string, int64_t> taken = TakenIn(*directory().catalog->view());
  for (int i = 0; i < kOffers; ++i) {
    const std::string offer = StrCat("o", i);
    const int64_t left = slots["offers/" + offer] - taken["offers/" + offer];
    ASSERT_TRUE(Propose("rest-" + offer, Between(offer, "", left + 1)).ok());
    EXPECT_EQ(Accept("rest-" + offer, kAgency).reason(), "NO_ROOM");
    if (left > 0) {
      EXPECT_TRUE(Accept("rest-" + offer, kAgency, left).ok());
    }
  }
}

}  // namespace
}  // namespace tandem::service
