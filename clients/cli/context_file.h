// SPDX-License-Identifier: Apache-2.0

// The file of contexts: named sets of the options that say which server to talk to.
//
//   current: staging
//   contexts:
//   - name: staging
//     server: 10.1.0.7:7310
//     admin_socket: /run/tandem/admin.sock
//     timeout: 30s
//     output: table
//
// It lies at $XDG_CONFIG_HOME/tandem/config.yaml, or ~/.config/tandem/config.yaml, and only its
// owner may read it: later it holds tokens.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tandem::cli {

// One context. An empty option is not set.
struct Context {
  std::string name;
  std::string server;
  std::string admin_socket;
  std::string timeout;
  std::string output;
};

struct ContextFile {
  // Name of the context in use; empty: none.
  std::string current;
  std::vector<Context> contexts;

  Context* Find(const std::string& name);
  const Context* Find(const std::string& name) const;
  // Every name.
  std::vector<std::string> Names() const;
};

// Where the file lies; empty when neither XDG_CONFIG_HOME nor HOME is set.
std::string ContextFilePath();

// Reads the file. No file is an empty one; a damaged one is an error with its line and what to do.
absl::StatusOr<ContextFile> ReadContextFile(const std::string& path);

// Reads it from `text`; `path` is what errors call it.
absl::StatusOr<ContextFile> ParseContextFile(const std::string& text, const std::string& path);

// Replaces the file in one step with mode 0600; makes its folder (0700) when there is none.
absl::Status WriteContextFile(const std::string& path, const ContextFile& file);

// What is wrong with a context's options, empty when nothing is: the same rules as for the flags.
std::string WrongContext(const Context& context);

// The usage error about a context that does not exist, with the nearest name.
absl::Status NoSuchContext(const ContextFile& file, const std::string& name);

}  // namespace tandem::cli
