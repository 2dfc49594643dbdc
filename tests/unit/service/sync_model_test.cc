// SPDX-License-Identifier: Apache-2.0

// Random syncs of several sources, corrections by persons and decisions with and without an end,
// against a model that keeps everybody's last word in a map and picks by the written order. After
// every step the directory holds what the model says, and each source's last word is found: in the
// agency, or in a conflict.

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "model/field_groups.h"
#include "sync_call.h"

namespace tandem::service {
namespace {

// What somebody said of one group: a number, or "nothing" (-1), which only a person can say.
struct Word {
  int value = -1;
  absl::Time said;
  std::string lapse_date;
};

struct Decision {
  std::string source;
  std::string until;
};

// One group of one agency.
class ModelGroup {
 public:
  explicit ModelGroup(const std::map<std::string, int>* strengths) : strengths_(*strengths) {}

  void Say(const std::string& source, int value, absl::Time now) {
    Word& word = words_[source];
    if (word.said != absl::Time() && word.value == value) return;
    word.value = value;
    word.said = now;
  }
  void Correct(int value, const std::string& lapse_date, absl::Time now) {
    words_["manual"] = {value, now, lapse_date};
    decision_.reset();
    decided_ = false;
    held_ = value;
  }
  void Decide(const std::string& source, const std::string& until) {
    decision_ = Decision{source, until};
    decided_ = true;
    held_ = words_.at(source).value;
  }
  // As a sync that touches the group on `today` does.
  void Weigh(const std::string& today) {
    if (decision_ && Over(decision_->until, today)) decision_.reset();
    decided_ = decision_.has_value();
    std::tuple<int, absl::Time, bool> best;
    const Word* winner = nullptr;
    for (const auto& [source, word] : words_) {
      std::tuple<int, absl::Time, bool> rank(Strength(source, word, today), word.said,
                                             word.value == held_);
      if (winner == nullptr || rank > best) {
        winner = &word;
        best = rank;
      }
    }
    if (winner != nullptr) held_ = winner->value;
  }
  // Something that was to hold until a day is over.
  bool IsDue(const std::string& today) const {
    if (decision_ && Over(decision_->until, today)) return true;
    auto manual = words_.find("manual");
    return manual != words_.end() && manual->second.value == held_ &&
           Over(manual->second.lapse_date, today);
  }

  int held() const { return held_; }
  bool decided() const { return decided_; }
  const std::map<std::string, Word>& words() const { return words_; }

 private:
  static bool Over(const std::string& day, const std::string& today) {
    return !day.empty() && day < today;
  }
  int Strength(const std::string& source, const Word& word, const std::string& today) const {
    if (decision_ && decision_->source == source) return 1000;
    if (source == "manual") return Over(word.lapse_date, today) ? 0 : 900;
    return strengths_.at(source);
  }

  const std::map<std::string, int>& strengths_;
  std::map<std::string, Word> words_;
  std::optional<Decision> decision_;
  bool decided_ = false;
  int held_ = -1;
};

constexpr const char* kGroups[] = {"staff", "description", "assessment", "capacity"};

void Put(const std::string& group, int value, v1::Agency* row) {
  if (value < 0) return;
  if (group == "staff") row->mutable_staff()->set_total(value);
  if (group == "description") row->set_what_we_do(StrCat("访", value));
  if (group == "assessment") row->mutable_assessment()->set_points(value);
  if (group == "capacity") row->mutable_capacity()->set_slots(value + 1);
}

int Read(const std::string& group, const v1::Agency& row) {
  if (group == "staff") return row.has_staff() ? row.staff().total() : -1;
  if (group == "description") {
    return row.what_we_do().empty() ? -1 : std::stoi(row.what_we_do().substr(3));
  }
  if (group == "assessment") return row.has_assessment() ? row.assessment().points() : -1;
  return row.has_capacity() ? row.capacity().slots() - 1 : -1;
}

const std::map<std::string, std::string>& MaskOf() {
  static const std::map<std::string, std::string> kMasks = {{"staff", "staff"},
                                                            {"description", "what_we_do"},
                                                            {"assessment", "assessment"},
                                                            {"capacity", "capacity"}};
  return kMasks;
}

class SyncModelTest : public SyncFixture, public ::testing::WithParamInterface<uint32_t> {
 protected:
  static constexpr int kAgencies = 4;

  void SetUp() override {
    MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
    MakeSource("body", v1::SOURCE_KIND_ASSESSMENT_BODY);
    MakeSource("east", v1::SOURCE_KIND_ASSOCIATION);
    MakeSource("west", v1::SOURCE_KIND_ASSOCIATION);
    MakeSource("self", v1::SOURCE_KIND_SELF);
    std::vector<v1::Agency> rows;
    for (int i = 0; i < kAgencies; ++i) {
      rows.push_back(Row(StrCat("a", i)));
      for (const char* group : kGroups) model_[i].emplace(group, &strengths_);
    }
    Sync("reg", rows);
  }

  int Below(int n) { return static_cast<int>(dice_() % static_cast<uint32_t>(n)); }
  std::string Today() const {
    return absl::FormatTime("%Y-%m-%d", const_cast<SyncModelTest*>(this)->clock().Now(),
                            absl::UTCTimeZone());
  }
  std::string SomeDay() {
    if (Below(3) == 0) return "";
    return absl::FormatTime("%Y-%m-%d", clock().Now() + absl::Hours(24 * Below(4)),
                            absl::UTCTimeZone());
  }

