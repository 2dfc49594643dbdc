// SPDX-License-Identifier: Apache-2.0

// A folder of a test's own, so that any number of tests can run at once. It lies under $TMPDIR
// (else the system's folder for temporary files) and goes with the object, whatever the test left
// in it.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace tandem::support {

// Owns one folder from construction to destruction. Neither copied nor moved; any thread may read
// it.
class TempDir {
 public:
  // Makes an empty folder that only this user may enter. Ends the test program when that fails:
  // nothing the test would say after that is worth reading.
  TempDir() {
    std::error_code error;
    std::filesystem::path base = std::filesystem::temp_directory_path(error);
    path_ = (base / "tandem-XXXXXX").string();
    if (error || mkdtemp(path_.data()) == nullptr) {
      std::perror(("can't make " + path_).c_str());
      std::abort();
    }
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  // Removes the folder with all it holds, folders that lost their permissions too.
  ~TempDir() {
    std::error_code ignored;
    for (auto it = std::filesystem::recursive_directory_iterator(
             path_, std::filesystem::directory_options::skip_permission_denied, ignored);
         !ignored && it != std::filesystem::recursive_directory_iterator(); it.increment(ignored)) {
      if (it->symlink_status(ignored).type() == std::filesystem::file_type::directory) {
        std::filesystem::permissions(it->path(), std::filesystem::perms::owner_all,
                                     std::filesystem::perm_options::add, ignored);
      }
    }
    std::filesystem::remove_all(path_, ignored);
  }

  // Absolute path of the folder, without a slash at the end.
  const std::string& path() const { return path_; }

  // Path of `name` inside the folder. Makes nothing.
  std::string Path(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace tandem::support
