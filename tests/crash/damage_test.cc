// SPDX-License-Identifier: Apache-2.0

// Flipped bits, cut files and missing files of every kind. Each must be refused at the start,
// reported by the read that meets it, or provably harmless: then every record, log entry and
// request id reads as before.

#include <algorithm>
#include <array>
#include <iomanip>
#include <iostream>

#include "absl/time/clock.h"
#include "crash/ledger.h"
#include "crash/simulated_disk.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "store/high_water.h"
#include "store/open_store.h"
#include "support/status_matchers.h"

namespace tandem::crash {
namespace {

using support::IsOk;

enum class Outcome { kRefused, kReported, kHarmless, kWrong };
constexpr int kOutcomes = 4;

// The kind of a file of a data directory, by its name.
std::string KindOf(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const auto ends = [&](std::string_view end) {
    return name.size() >= end.size() &&
           name.compare(name.size() - end.size(), end.size(), end) == 0;
  };
  if (ends(".sst")) return "SST";
  if (ends(".log")) return "WAL";
  return name.substr(0, name.find('-'));
}

class DamageTest : public ::testing::Test {
 protected:
  // A store as a crash leaves it: table files, and a log file with what is in none of them.
  void SetUp() override {
    auto disk = std::make_shared<SimulatedDisk>();
    auto env = EnvOn(disk);
    Write(env.get(), 60, /*close=*/true);
    Write(env.get(), 60, /*close=*/true);
    auto log = Write(env.get(), 30, /*close=*/false);
    ASSERT_NE(log, nullptr);
    image_ = disk->Image();
    log.reset();
    // The high-water file is as new as the data: what is cut off behind it is the subject of no
    // promise.
    ASSERT_EQ(store::ParseHighWater(image_.at("/data/HIGH_WATER"))->revision,
              ledger_.acknowledged());
  }

  std::unique_ptr<store::EmbeddedLog> Write(rocksdb::Env* env, int groups, bool close) {
    auto log = Open(env);
    EXPECT_THAT(log, IsOk());
    if (!log.ok()) return nullptr;
    for (int i = 0; i < groups; ++i) EXPECT_THAT(ledger_.Append(**log), IsOk());
    if (!close) {
      // Until the high-water file has followed.
      const absl::Time end = absl::Now() + absl::Seconds(30);
      while (absl::Now() < end) {
        const auto file = store::ReadHighWater(env, "/data");
        if (file.ok() && file->mark && file->mark->revision == (*log)->Head()) break;
      }
      return *std::move(log);
    }
    EXPECT_THAT((*log)->Close(), IsOk());
    return nullptr;
  }

  static absl::StatusOr<std::unique_ptr<store::EmbeddedLog>> Open(rocksdb::Env* env) {
    store::StoreOptions options;
    options.data_dir = "/data";
    options.env = env;
    options.cache_bytes = 1U << 20U;
    options.high_water_interval = absl::Milliseconds(2);
    return store::OpenStore(std::move(options));
  }

  // What becomes of a store with this content.
  Outcome Try(const DiskImage& image, const std::string& what) {
    auto disk = std::make_shared<SimulatedDisk>(image);
    auto env = EnvOn(disk);
    const auto log = Open(env.get());
    if (!log.ok()) return Outcome::kRefused;
    // The ledger as of the image: a check changes it.
    Ledger ledger = ledger_;
    const std::vector<std::string> problems = ledger.Check(**log);
    if (problems.empty()) return Outcome::kHarmless;
    // Every difference must stem from a read that said "damaged"; what it could not read is missing
    // too.
    const auto reported = [](const std::string& problem) {
      return problem.find("DATA_LOSS") != std::string::npos;
    };
    if ((*log)->Head() == ledger_.acknowledged() &&
        std::any_of(problems.begin(), problems.end(), reported) &&
        std::none_of(problems.begin(), problems.end(), [](const std::string& problem) {
          return problem.find("other bytes") != std::string::npos ||
                 problem.find("another one") != std::string::npos ||
                 problem.find("never written") != std::string::npos;
        })) {
      return Outcome::kReported;
    }
    ADD_FAILURE() << what << " is served as good:\n" << problems.front();
    return Outcome::kWrong;
  }

  void Count(const std::string& kind, const std::string& damage, Outcome outcome) {
    ++table_[kind + " " + damage][static_cast<size_t>(outcome)];
  }

  void PrintTable() const {
    std::cout << std::left << std::setw(24) << "damage" << std::right << std::setw(10) << "refused"
              << std::setw(10) << "reported" << std::setw(10) << "harmless" << std::setw(10)
              << "wrong" << '\n';
    for (const auto& [row, counts] : table_) {
      std::cout << std::left << std::setw(24) << row << std::right;
      for (int count : counts) std::cout << std::setw(10) << count;
      std::cout << '\n';
    }
  }

  // Every kind of file the store has, with its files.
  std::map<std::string, std::vector<std::string>> Kinds() const {
    std::map<std::string, std::vector<std::string>> kinds;
    for (const auto& [path, data] : image_) {
      if (KindOf(path) != "LOCK") kinds[KindOf(path)].push_back(path);
    }
    return kinds;
  }

  void FlipBits(int per_kind) {
    std::mt19937 random(11);
    for (const auto& [kind, paths] : Kinds()) {
      for (int i = 0; i < per_kind; ++i) {
        DiskImage image = image_;
        const std::string& path = paths[random() % paths.size()];
        std::string& data = image[path];
        if (data.empty()) continue;
        const size_t offset = random() % data.size();
        const unsigned bit = random() % 8;
        data[offset] = static_cast<char>(data[offset] ^ (1 << bit));
        Count(kind, "bit flips",
              Try(image, StrCat(path, " bit ", bit, " of byte ", offset, " of ", data.size())));
      }
    }
  }

  Ledger ledger_{5};
  DiskImage image_;
  std::map<std::string, std::array<int, kOutcomes>> table_;
};

TEST_F(DamageTest, TheWholeImageIsHarmless) {
  EXPECT_EQ(Try(image_, "nothing"), Outcome::kHarmless);
  const auto kinds = Kinds();
  for (const char* kind :
       {"SST", "WAL", "MANIFEST", "CURRENT", "OPTIONS", "IDENTITY", "HIGH_WATER"}) {
    EXPECT_EQ(kinds.count(kind), 1U) << kind;
  }
}

TEST_F(DamageTest, FlippedBits) {
  FlipBits(25);
  PrintTable();
}

TEST_F(DamageTest, DISABLED_LongFlippedBits) {
  FlipBits(500);
  PrintTable();
}

TEST_F(DamageTest, CutAndMissingFiles) {
  for (const auto& [kind, paths] : Kinds()) {
    for (const std::string& path : paths) {
      const size_t size = image_.at(path).size();
      for (const size_t left : {size_t{0}, size_t{1}, size / 2, size - 1}) {
        if (size == 0 || left >= size) continue;
        DiskImage image = image_;
        image[path].resize(left);
        Count(kind, "cuts", Try(image, StrCat(path, " cut to ", left, " of ", size)));
      }
      DiskImage image = image_;
      image.erase(path);
      Count(kind, "missing", Try(image, StrCat(path, " missing")));
    }
  }
  PrintTable();
}

}  // namespace
}  // namespace tandem::crash
