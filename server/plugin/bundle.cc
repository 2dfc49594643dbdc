// SPDX-License-Identifier: Apache-2.0

#include "plugin/bundle.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "plugin/elf_image.h"

namespace tandem::plugin {
namespace {

using model::MakeError;
using model::Reason;

absl::Status Refused(std::string_view path, std::string_view what) {
  return MakeError(Reason::kPluginRefused, StrCat(path, " ", what), {{"path", path}});
}

absl::Status OpenFailure(std::string_view path, int error) {
  if (error == ELOOP || error == ENOTDIR) {
    return Refused(path, "is a symbolic link or not a folder; plugin paths must be real");
  }
  if (error == ENOENT) return Refused(path, "does not exist");
  return Refused(path, std::strerror(error));
}

// Whether somebody other than root and this user could change what `info` describes.
absl::Status CheckOwner(std::string_view path, const struct stat& info, bool sticky_root_is_fine) {
  if (info.st_uid != 0 && info.st_uid != geteuid()) {
    return Refused(path, StrCat("is owned by user ", info.st_uid));
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    bool sticky = (info.st_mode & S_ISVTX) != 0 && info.st_uid == 0;
    if (!(sticky_root_is_fine && sticky)) {
      return Refused(path, "is writable for group or others; chmod go-w it");
    }
  }
  return absl::OkStatus();
}

std::string AbsolutePath(std::string_view path) {
  if (!path.empty() && path[0] == '/') return std::string(path);
  char* cwd = getcwd(nullptr, 0);
  std::string out = StrCat(cwd == nullptr ? "" : cwd, "/", path);
  free(cwd);
  return out;
}

// Opens one folder below `parent`, never through a link, and checks its owner.
absl::StatusOr<UniqueFd> EnterFolder(int parent, const std::string& name, std::string_view shown,
                                     bool sticky_root_is_fine) {
  UniqueFd fd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.ok()) return OpenFailure(shown, errno);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return Refused(shown, std::strerror(errno));
  RETURN_IF_ERROR(CheckOwner(shown, info, sticky_root_is_fine));
  return fd;
}

// Walks to `path` folder by folder from the root, checking each.
absl::StatusOr<UniqueFd> OpenFolderChain(std::string_view path) {
  UniqueFd at(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::vector<std::string> parts = absl::StrSplit(
      AbsolutePath(path), '/', [](absl::string_view part) { return !part.empty() && part != "."; });
  std::string shown;
  for (size_t i = 0; i < parts.size(); ++i) {
    StrAppend(&shown, "/", parts[i]);
    ASSIGN_OR_RETURN(
        at, EnterFolder(at.get(), parts[i], shown, /*sticky_root_is_fine=*/i + 1 < parts.size()));
  }
  return at;
}

// Copies an open file into sealed memory.
absl::StatusOr<std::shared_ptr<const Segment>> CopySealed(int fd, const struct stat& info,
                                                          std::string_view shown, size_t limit) {
  if (!S_ISREG(info.st_mode)) return Refused(shown, "is not an ordinary file");
  if (info.st_size <= 0 || static_cast<uint64_t>(info.st_size) > limit) {
    return Refused(shown, StrCat("has ", info.st_size, " bytes; 1 to ", limit, " are allowed"));
  }
  ASSIGN_OR_RETURN(SegmentWriter writer,
                   SegmentWriter::Create("tandem-bundle-file", static_cast<size_t>(info.st_size)));
  size_t done = 0;
  while (done < writer.size()) {
    ssize_t n = pread(fd, writer.data() + done, writer.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Refused(shown, "changed while it was read");
    done += static_cast<size_t>(n);
  }
  return std::move(writer).Seal();
}

// Opens a file below `folder`, checks that it is an ordinary one that only we and root can change,
// and copies it into sealed memory.
absl::StatusOr<std::shared_ptr<const Segment>> ReadSealed(int folder, const std::string& name,
                                                          std::string_view shown, size_t limit) {
  // O_NONBLOCK: opening a FIFO must not hang; it has no effect on ordinary files.
  UniqueFd fd(openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!fd.ok()) return OpenFailure(shown, errno);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return Refused(shown, std::strerror(errno));
  if (info.st_nlink != 1) return Refused(shown, "has more than one name (hard link)");
  RETURN_IF_ERROR(CheckOwner(shown, info, /*sticky_root_is_fine=*/false));
  return CopySealed(fd.get(), info, shown, limit);
}

std::string_view Bytes(const Segment& segment) { return {segment.data(), segment.size()}; }

// Follows a path of folders inside the bundle and reads its last part.
absl::StatusOr<std::shared_ptr<const Segment>> ReadBundleFile(int bundle, std::string_view path,
                                                              std::string_view shown,
                                                              size_t limit) {
  std::vector<std::string> parts = absl::StrSplit(ToAbsl(path), '/');
  UniqueFd at(dup(bundle));
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    ASSIGN_OR_RETURN(at, EnterFolder(at.get(), parts[i], shown, /*sticky_root_is_fine=*/false));
  }
  return ReadSealed(at.get(), parts.back(), shown, limit);
}

absl::StatusOr<UniqueFd> OpenBundleFolder(std::string_view plugin_dir, std::string_view id,
                                          std::string_view version) {
  ASSIGN_OR_RETURN(UniqueFd dir, OpenFolderChain(plugin_dir));
  std::string name = StrCat(id, "-", version);
  if (!IsPluginId(id) || version.find('/') != std::string_view::npos ||
      faccessat(dir.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
    return MakeError(Reason::kPluginNotFound,
                     StrCat("no bundle ", name, " under the plugin directory"), {{"plugin", id}});
  }
  return EnterFolder(dir.get(), name, name, /*sticky_root_is_fine=*/false);
}

absl::StatusOr<Manifest> ReadManifest(int bundle, std::string_view id, std::string_view version) {
  std::string folder = StrCat(id, "-", version);
  ASSIGN_OR_RETURN(
      std::shared_ptr<const Segment> json,
      ReadSealed(bundle, "manifest.json", StrCat(folder, "/manifest.json"), kMaxManifestBytes));
  ASSIGN_OR_RETURN(Manifest manifest, ParseManifest(Bytes(*json)));
  if (manifest.id != id || manifest.version != version) {
    return Refused(folder, StrCat("holds a manifest of ", manifest.id, " ", manifest.version));
  }
  return manifest;
}

// What the library's bytes must be, beside the hash.
absl::Status CheckLibrary(std::string_view shown, std::string_view bytes,
                          const Manifest& manifest) {
  ASSIGN_OR_RETURN(AbiNote note, InspectLibrary(bytes));
  RETURN_IF_ERROR(CheckAbi(shown, note.major, note.minor_needed));
  if (!manifest.id.empty() &&
      (note.major != manifest.abi_major || note.minor_needed != manifest.abi_needs_minor)) {
    return Refused(
        shown, StrCat("has a version note for ABI ", note.major, ".", note.minor_needed,
                      ", its manifest says ", manifest.abi_major, ".", manifest.abi_needs_minor));
  }
  return absl::OkStatus();
}

}  // namespace

std::string Sha256Hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &length, EVP_sha256(), nullptr);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), length));
}

