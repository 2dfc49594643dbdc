// SPDX-License-Identifier: Apache-2.0

// Mirrors while others write: watchers that start somewhere, break off anywhere and go on, and
// lists with the changes behind them, each end with exactly the directory.

#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "import_call.h"
#include "model/absl_strings.h"
#include "tandem/v1/change_service.pb.h"
#include "watch_call.h"

namespace tandem::service {
namespace {

// Records by name, as their bytes.
using State = std::map<std::string, std::string>;

// Applies events of whole revisions and holds them to what an unbroken order promises.
class Mirror {
 public:
  // `state` as of `revision`.
  Mirror(State state, int64_t revision) : state_(std::move(state)), revision_(revision) {}

  int64_t revision() const { return revision_; }
  const State& state() const { return state_; }

  void Take(const v1::WatchResponse& message) {
    waiting_.insert(waiting_.end(), message.events().begin(), message.events().end());
    if (message.continued()) return;
    for (const v1::ChangeEvent& event : waiting_) Apply(event);
    waiting_.clear();
    // Every revision of this directory changes a category: none may be missing.
    EXPECT_EQ(revision_, message.revision());
  }
  // The connection broke: what was not whole is forgotten.
  void Forget() { waiting_.clear(); }

 private:
  void Apply(const v1::ChangeEvent& event) {
    EXPECT_TRUE(event.revision() == revision_ || event.revision() == revision_ + 1)
        << event.revision() << " after " << revision_;
    revision_ = event.revision();
    auto before = state_.find(event.name());
    EXPECT_EQ(before != state_.end(), event.previous_revision() != 0) << event.name();
    if (event.has_previous() && before != state_.end()) {
      EXPECT_EQ(event.previous().service_category().SerializeAsString(), before->second);
    }
    state_[event.name()] = event.record().service_category().SerializeAsString();
  }

  State state_;
  int64_t revision_;
  std::vector<v1::ChangeEvent> waiting_;
};

class WatchMirrorTest : public ImportStreamTest {
 protected:
  // One random write of one of a few records; a refused one is a write that did not happen.
  void WriteAtRandom(std::mt19937* dice) {
    const std::string id = StrCat("c", (*dice)() % 25);
    switch ((*dice)() % 8) {
      case 0:
      case 1: {
        v1::CreateServiceCategoryRequest create;
        create.set_service_category_id(id);
        *create.mutable_service_category() = Category(id);
        Call("tandem.v1.ServiceCategoryService/CreateServiceCategory", create);
        return;
      }
      case 2: {
        v1::DeleteServiceCategoryRequest request;
        request.set_name(CategoryName(id));
        Call("tandem.v1.ServiceCategoryService/DeleteServiceCategory", request);
        return;
      }
      case 3: {
        v1::UndeleteServiceCategoryRequest request;
        request.set_name(CategoryName(id));
        Call("tandem.v1.ServiceCategoryService/UndeleteServiceCategory", request);
        return;
      }
      case 4: {
        // Many at once, now and then more than a message holds.
        std::vector<v1::ServiceCategory> records = Categories(20);
        for (v1::ServiceCategory& record : records) {
          record.set_definition(std::string((*dice)() % 2000, 'd'));
        }
        ImportCall import(channel());
        import.Send(OptionsOnly(v1::IMPORT_CONFLICT_RULE_REPLACE));
        import.Send(Chunk(records, 1, records.size()));
        EXPECT_TRUE(import.Finish().ok());
        return;
      }
      default: {
        v1::UpdateServiceCategoryRequest request;
        request.mutable_service_category()->set_name(CategoryName(id));
        request.mutable_service_category()->set_definition(StrCat((*dice)()));
        request.mutable_update_mask()->add_paths("definition");
        Call("tandem.v1.ServiceCategoryService/UpdateServiceCategory", request);
      }
    }
  }

  // Every record, deleted ones too, page by page; the revision of the first page. Later pages are
  // newer, which the changes behind that revision repeat.
  std::pair<State, int64_t> ListPages() {
    State state;
    int64_t revision = 0;
    v1::ListServiceCategoriesRequest list;
    list.set_page_size(7);
    list.set_show_deleted(true);
    do {
      auto page = CallOk("tandem.v1.ServiceCategoryService/ListServiceCategories", list)
                      .As<v1::ListServiceCategoriesResponse>();
      if (revision == 0) revision = page.revision();
      for (const auto& record : page.service_categories()) {
        state[record.name()] = record.SerializeAsString();
      }
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty());
    return {state, revision};
  }

