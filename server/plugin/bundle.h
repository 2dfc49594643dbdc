// SPDX-License-Identifier: Apache-2.0

// Bundles on disk: finding them, and reading one so that the bytes that were checked are the bytes
// that will run. A bundle is a folder <id>-<version> with manifest.json and the files it lists.
// Nothing here runs a plugin's code.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "plugin/manifest.h"
#include "plugin/segment.h"

namespace tandem::plugin {

// Largest files read.
inline constexpr size_t kMaxManifestBytes = 64 * 1024;
inline constexpr size_t kMaxPluginFileBytes = 256 * 1024 * 1024;

// A verified plugin, ready to start. Immutable.
struct Bundle {
  Manifest manifest;
  std::shared_ptr<const Segment> image;  // the sealed library
  std::string digest;                    // SHA-256 of `image`, lower-case hexadecimal
  std::string signer;                    // "unsigned" as long as signatures are not checked
};

// A bundle folder that exists; its content is not looked at yet.
struct InstalledBundle {
  std::string id;
  std::string version;
};

// PLUGIN_REFUSED, naming the folder, when `plugin_dir` or any folder above it could be changed by
// another user: owned by somebody other than root and this process's user, or writable for group or
// others. A root-owned sticky folder above it, such as /tmp, is fine. Symbolic links anywhere are
// refused. A plugin folder that does not exist is PLUGIN_REFUSED too.
absl::Status CheckPluginDir(std::string_view plugin_dir);

// Every folder under `plugin_dir` whose name is <id>-<version> and that has a manifest.json; by id,
// newest version first. Same errors as CheckPluginDir.
absl::StatusOr<std::vector<InstalledBundle>> ListBundles(std::string_view plugin_dir);

// Reads the manifest only, to show it. PLUGIN_NOT_FOUND, PLUGIN_REFUSED, PLUGIN_ABI.
absl::StatusOr<Manifest> ReadBundleManifest(std::string_view plugin_dir, std::string_view id,
                                            std::string_view version);

// Reads and verifies a bundle: owners, modes, kinds and sizes of files, the manifest, every listed
// file's hash, the library's version note. Each file is opened once, without following links,
// copied into sealed memory, and checked there. PLUGIN_NOT_FOUND, PLUGIN_REFUSED, PLUGIN_TAMPERED,
// PLUGIN_ABI; PLUGIN_UNSIGNED unless `allow_unsigned`.
absl::StatusOr<std::shared_ptr<const Bundle>> OpenBundle(std::string_view plugin_dir,
                                                         std::string_view id,
                                                         std::string_view version,
                                                         bool allow_unsigned);

// A single library without a bundle, for authors' tools: nobody's rights are checked, the rest as
// above. The manifest is `manifest_json`, or empty (then id and version are empty and nothing is
// declared).
absl::StatusOr<std::shared_ptr<const Bundle>> OpenLibrary(std::string_view path,
                                                          std::string_view manifest_json);

// Lower-case hexadecimal SHA-256.
std::string Sha256Hex(std::string_view bytes);

}  // namespace tandem::plugin
