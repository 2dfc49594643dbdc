// SPDX-License-Identifier: Apache-2.0

// Plugin processes over time: deaths and back-off, unloading and replacing while calls run, servers
// side by side, the end of a server, and that nothing is left behind.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "plugin/plugin_registry.h"
#include "plugin_fixture.h"
#include "support/temp_dir.h"

namespace tandem::plugin {
namespace {

namespace fs = std::filesystem;

// Until `condition` holds; false after a time no machine needs.
template <typename Condition>
bool Until(Condition&& condition) {
  const absl::Time limit = absl::Now() + absl::Seconds(60);
  while (!condition()) {
    if (absl::Now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

bool Exists(pid_t pid) { return kill(pid, 0) == 0; }

std::string Slurp(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

void Spit(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  chmod(path.c_str(), 0644);
}

void ReplaceAll(std::string* text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text->find(from, at)) != std::string::npos; at += to.size()) {
    text->replace(at, from.size(), to);
  }
}

size_t OpenDescriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

// Children of this process, zombies included.
size_t Children() {
  size_t count = 0;
  const std::string parent = std::to_string(getpid());
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string stat = Slurp(entry.path() / "stat");
    // "pid (name) state parent …"; a name may hold anything, parentheses too.
    const size_t behind_name = stat.rfind(')');
    if (behind_name == std::string::npos) continue;
    std::istringstream rest(stat.substr(behind_name + 1));
    std::string state;
    std::string its_parent;
    rest >> state >> its_parent;
    if (its_parent == parent) ++count;
  }
  return count;
}

class PluginLifeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    plugins_ = fs::path(temp_.path()) / "plugins";
    fs::create_directory(plugins_);
    chmod(plugins_.c_str(), 0755);
  }

  // Puts a bundle there, under another version when asked for.
  void Install(const std::string& id, const std::string& version = "1.0.0") {
    const fs::path folder = plugins_ / (id + "-" + version);
    fs::copy(fs::path(BrokenBundles()) / (id + "-1.0.0"), folder, fs::copy_options::recursive);
    if (version == "1.0.0") return;
    std::string library = Slurp(folder / "lib" / "plugin.so");
    std::string manifest = Slurp(folder / "manifest.json");
    const std::string digest = Sha256Hex(library);
    ReplaceAll(&library, "1.0.0", version);
    ReplaceAll(&manifest, "1.0.0", version);
    ReplaceAll(&manifest, digest, Sha256Hex(library));
    Spit(folder / "lib" / "plugin.so", library);
    Spit(folder / "manifest.json", manifest);
  }

  std::unique_ptr<PluginRegistry> Open(const GenerationOptions& generation = QuickOptions()) {
    RegistryOptions options;
    options.plugin_dir = plugins_.string();
    options.host_path = HostProgram();
    options.allow_unsigned = true;
    options.generation = generation;
    auto registry = PluginRegistry::Open(std::move(options));
    EXPECT_TRUE(registry.ok()) << registry.status();
    return *std::move(registry);
  }
  // `name` is an id or id@version.
  std::unique_ptr<PluginRegistry> OpenWith(const std::string& name) {
    std::unique_ptr<PluginRegistry> registry = Open();
    EXPECT_TRUE(registry->Load(name).ok());
    EXPECT_TRUE(registry->Enable(name.substr(0, name.find('@'))).ok());
    return registry;
  }

  absl::Status Score(Generation& generation, std::string_view config, const CallOptions& options) {
    std::vector<double> scores(SmallProblem::kPairs);
    return generation.Score(small_.problem, config, options, absl::MakeSpan(scores)).status();
  }
  absl::Status Works(Generation& generation) {
    return Score(generation, R"({"break": false})", Within(absl::Seconds(60)));
  }
  absl::Status Works(const PluginRegistry& registry, const std::string& id) {
    auto generation = registry.Snapshot()->Find(id);
    return generation.ok() ? Works(**generation) : generation.status();
  }
  static pid_t Pid(const PluginRegistry& registry, const std::string& id) {
    return registry.Describe(id)->process.pid;
  }

