// SPDX-License-Identifier: Apache-2.0

#include "cli/context_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "yaml-cpp/yaml.h"

#include "cli/json_writer.h"
#include "cli/nearest_word.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cpp/call_error.h"

namespace tandem::cli {
namespace {

// The options of a context: key in the file and member.
struct ContextKey {
  const char* key;
  std::string Context::*member;
};
constexpr ContextKey kKeys[] = {{"name", &Context::name},
                                {"server", &Context::server},
                                {"admin_socket", &Context::admin_socket},
                                {"timeout", &Context::timeout},
                                {"output", &Context::output}};

absl::Status Damaged(const std::string& path, const YAML::Mark& mark, const std::string& what) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID",
                                 fmt::format("{}:{}:{}: {}; mend the line or remove the file", path,
                                             mark.line + 1, mark.column + 1, what));
}

absl::Status FileFailed(const std::string& path, const std::string& what) {
  return client::MakeClientError(absl::StatusCode::kInternal, "CONFIG_UNWRITABLE",
                                 path + ": " + what);
}

// Reads one mapping of texts by a table of keys; tells what is wrong.
absl::Status ReadContext(const YAML::Node& node, const std::string& path, Context* context) {
  if (!node.IsMap()) return Damaged(path, node.Mark(), "a context must be a mapping");
  for (const auto& pair : node) {
    const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : "";
    std::vector<std::string> known;
    std::string* value = nullptr;
    for (const ContextKey& row : kKeys) {
      known.emplace_back(row.key);
      if (key == row.key) value = &(context->*row.member);
    }
    if (value == nullptr) {
      return Damaged(path, pair.first.Mark(),
                     fmt::format("unknown key {}{}", key, DidYouMean(key, known)));
    }
    if (!pair.second.IsScalar()) {
      return Damaged(path, pair.second.Mark(), key + " must be a single text");
    }
    *value = pair.second.Scalar();
  }
  const std::string wrong = WrongContext(*context);
  return wrong.empty() ? absl::OkStatus() : Damaged(path, node.Mark(), wrong);
}

absl::StatusOr<ContextFile> ReadRoot(const YAML::Node& root, const std::string& path) {
  ContextFile file;
  if (root.IsNull()) return file;
  if (!root.IsMap()) return Damaged(path, root.Mark(), "the file must be a mapping");
  for (const auto& pair : root) {
    const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : "";
    if (key == "current" && pair.second.IsScalar()) {
      file.current = pair.second.Scalar();
    } else if (key == "contexts" && pair.second.IsSequence()) {
      for (const YAML::Node& node : pair.second) {
        Context context;
        const absl::Status status = ReadContext(node, path, &context);
        if (!status.ok()) return status;
        if (file.Find(context.name) != nullptr) {
          return Damaged(path, node.Mark(), "a second context " + context.name);
        }
        file.contexts.push_back(std::move(context));
      }
    } else if (key == "contexts" && pair.second.IsNull()) {
      continue;
    } else {
      return Damaged(
          path, pair.first.Mark(),
          fmt::format("unknown key {}{}", key, DidYouMean(key, {"current", "contexts"})));
    }
  }
  if (!file.current.empty() && file.Find(file.current) == nullptr) {
    return Damaged(path, root["current"].Mark(),
                   fmt::format("the current context {} is not among the contexts{}", file.current,
                               DidYouMean(file.current, file.Names())));
  }
  return file;
}

nlohmann::ordered_json Document(const ContextFile& file) {
  nlohmann::ordered_json document;
  if (!file.current.empty()) document["current"] = file.current;
  document["contexts"] = nlohmann::ordered_json::array();
  for (const Context& context : file.contexts) {
    nlohmann::ordered_json row;
    for (const ContextKey& key : kKeys) {
      if (!(context.*key.member).empty()) row[key.key] = context.*key.member;
    }
    document["contexts"].push_back(row);
  }
  return document;
}

}  // namespace

Context* ContextFile::Find(const std::string& name) {
  for (Context& context : contexts) {
    if (context.name == name) return &context;
  }
  return nullptr;
}

const Context* ContextFile::Find(const std::string& name) const {
  return const_cast<ContextFile*>(this)->Find(name);
}

std::vector<std::string> ContextFile::Names() const {
  std::vector<std::string> names;
  for (const Context& context : contexts) names.push_back(context.name);
  return names;
}

std::string ContextFilePath() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  // The base directory specification: a path that is not absolute is ignored.
  if (config != nullptr && config[0] == '/') return std::string(config) + "/tandem/config.yaml";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return "";
  return std::string(home) + "/.config/tandem/config.yaml";
}

absl::StatusOr<ContextFile> ReadContextFile(const std::string& path) {
  std::error_code error;
  if (path.empty() || !std::filesystem::exists(path, error)) return ContextFile();
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                                   fmt::format("{}: {}", path, std::strerror(errno)));
  }
  return ParseContextFile(text.str(), path);
}

absl::StatusOr<ContextFile> ParseContextFile(const std::string& text, const std::string& path) {
  // yaml-cpp reports by exceptions; they end here.
  try {
    return ReadRoot(YAML::Load(text), path);
  } catch (const YAML::Exception& error) {
    return Damaged(path, error.mark, error.msg);
  }
}

absl::Status WriteContextFile(const std::string& path, const ContextFile& file) {
  if (path.empty()) return FileFailed("config.yaml", "neither XDG_CONFIG_HOME nor HOME is set");
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (error) return FileFailed(folder, error.message());
  const std::string text = YamlText(Document(file));
  const std::string beside = path + ".new";
  constexpr mode_t kOwnerOnly = 0600;
  unlink(beside.c_str());
  const int out = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (out < 0) return FileFailed(beside, std::strerror(errno));
  const bool written = write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool synced = fsync(out) == 0;
  if (close(out) != 0 || !written || !synced || rename(beside.c_str(), path.c_str()) != 0) {
    const std::string what = std::strerror(errno);
    unlink(beside.c_str());
    return FileFailed(path, what);
  }
  return absl::OkStatus();
}

std::string WrongContext(const Context& context) {
  if (context.name.empty()) return "a context must have a name";
  if (context.name.find_first_of(" \t\n/") != std::string::npos) {
    return fmt::format("the name \"{}\" must not hold blanks or slashes", context.name);
  }
  if (!context.timeout.empty() && !ParseTimeout(context.timeout)) {
    return fmt::format("timeout: {} is no time; write 30s, 500ms or 2m", context.timeout);
  }
  if (!context.output.empty() && FindOutputChoice(context.output) == nullptr) {
    return fmt::format("output: {} is no form of output{}", context.output,
                       DidYouMean(context.output, OutputFormatWords()));
  }
  return "";
}

absl::Status NoSuchContext(const ContextFile& file, const std::string& name) {
  return UsageError(fmt::format("no context {}{}", name, DidYouMean(name, file.Names())));
}

}  // namespace tandem::cli
