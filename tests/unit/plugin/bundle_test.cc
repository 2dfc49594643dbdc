// SPDX-License-Identifier: Apache-2.0

// Bundles on disk: what is accepted, and every way to smuggle other bytes or other rights in.
#include "plugin/bundle.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "plugin/elf_image.h"
#include "support/reason_matcher.h"
#include "support/temp_dir.h"

namespace tandem::plugin {
namespace {

namespace fs = std::filesystem;
using model::Reason;
using support::HasReason;

std::string Slurp(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

void Spit(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  chmod(path.c_str(), 0644);
}

// A copy of a real bundle that each test damages in its own way.
class BundleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    plugins_ = fs::path(temp_.path()) / "plugins";
    fs::create_directory(plugins_);
    chmod(plugins_.c_str(), 0755);
    fs::copy(fs::path(TANDEM_BROKEN_BUNDLES) / "broken-nan-1.0.0", folder(),
             fs::copy_options::recursive);
  }
  fs::path folder() const { return plugins_ / "broken-nan-1.0.0"; }
  fs::path library() const { return folder() / "lib" / "plugin.so"; }
  fs::path manifest() const { return folder() / "manifest.json"; }
  absl::StatusOr<std::shared_ptr<const Bundle>> Open(bool allow_unsigned = true) const {
    return OpenBundle(plugins_.string(), "broken-nan", "1.0.0", allow_unsigned);
  }