absl::Status CheckPluginDir(std::string_view plugin_dir) {
  return OpenFolderChain(plugin_dir).status();
}

absl::StatusOr<std::vector<InstalledBundle>> ListBundles(std::string_view plugin_dir) {
  ASSIGN_OR_RETURN(UniqueFd dir, OpenFolderChain(plugin_dir));
  int fd = dir.get();
  DIR* entries = fdopendir(dir.Release());
  if (entries == nullptr) return Refused(plugin_dir, std::strerror(errno));
  std::vector<InstalledBundle> bundles;
  while (const dirent* entry = readdir(entries)) {
    std::string_view name = entry->d_name;
    size_t dash = name.rfind('-');
    if (dash == std::string_view::npos || !IsPluginId(name.substr(0, dash))) continue;
    std::string manifest = StrCat(name, "/manifest.json");
    if (faccessat(fd, manifest.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0) continue;
    bundles.push_back({std::string(name.substr(0, dash)), std::string(name.substr(dash + 1))});
  }
  closedir(entries);
  std::sort(bundles.begin(), bundles.end(), [](const InstalledBundle& a, const InstalledBundle& b) {
    return a.id != b.id ? a.id < b.id : VersionLess(b.version, a.version);
  });
  return bundles;
}

absl::StatusOr<Manifest> ReadBundleManifest(std::string_view plugin_dir, std::string_view id,
                                            std::string_view version) {
  ASSIGN_OR_RETURN(UniqueFd folder, OpenBundleFolder(plugin_dir, id, version));
  return ReadManifest(folder.get(), id, version);
}

absl::StatusOr<std::shared_ptr<const Bundle>> OpenBundle(std::string_view plugin_dir,
                                                         std::string_view id,
                                                         std::string_view version,
                                                         bool allow_unsigned) {
  ASSIGN_OR_RETURN(UniqueFd folder, OpenBundleFolder(plugin_dir, id, version));
  auto bundle = std::make_shared<Bundle>();
  ASSIGN_OR_RETURN(bundle->manifest, ReadManifest(folder.get(), id, version));
  std::string shown_folder = StrCat(id, "-", version);
  if (!allow_unsigned) {
    return MakeError(Reason::kPluginUnsigned,
                     StrCat(shown_folder,
                            " has no signature that can be checked; --allow-unsigned-plugins "
                            "would load it all the same"),
                     {{"plugin", id}});
  }
  bundle->signer = "unsigned";
  for (const auto& [path, wanted] : bundle->manifest.files) {
    std::string shown = StrCat(shown_folder, "/", path);
    ASSIGN_OR_RETURN(std::shared_ptr<const Segment> file,
                     ReadBundleFile(folder.get(), path, shown, kMaxPluginFileBytes));
    std::string digest = Sha256Hex(Bytes(*file));
    if (digest != wanted) {
      return MakeError(Reason::kPluginTampered,
                       StrCat(shown, " has SHA-256 ", digest, ", its manifest says ", wanted),
                       {{"plugin", id}, {"path", path}});
    }
    if (path == "lib/plugin.so") {
      RETURN_IF_ERROR(CheckLibrary(shown, Bytes(*file), bundle->manifest));
      bundle->image = std::move(file);
      bundle->digest = std::move(digest);
    }
  }
  return std::shared_ptr<const Bundle>(std::move(bundle));
}

absl::StatusOr<std::shared_ptr<const Bundle>> OpenLibrary(std::string_view path,
                                                          std::string_view manifest_json) {
  auto bundle = std::make_shared<Bundle>();
  if (!manifest_json.empty()) {
    ASSIGN_OR_RETURN(bundle->manifest, ParseManifest(manifest_json));
  }
  UniqueFd fd(open(std::string(path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info;
  if (!fd.ok() || fstat(fd.get(), &info) != 0) return Refused(path, std::strerror(errno));
  ASSIGN_OR_RETURN(bundle->image, CopySealed(fd.get(), info, path, kMaxPluginFileBytes));
  RETURN_IF_ERROR(CheckLibrary(path, Bytes(*bundle->image), bundle->manifest));
  bundle->digest = Sha256Hex(Bytes(*bundle->image));
  bundle->signer = "unsigned";
  return std::shared_ptr<const Bundle>(std::move(bundle));
}

}  // namespace tandem::plugin