  void SyncOne() {
    static const char* const kSources[] = {"reg", "body", "east", "west", "self"};
    const std::string source = kSources[Below(5)];
    std::vector<v1::Agency> rows;
    for (int i = 0; i < kAgencies; ++i) {
      if (Below(3) == 0) continue;
      v1::Agency row = Row(StrCat("a", i));
      for (const char* group : kGroups) {
        ModelGroup& known = model_[i].at(group);
        const int value = Below(4) - 1;
        Put(group, value, &row);
        if (value >= 0) known.Say(StrCat("sources/", source), value, clock().Now());
        if (value >= 0 || known.IsDue(Today())) known.Weigh(Today());
      }
      rows.push_back(row);
    }
    EXPECT_EQ(
        Sync(source, rows, {.chunk = size_t{1} + static_cast<size_t>(Below(3))}).counts().failed(),
        0);
  }

  void CorrectOne() {
    const int agency = Below(kAgencies);
    const std::string group = kGroups[Below(4)];
    ModelGroup& known = model_[agency].at(group);
    const int value = Below(4) - 1;
    if (value == known.held()) return;
    v1::Agency patch = Get(StrCat("a", agency));
    std::vector<std::string> mask = {MaskOf().at(group)};
    v1::Agency empty = Row("x");
    Put(group, value, &empty);
    model::SetGroup(empty, *model::FindFieldGroup(model::RecordType::kAgency, group), &patch);
    std::string lapse;
    if (Below(2) == 0) {
      lapse = SomeDay();
      mask.push_back("provenance");
      auto* entries = patch.mutable_provenance();
      entries->erase(std::remove_if(entries->begin(), entries->end(),
                                    [&](const v1::Provenance& entry) {
                                      return entry.field_path() == group &&
                                             entry.source() == "manual";
                                    }),
                     entries->end());
      v1::Provenance* entry = patch.add_provenance();
      entry->set_field_path(group);
      entry->set_source("manual");
      entry->set_lapse_date(lapse);
    } else {
      for (const v1::Provenance& entry : patch.provenance()) {
        if (entry.field_path() != group || entry.source() != "manual") continue;
        // A correction made today does not lapse before it begins.
        if (entry.lapse_date() >= Today()) lapse = entry.lapse_date();
      }
    }
    Update(patch, mask);
    known.Correct(value, lapse, clock().Now());
  }

  void DecideOne() {
    const std::vector<v1::FieldConflict> conflicts = Conflicts();
    if (conflicts.empty()) return;
    const v1::FieldConflict& conflict =
        conflicts[static_cast<size_t>(Below(static_cast<int>(conflicts.size())))];
    const int agency = conflict.agency().back() - '0';
    ModelGroup& known = model_[agency].at(conflict.field_group());
    auto word = known.words().begin();
    std::advance(word, Below(static_cast<int>(known.words().size())));
    const std::string until = SomeDay();
    CallResult result = Resolve(conflict.name(), word->first, until);
    ASSERT_TRUE(result.ok()) << result.status.error_message();
    known.Decide(word->first, until);
  }

  void Compare() {
    std::map<std::string, v1::FieldConflict> conflicts;
    for (v1::FieldConflict& conflict : Conflicts()) conflicts[conflict.name()] = conflict;
    for (int i = 0; i < kAgencies; ++i) {
      const v1::Agency agency = Get(StrCat("a", i));
      for (const char* group : kGroups) {
        SCOPED_TRACE(StrCat(agency.name(), " ", group));
        const ModelGroup& known = model_[i].at(group);
        ASSERT_EQ(Read(group, agency), known.held()) << agency.DebugString();
        for (const auto& [source, word] : known.words()) {
          SCOPED_TRACE(source);
          bool stands = false;
          for (const v1::Provenance& entry : agency.provenance()) {
            stands = stands || (entry.field_path() == group && entry.source() == source);
          }
          ASSERT_EQ(stands, word.value == known.held()) << agency.DebugString();
          auto conflict = conflicts.find(
              StrCat("fieldConflicts/", model::FieldConflictId(agency.name(), group, source)));
          if (stands) {
            if (conflict == conflicts.end()) continue;
            ASSERT_EQ(conflict->second.state(), v1::FIELD_CONFLICT_STATE_RESOLVED);
          } else {
            ASSERT_NE(conflict, conflicts.end());
            ASSERT_EQ(Read(group, conflict->second.value()), word.value);
            ASSERT_EQ(conflict->second.state(), known.decided() ? v1::FIELD_CONFLICT_STATE_RESOLVED
                                                                : v1::FIELD_CONFLICT_STATE_OPEN)
                << conflict->second.DebugString();
          }
        }
      }
    }
  }

  const std::map<std::string, int> strengths_ = {{"sources/reg", 40},
                                                 {"sources/body", 30},
                                                 {"sources/east", 20},
                                                 {"sources/west", 20},
                                                 {"sources/self", 10}};
  std::mt19937 dice_{GetParam()};
  std::map<int, std::map<std::string, ModelGroup>> model_;
};

TEST_P(SyncModelTest, TheDirectoryHoldsWhatTheOrderSays) {
  for (int step = 0; step < 60; ++step) {
    clock().Advance(Below(2) == 0 ? absl::Seconds(1 + Below(100))
                                  : absl::Hours(24 * Below(3)) + absl::Seconds(1));
    const int kind = Below(6);
    const char* what = kind < 4 ? "sync" : kind == 4 ? "correction" : "decision";
    SCOPED_TRACE(StrCat("step ", step, ": ", what));
    if (kind < 4) SyncOne();
    if (kind == 4) CorrectOne();
    if (kind == 5) DecideOne();
    Compare();
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SyncModelTest, ::testing::Range(uint32_t{1}, uint32_t{9}));

}  // namespace
}  // namespace tandem::service