  support::TempDir temp_;
  fs::path plugins_;
  SmallProblem small_;
};

TEST_F(PluginLifeTest, ADeathIsSeenWithoutACall) {
  GenerationOptions options = QuickOptions();
  options.backoff_first = absl::Hours(1);
  Install("broken-nan");
  auto registry = Open(options);
  ASSERT_TRUE(registry->Load("broken-nan").ok());
  const pid_t pid = Pid(*registry, "broken-nan");
  ASSERT_GT(pid, 0);
  kill(pid, SIGKILL);
  EXPECT_TRUE(Until([&] { return !registry->Describe("broken-nan")->process.running; }));
  EXPECT_TRUE(Until([&] { return !Exists(pid); })) << "reaped";
  EXPECT_TRUE(Until([&] { return registry->Describe("broken-nan")->process.crashes == 1; }));
  EXPECT_THAT(registry->Describe("broken-nan")->last_failure, ::testing::HasSubstr("signal 9"));
}

TEST_F(PluginLifeTest, BackOffDoublesUpToItsCap) {
  GenerationOptions options = QuickOptions();
  options.backoff_first = absl::Milliseconds(40);
  options.backoff_cap = absl::Milliseconds(160);
  options.healthy_after = absl::Hours(1);
  Install("broken-nan");
  auto registry = Open(options);
  ASSERT_TRUE(registry->Load("broken-nan").ok());
  for (const int expected_ms : {40, 80, 160, 160}) {
    const GenerationStatus before = registry->Describe("broken-nan")->process;
    ASSERT_TRUE(before.running);
    const absl::Time killed = absl::Now();
    kill(before.pid, SIGKILL);
    ASSERT_TRUE(Until([&] {
      const GenerationStatus now = registry->Describe("broken-nan")->process;
      return now.running && now.starts == before.starts + 1;
    }));
    EXPECT_GE(absl::Now() - killed, absl::Milliseconds(expected_ms));
  }
}

TEST_F(PluginLifeTest, ALongLifeResetsTheBackOff) {
  GenerationOptions options = QuickOptions();
  options.backoff_first = absl::Milliseconds(1);
  options.backoff_cap = absl::Hours(1);
  // Every life is long enough.
  options.healthy_after = absl::ZeroDuration();
  Install("broken-nan");
  auto registry = Open(options);
  ASSERT_TRUE(registry->Load("broken-nan").ok());
  // Doubled each time, the last of these would take hours.
  for (uint64_t start = 1; start <= 25; ++start) {
    kill(Pid(*registry, "broken-nan"), SIGKILL);
    ASSERT_TRUE(Until([&] {
      const GenerationStatus now = registry->Describe("broken-nan")->process;
      return now.running && now.starts == start + 1;
    }));
  }
}

TEST_F(PluginLifeTest, UnloadingLeavesACallToItsEnd) {
  Install("broken-hang");
  auto registry = OpenWith("broken-hang");
  const pid_t pid = Pid(*registry, "broken-hang");
  auto generation = *registry->Snapshot()->Find("broken-hang");
  std::atomic<bool> cancelled{false};
  CallOptions options = Within(absl::Minutes(10));
  options.cancelled = &cancelled;
  absl::Status status;
  std::thread caller([&] { status = Score(*generation, "", options); });
  EXPECT_TRUE(Until([&] { return !generation->Logs().empty(); })) << "the call runs";
  EXPECT_TRUE(registry->Unload("broken-hang", /*force=*/true).ok());
  EXPECT_EQ(registry->Describe("broken-hang")->state, PluginState::kInstalled);
  EXPECT_EQ(ReasonOf(Works(*registry, "broken-hang")), "PLUGIN_NOT_LOADED");
  EXPECT_TRUE(Exists(pid)) << "its last user is still there";
  cancelled = true;
  caller.join();
  EXPECT_EQ(ReasonOf(status), "CANCELLED") << status;
  generation.reset();
  EXPECT_FALSE(Exists(pid));
}

TEST_F(PluginLifeTest, ReplacingLosesNoCallAndMixesNoGenerations) {
  Install("broken-nan");
  Install("broken-nan", "2.0.0");
  auto registry = OpenWith("broken-nan@1.0.0");
  std::atomic<bool> stop{false};
  std::atomic<int> calls{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 3; ++t) {
    callers.emplace_back([&] {
      uint64_t newest = 0;
      while (!stop) {
        auto generation = registry->Snapshot()->Find("broken-nan");
        EXPECT_TRUE(generation.ok()) << generation.status();
        if (!generation.ok()) return;
        EXPECT_GE((*generation)->number(), newest) << "an old generation came back";
        newest = (*generation)->number();
        const std::string version = (*generation)->manifest().version;
        const absl::Status works = Works(**generation);
        EXPECT_TRUE(works.ok()) << works;
        EXPECT_EQ((*generation)->status().module_version, version);
        ++calls;
      }
    });
  }
  for (int turn = 0; turn < 10; ++turn) {
    const int before = calls;
    EXPECT_TRUE(Until([&] { return calls > before + 3; }));
    const std::string version = turn % 2 == 0 ? "2.0.0" : "1.0.0";
    const absl::Status loaded = registry->Load("broken-nan@" + version);
    EXPECT_TRUE(loaded.ok()) << loaded;
    EXPECT_EQ(registry->Describe("broken-nan")->version, version);
    EXPECT_EQ(registry->Describe("broken-nan")->state, PluginState::kEnabled);
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(Children(), 1u) << "only the newest generation runs";
}

TEST_F(PluginLifeTest, ABadReplacementLeavesTheOldOneServing) {
  Install("broken-nan");
  Install("broken-nan", "2.0.0");
  auto registry = OpenWith("broken-nan@1.0.0");
  const pid_t pid = Pid(*registry, "broken-nan");
  // Says 2.0.0 and is 1.0.0.
  fs::copy(plugins_ / "broken-nan-1.0.0" / "lib" / "plugin.so",
           plugins_ / "broken-nan-2.0.0" / "lib" / "plugin.so",
           fs::copy_options::overwrite_existing);
  EXPECT_EQ(ReasonOf(registry->Load("broken-nan@2.0.0")), "PLUGIN_TAMPERED");
  EXPECT_EQ(Pid(*registry, "broken-nan"), pid);
  EXPECT_EQ(registry->Describe("broken-nan")->state, PluginState::kEnabled);
  EXPECT_TRUE(Works(*registry, "broken-nan").ok());
}

TEST_F(PluginLifeTest, TwoServersDoNotDisturbEachOther) {
  Install("broken-nan");
  auto first = OpenWith("broken-nan");
  auto second = OpenWith("broken-nan");
  const pid_t of_second = Pid(*second, "broken-nan");
  kill(Pid(*first, "broken-nan"), SIGKILL);
  EXPECT_TRUE(Until([&] { return Works(*first, "broken-nan").ok(); }));
  EXPECT_EQ(second->Describe("broken-nan")->process.crashes, 0u);
  first.reset();
  EXPECT_EQ(Pid(*second, "broken-nan"), of_second);
  EXPECT_TRUE(Works(*second, "broken-nan").ok());
  EXPECT_EQ(Children(), 1u);
}

TEST_F(PluginLifeTest, OperatorsAtOnceTakeTurns) {
  Install("broken-nan");
  auto registry = Open();
  std::vector<std::thread> operators;
  for (int t = 0; t < 4; ++t) {
    operators.emplace_back([&, t] {
      for (int i = 0; i < 15; ++i) {
        absl::Status status;
        switch ((i + t) % 4) {
          case 0:
            status = registry->Load("broken-nan");
            EXPECT_TRUE(status.ok()) << status;
            break;
          case 1:
            status = registry->Enable("broken-nan");
            break;
          case 2:
            status = registry->Disable("broken-nan");
            break;
          default:
            status = registry->Unload("broken-nan", /*force=*/true);
        }
        EXPECT_TRUE(status.ok() || ReasonOf(status) == "PLUGIN_NOT_LOADED") << status;
      }
    });
  }
  for (std::thread& each : operators) each.join();
  ASSERT_TRUE(registry->Load("broken-nan").ok());
  ASSERT_TRUE(registry->Enable("broken-nan").ok());
  EXPECT_TRUE(Works(*registry, "broken-nan").ok());
  EXPECT_EQ(Children(), 1u);
}

TEST_F(PluginLifeTest, NothingIsLeftBehindByFiftyLives) {
  Install("broken-nan");
  Install("broken-crash");
  const size_t children = Children();
  const size_t before_all = OpenDescriptors();
  {
    auto registry = Open();
    const size_t descriptors = OpenDescriptors();
    for (int cycle = 0; cycle < 50; ++cycle) {
      ASSERT_TRUE(registry->Load("broken-nan").ok());
      ASSERT_TRUE(registry->Enable("broken-nan").ok());
      ASSERT_TRUE(Works(*registry, "broken-nan").ok());
      if (cycle % 5 == 0) {
        // Crashes and failed loads are lives too.
        ASSERT_TRUE(registry->Load("broken-crash").ok());
        ASSERT_TRUE(registry->Enable("broken-crash").ok());
        EXPECT_FALSE(
            Score(**registry->Snapshot()->Find("broken-crash"), "", Within(absl::Seconds(30)))
                .ok());
        ASSERT_TRUE(registry->Unload("broken-crash", /*force=*/true).ok());
        EXPECT_FALSE(registry->Load("nobody").ok());
      }
      ASSERT_TRUE(registry->Unload("broken-nan", /*force=*/true).ok());
      EXPECT_EQ(Children(), children) << "after cycle " << cycle;
      // The supervisor lets go of a dead process's descriptors in its own time.
      EXPECT_TRUE(Until([&] { return OpenDescriptors() == descriptors; }))
          << "after cycle " << cycle << ": " << OpenDescriptors() << " open, not " << descriptors;
    }
  }
  EXPECT_EQ(Children(), children);
  EXPECT_EQ(OpenDescriptors(), before_all);
}

// Run by the next test in a process of its own: holds a plugin until it is killed.
TEST_F(PluginLifeTest, DISABLED_HoldAPlugin) {
  const char* folder = getenv("TANDEM_TEST_PLUGINS");
  ASSERT_NE(folder, nullptr);
  auto supervisor = Supervisor::Start().value();
  auto generation = StartBundle(supervisor, folder, "broken-nan").value();
  const pid_t pid = generation->status().pid;
  ASSERT_EQ(write(STDERR_FILENO, &pid, sizeof(pid)), static_cast<ssize_t>(sizeof(pid)));
  while (true) pause();
}

TEST_F(PluginLifeTest, AKilledServerLeavesNoProcess) {
  Install("broken-nan");
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::string program = "/proc/self/exe";
  std::string filter = "--gtest_filter=*DISABLED_HoldAPlugin";
  std::string disabled = "--gtest_also_run_disabled_tests";
  std::string folder = "TANDEM_TEST_PLUGINS=" + plugins_.string();
  char* arguments[] = {program.data(), filter.data(), disabled.data(), nullptr};
  char* environment[] = {folder.data(), nullptr};
  pid_t server = 0;
  ASSERT_EQ(posix_spawn(&server, program.c_str(), &actions, nullptr, arguments, environment), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  pid_t host = 0;
  EXPECT_EQ(read(ends[0], &host, sizeof(host)), static_cast<ssize_t>(sizeof(host)));
  close(ends[0]);
  EXPECT_TRUE(host > 0 && Exists(host));
  kill(server, SIGKILL);
  ASSERT_EQ(waitpid(server, nullptr, 0), server);
  if (host <= 0) return;
  // Somebody else's child by now: gone, or a zombie where nobody reaps.
  EXPECT_TRUE(Until([&] {
    const std::string stat = Slurp("/proc/" + std::to_string(host) + "/stat");
    return stat.empty() || stat.find(") Z ") != std::string::npos;
  }));
}

}  // namespace
}  // namespace tandem::plugin