  // Writes on two threads while `watch(seed)` runs on several; the last revision is told when they
  // are done.
  template <typename Watch>
  void RunBesideWrites(int watchers, Watch&& watch) {
    std::vector<std::thread> threads;
    for (int i = 0; i < watchers; ++i) threads.emplace_back([&watch, i] { watch(i); });
    std::vector<std::thread> writers;
    for (uint32_t seed : {1U, 2U}) {
      writers.emplace_back([this, seed] {
        std::mt19937 dice(seed);
        for (int i = 0; i < kWrites; ++i) WriteAtRandom(&dice);
      });
    }
    for (std::thread& writer : writers) writer.join();
    last_ = revision();
    for (std::thread& thread : threads) thread.join();
  }

  State Truth() {
    State truth;
    for (const auto& [id, record] : All()) truth[CategoryName(id)] = record.SerializeAsString();
    return truth;
  }

  static constexpr int kWrites = 400;
  // 0 while somebody writes.
  std::atomic<int64_t> last_ = 0;
};

TEST_F(WatchMirrorTest, WatchersThatBreakOffAndGoOnEndWithTheDirectory) {
  const int64_t empty = revision();
  constexpr int kWatchers = 4;
  std::vector<std::unique_ptr<Mirror>> mirrors;
  for (int i = 0; i < kWatchers; ++i) {
    mirrors.push_back(std::make_unique<Mirror>(State(), empty));
  }
  std::atomic<int> connections = 0;
  RunBesideWrites(kWatchers, [&](int i) {
    std::mt19937 dice(static_cast<uint32_t>(100 + i));
    Mirror& mirror = *mirrors[static_cast<size_t>(i)];
    while (last_ == 0 || mirror.revision() < last_) {
      v1::WatchRequest request = CategoriesFrom(mirror.revision() + 1);
      request.set_include_previous(i % 2 == 1);
      // So that a watcher of a quiet directory looks up now and then.
      request.mutable_progress_interval()->set_nanos(100'000'000);
      WatchCall watch(channel(), request);
      ++connections;
      for (uint32_t left = 1 + dice() % 60; left > 0; --left) {
        auto message = watch.Next();
        if (!message) {
          ADD_FAILURE() << watch.Finish().status.error_message();
          return;
        }
        mirror.Take(*message);
        if (last_ != 0 && mirror.revision() >= last_) break;
      }
      mirror.Forget();
    }
  });
  EXPECT_GT(connections, kWatchers);
  const State truth = Truth();
  EXPECT_FALSE(truth.empty());
  for (const auto& mirror : mirrors) EXPECT_EQ(mirror->state(), truth);
}

TEST_F(WatchMirrorTest, AListAndTheChangesBehindItMakeAMirrorWithoutAGap) {
  constexpr int kWatchers = 3;
  std::vector<State> states(kWatchers);
  RunBesideWrites(kWatchers, [&](int i) {
    State& state = states[static_cast<size_t>(i)];
    bool done = false;
    while (!done) {
      int64_t revision = 0;
      std::tie(state, revision) = ListPages();
      v1::WatchRequest request = CategoriesFrom(revision + 1);
      request.mutable_progress_interval()->set_nanos(100'000'000);
      WatchCall watch(channel(), request);
      // A few messages, then all over again from a new list.
      for (int left = 40; left > 0 && !done; --left) {
        auto message = watch.Next();
        ASSERT_TRUE(message.has_value());
        for (const v1::ChangeEvent& event : message->events()) {
          state[event.name()] = event.record().service_category().SerializeAsString();
        }
        done = last_ != 0 && message->revision() >= last_;
      }
    }
  });
  const State truth = Truth();
  for (const State& state : states) EXPECT_EQ(state, truth);
}

TEST_F(WatchMirrorTest, PagesOfChangesMakeTheSameMirror) {
  const int64_t empty = revision();
  std::map<std::string, std::string> state;
  int64_t next = empty + 1;
  RunBesideWrites(1, [&](int) {
    std::mt19937 dice(7);
    while (last_ == 0 || next <= last_) {
      v1::ListChangesRequest request;
      request.add_collections("serviceCategories");
      request.set_start_revision(next);
      int64_t before = next - 1;
      do {
        request.set_page_size(static_cast<int32_t>(1 + dice() % 30));
        auto page =
            CallOk("tandem.v1.ChangeService/ListChanges", request).As<v1::ListChangesResponse>();
        EXPECT_LE(page.changes_size(), request.page_size());
        EXPECT_FALSE(page.continued() && page.next_page_token().empty());
        for (const v1::ChangeEvent& event : page.changes()) {
          EXPECT_GE(event.revision(), before);
          EXPECT_LE(event.revision(), before + 1) << "a revision is missing";
          before = event.revision();
          state[event.name()] = event.record().service_category().SerializeAsString();
        }
        next = page.revision() + 1;
        request.set_page_token(page.next_page_token());
      } while (!request.page_token().empty());
    }
  });
  EXPECT_EQ(state, Truth());
}

}  // namespace
}  // namespace tandem::service
