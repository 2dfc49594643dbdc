// SPDX-License-Identifier: Apache-2.0

// What operators do: load, enable, disable, unload, replace, restart the server.
#include "plugin/plugin_registry.h"

#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "plugins/plugin_fixture.h"
#include "support/reason_matcher.h"
#include "support/temp_dir.h"

namespace tandem::plugin {
namespace {

namespace fs = std::filesystem;
using model::Reason;
using support::HasReason;
using ::testing::HasSubstr;

class PluginRegistryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    plugins_ = fs::path(temp_.path()) / "plugins";
    fs::create_directory(plugins_);
    chmod(plugins_.c_str(), 0755);
    Install("broken-nan");
    Install("broken-crash");
    desired_ =
        std::make_unique<DesiredStateFile>((fs::path(temp_.path()) / "plugins.json").string());
    Restart();
  }
  void Install(const std::string& id) {
    fs::copy(fs::path(BrokenBundles()) / (id + "-1.0.0"), plugins_ / (id + "-1.0.0"),
             fs::copy_options::recursive);
  }
  // The server ends and starts again.
  void Restart() {
    registry_.reset();
    registry_ = Open(true).value();
    registry_->Restore();
  }
  absl::StatusOr<std::unique_ptr<PluginRegistry>> Open(bool allow_unsigned) {
    RegistryOptions options;
    options.plugin_dir = plugins_.string();
    options.host_path = HostProgram();
    options.allow_unsigned = allow_unsigned;
    options.generation = QuickOptions();
    options.desired = desired_.get();
    options.on_event = [this](const PluginEvent& event) {
      events_.push_back(event.what + " " + event.id);
    };
    return PluginRegistry::Open(std::move(options));
  }
  bool Works(Generation& generation) {
    std::vector<double> scores(SmallProblem::kPairs);
    return generation
        .Score(small_.problem, R"({"break": false})", Within(absl::Seconds(30)),
               absl::MakeSpan(scores))
        .ok();
  }

  support::TempDir temp_;
  fs::path plugins_;
  SmallProblem small_;
  std::vector<std::string> events_;
  std::unique_ptr<DesiredStateFile> desired_;
  std::unique_ptr<PluginRegistry> registry_;
};

TEST_F(PluginRegistryTest, ThreeStates) {
  EXPECT_EQ(registry_->Describe("broken-nan")->state, PluginState::kInstalled);
  EXPECT_THAT(registry_->Enable("broken-nan"), HasReason(Reason::kPluginNotLoaded));
  EXPECT_THAT(registry_->Unload("broken-nan", false), HasReason(Reason::kPluginNotLoaded));

  ASSERT_TRUE(registry_->Load("broken-nan").ok());
  PluginDescription loaded = *registry_->Describe("broken-nan");
  EXPECT_EQ(loaded.state, PluginState::kLoaded);
  EXPECT_EQ(loaded.version, "1.0.0");
  EXPECT_GT(loaded.generation, 0u);
  EXPECT_EQ(loaded.signer, "unsigned");
  EXPECT_EQ(loaded.digest.size(), 64u);
  EXPECT_TRUE(loaded.process.running);
  EXPECT_THAT(loaded.process.sandbox, HasSubstr("no_new_privs"));
  EXPECT_THAT(registry_->Snapshot()->Find("broken-nan"), HasReason(Reason::kPluginNotLoaded));

  ASSERT_TRUE(registry_->Enable("broken-nan").ok());
  auto generation = registry_->Snapshot()->Find("broken-nan");
  ASSERT_TRUE(generation.ok());
  EXPECT_TRUE(Works(**generation));
  EXPECT_THAT(registry_->Unload("broken-nan", false), HasReason(Reason::kPluginInUse));

  ASSERT_TRUE(registry_->Disable("broken-nan").ok());
  EXPECT_EQ(registry_->Describe("broken-nan")->state, PluginState::kLoaded);
  ASSERT_TRUE(registry_->Unload("broken-nan", false).ok());
  EXPECT_EQ(registry_->Describe("broken-nan")->state, PluginState::kInstalled);
  // The run that still holds it finishes on it.
  EXPECT_TRUE(Works(**generation));
  EXPECT_EQ(kill(loaded.process.pid, 0), 0);
  // Its process ends with the last user, whatever descriptions are still about.
  const std::weak_ptr<Generation> watched = *generation;
  *generation = nullptr;
  EXPECT_TRUE(watched.expired());
  EXPECT_NE(kill(loaded.process.pid, 0), 0) << "ended and reaped";
  EXPECT_EQ(loaded.manifest->id, "broken-nan");
}

TEST_F(PluginRegistryTest, ListShowsEverythingInstalled) {
  std::vector<std::string> ids;
  for (const PluginDescription& plugin : registry_->List()) {
    ids.push_back(plugin.id);
    EXPECT_NE(plugin.manifest, nullptr);
  }
  EXPECT_THAT(ids, ::testing::ElementsAre("broken-crash", "broken-nan"));
  EXPECT_THAT(registry_->Describe("nobody"), HasReason(Reason::kPluginNotFound));
  EXPECT_THAT(registry_->Load("nobody"), HasReason(Reason::kPluginNotFound));
  EXPECT_THAT(registry_->Load("broken-nan@9.9.9"), HasReason(Reason::kPluginNotFound));
}