  support::TempDir temp_;
  fs::path plugins_;
};

TEST_F(BundleTest, AGoodBundleIsTheBytesOnDisk) {
  auto bundle = Open();
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  std::string bytes = Slurp(library());
  EXPECT_EQ(std::string((*bundle)->image->data(), (*bundle)->image->size()), bytes);
  EXPECT_EQ((*bundle)->digest, Sha256Hex(bytes));
  EXPECT_EQ((*bundle)->signer, "unsigned");
}

TEST_F(BundleTest, TheSealedImageDoesNotChangeWithTheFile) {
  auto bundle = Open();
  ASSERT_TRUE(bundle.ok());
  Spit(library(), "overwritten");
  EXPECT_EQ(Sha256Hex({(*bundle)->image->data(), (*bundle)->image->size()}), (*bundle)->digest);
  int image = (*bundle)->image->fd();
  EXPECT_LT(write(image, "x", 1), 0);
  EXPECT_LT(ftruncate(image, 0), 0);
}

TEST_F(BundleTest, WithoutASignatureItTakesTheFlag) {
  EXPECT_THAT(Open(/*allow_unsigned=*/false), HasReason(Reason::kPluginUnsigned));
  Spit(folder() / "manifest.sig", "not checked yet, so worth nothing");
  EXPECT_THAT(Open(/*allow_unsigned=*/false), HasReason(Reason::kPluginUnsigned));
}

TEST_F(BundleTest, AChangedByteIsTampering) {
  std::string bytes = Slurp(library());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  Spit(library(), bytes);
  EXPECT_THAT(Open(), HasReason(Reason::kPluginTampered));
}

TEST_F(BundleTest, AnAbsentBundleIsNotFound) {
  EXPECT_THAT(OpenBundle(plugins_.string(), "broken-nan", "1.0.1", true),
              HasReason(Reason::kPluginNotFound));
  EXPECT_THAT(OpenBundle(plugins_.string(), "../etc", "1.0.0", true),
              HasReason(Reason::kPluginNotFound));
  EXPECT_THAT(OpenBundle(plugins_.string(), "broken-nan", "1.0.0/../broken-nan-1.0.0", true),
              HasReason(Reason::kPluginNotFound));
}

TEST_F(BundleTest, ARenamedFolderIsRefused) {
  fs::rename(folder(), plugins_ / "broken-nan-2.0.0");
  EXPECT_THAT(OpenBundle(plugins_.string(), "broken-nan", "2.0.0", true),
              HasReason(Reason::kPluginRefused));
}

TEST_F(BundleTest, OthersMustNotBeAbleToWriteAnywhereOnTheWay) {
  for (const fs::path& place : {plugins_, folder(), folder() / "lib", library(), manifest()}) {
    struct stat before;
    ASSERT_EQ(stat(place.c_str(), &before), 0);
    for (mode_t bit : {S_IWGRP, S_IWOTH}) {
      ASSERT_EQ(chmod(place.c_str(), (before.st_mode & 07777) | bit), 0);
      EXPECT_THAT(Open(), HasReason(Reason::kPluginRefused)) << place;
    }
    ASSERT_EQ(chmod(place.c_str(), before.st_mode & 07777), 0);
    EXPECT_TRUE(Open().ok()) << place;
  }
  // The plugin directory itself may not be sticky and open either, as its parents may.
  ASSERT_EQ(chmod(plugins_.c_str(), 01777), 0);
  EXPECT_THAT(Open(), HasReason(Reason::kPluginRefused));
}

TEST_F(BundleTest, AnotherOwnerIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  for (const fs::path& place : {plugins_, folder(), folder() / "lib", library(), manifest()}) {
    ASSERT_EQ(chown(place.c_str(), 65534, 65534), 0);
    EXPECT_THAT(Open(), HasReason(Reason::kPluginRefused)) << place;
    ASSERT_EQ(chown(place.c_str(), 0, 0), 0);
  }
  EXPECT_TRUE(Open().ok());
}

TEST_F(BundleTest, SymbolicLinksAreRefusedEverywhere) {
  const fs::path aside = fs::path(temp_.path()) / "aside";
  for (const fs::path& place : {plugins_, folder(), folder() / "lib", library(), manifest()}) {
    fs::rename(place, aside);
    fs::create_symlink(aside, place);
    EXPECT_FALSE(Open().ok()) << place;
    fs::remove(place);
    fs::rename(aside, place);
  }
  EXPECT_TRUE(Open().ok());
}

TEST_F(BundleTest, OnlyOrdinaryFilesWithOneName) {
  fs::create_hard_link(library(), fs::path(temp_.path()) / "second_name");
  EXPECT_THAT(Open(), HasReason(Reason::kPluginRefused));
  fs::remove(fs::path(temp_.path()) / "second_name");
  EXPECT_TRUE(Open().ok());
  fs::remove(library());
  ASSERT_EQ(mkfifo(library().c_str(), 0644), 0);
  EXPECT_THAT(Open(), HasReason(Reason::kPluginRefused));  // and does not hang
  fs::remove(library());
  fs::create_directory(library());
  EXPECT_THAT(Open(), HasReason(Reason::kPluginRefused));
}

TEST_F(BundleTest, SizesAreBounded) {
  ASSERT_EQ(truncate(library().c_str(), static_cast<off_t>(kMaxPluginFileBytes) + 1), 0);
  EXPECT_THAT(Open(), HasReason(Reason::kPluginRefused));
  ASSERT_EQ(truncate(library().c_str(), 0), 0);
  EXPECT_THAT(Open(), HasReason(Reason::kPluginRefused));
}

TEST_F(BundleTest, ListsWhatIsThereNewestFirst) {
  fs::copy(folder(), plugins_ / "broken-nan-1.10.0", fs::copy_options::recursive);
  fs::copy(folder(), plugins_ / "broken-nan-1.9.0", fs::copy_options::recursive);
  fs::create_directory(plugins_ / "no-manifest-1.0.0");
  fs::create_directory(plugins_ / "CMakeFiles");
  Spit(plugins_ / "README", "no folder");
  auto bundles = ListBundles(plugins_.string());
  ASSERT_TRUE(bundles.ok()) << bundles.status();
  std::vector<std::string> names;
  for (const InstalledBundle& bundle : *bundles) names.push_back(bundle.id + "@" + bundle.version);
  EXPECT_THAT(names,
              ::testing::ElementsAre("broken-nan@1.10.0", "broken-nan@1.9.0", "broken-nan@1.0.0"));
}

// Whatever a library's first bytes say, reading it as data neither crashes nor reads beyond it.
TEST_F(BundleTest, DamagedLibrariesAreRefusedAsData) {
  const std::string good = Slurp(library());
  ASSERT_TRUE(InspectLibrary(good).ok());
  for (size_t cut : {size_t{0}, size_t{3}, size_t{63}, size_t{64}, size_t{200}, good.size() / 2}) {
    EXPECT_FALSE(InspectLibrary(std::string_view(good).substr(0, cut)).ok()) << cut;
  }
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string bad = good.substr(0, 4096);
    for (int flips = 0; flips < 3; ++flips) bad[random() % 1024] = static_cast<char>(random());
    // On the heap and exactly as long as it says, so that a sanitizer sees any step outside.
    std::vector<char> exact(bad.begin(),
                            bad.begin() + static_cast<ptrdiff_t>(random() % bad.size()));
    (void)InspectLibrary({exact.data(), exact.size()}).ok();
  }
}

}  // namespace
}  // namespace tandem::plugin