TEST_F(PluginRegistryTest, LoadingTwiceIsOneGeneration) {
  ASSERT_TRUE(registry_->Load("broken-nan").ok());
  uint64_t generation = registry_->Describe("broken-nan")->generation;
  ASSERT_TRUE(registry_->Load("broken-nan@1.0.0").ok());
  EXPECT_EQ(registry_->Describe("broken-nan")->generation, generation);
}

TEST_F(PluginRegistryTest, WithoutTheFlagNothingUnsignedLoads) {
  auto strict = Open(/*allow_unsigned=*/false);
  ASSERT_TRUE(strict.ok());
  EXPECT_THAT((*strict)->Load("broken-nan"), HasReason(Reason::kPluginUnsigned));
  EXPECT_THAT((*strict)->Describe("broken-nan")->last_failure,
              HasSubstr("--allow-unsigned-plugins"));
}

TEST_F(PluginRegistryTest, ARestartBringsBackWhatWasWanted) {
  ASSERT_TRUE(registry_->Load("broken-nan").ok());
  ASSERT_TRUE(registry_->Enable("broken-nan").ok());
  ASSERT_TRUE(registry_->Load("broken-crash").ok());
  uint64_t before = registry_->Describe("broken-crash")->generation;
  Restart();
  EXPECT_EQ(registry_->Describe("broken-nan")->state, PluginState::kEnabled);
  EXPECT_EQ(registry_->Describe("broken-crash")->state, PluginState::kLoaded);
  EXPECT_GT(registry_->Describe("broken-nan")->generation, before) << "a number never comes twice";
  EXPECT_TRUE(Works(**registry_->Snapshot()->Find("broken-nan")));
  ASSERT_TRUE(registry_->Unload("broken-nan", /*force=*/true).ok());
  Restart();
  EXPECT_EQ(registry_->Describe("broken-nan")->state, PluginState::kInstalled);
}

TEST_F(PluginRegistryTest, AChangedLibraryIsNotBroughtBack) {
  ASSERT_TRUE(registry_->Load("broken-nan").ok());
  ASSERT_TRUE(registry_->Load("broken-crash").ok());
  // The whole bundle is replaced by another, correct in itself, under the same name.
  fs::path bundle = plugins_ / "broken-nan-1.0.0";
  fs::path other = fs::path(BrokenBundles()) / "broken-infinite-1.0.0";
  fs::copy(other / "lib" / "plugin.so", bundle / "lib" / "plugin.so",
           fs::copy_options::overwrite_existing);
  std::ifstream in(other / "manifest.json");
  std::string manifest((std::istreambuf_iterator<char>(in)), {});
  manifest.replace(manifest.find("broken-infinite"), strlen("broken-infinite"), "broken-nan");
  std::ofstream(bundle / "manifest.json") << manifest;
  Restart();
  EXPECT_EQ(registry_->Describe("broken-crash")->state, PluginState::kLoaded) << "others come back";
  PluginDescription tampered = *registry_->Describe("broken-nan");
  EXPECT_EQ(tampered.state, PluginState::kInstalled);
  EXPECT_THAT(tampered.last_failure, HasSubstr("not the library that was loaded before"));
  EXPECT_THAT(events_, ::testing::Contains("restore_failed broken-nan"));
}

TEST_F(PluginRegistryTest, AMissingBundleStaysWantedUntilUnloaded) {
  ASSERT_TRUE(registry_->Load("broken-nan").ok());
  ASSERT_TRUE(registry_->Enable("broken-nan").ok());
  fs::path bundle = plugins_ / "broken-nan-1.0.0";
  fs::path aside = fs::path(temp_.path()) / "aside";
  fs::rename(bundle, aside);
  Restart();
  EXPECT_THAT(registry_->Describe("broken-nan")->last_failure, HasSubstr("no bundle"));
  fs::rename(aside, bundle);
  Restart();
  EXPECT_EQ(registry_->Describe("broken-nan")->state, PluginState::kEnabled);
  fs::rename(bundle, aside);
  Restart();
  ASSERT_TRUE(registry_->Unload("broken-nan", false).ok());
  fs::rename(aside, bundle);
  Restart();
  EXPECT_EQ(registry_->Describe("broken-nan")->state, PluginState::kInstalled);
}

TEST_F(PluginRegistryTest, AnUnsafePluginDirectoryIsRefusedAtStart) {
  chmod(plugins_.c_str(), 0777);
  EXPECT_THAT(Open(true), HasReason(Reason::kPluginRefused));
  fs::remove_all(plugins_);
  EXPECT_THAT(Open(true), HasReason(Reason::kPluginRefused));
}

TEST_F(PluginRegistryTest, ADamagedListOfWantedPluginsIsSaidAndSurvived) {
  ASSERT_TRUE(registry_->Load("broken-nan").ok());
  std::ofstream(fs::path(temp_.path()) / "plugins.json") << "{ not json";
  Restart();
  EXPECT_THAT(events_, ::testing::Contains("restore_failed "));
  EXPECT_TRUE(registry_->Load("broken-nan").ok());
}

TEST_F(PluginRegistryTest, TheEndOfTheRegistryEndsEveryProcess) {
  ASSERT_TRUE(registry_->Load("broken-nan").ok());
  pid_t pid = registry_->Describe("broken-nan")->process.pid;
  ASSERT_EQ(kill(pid, 0), 0);
  registry_.reset();
  EXPECT_NE(kill(pid, 0), 0);
}

}  // namespace
}  // namespace tandem::plugin
