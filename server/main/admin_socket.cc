// SPDX-License-Identifier: Apache-2.0

#include "main/admin_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "model/absl_strings.h"

namespace tandem::server {
namespace {

bool SomebodyListens(const sockaddr_un& address) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return connected;
}

}  // namespace

absl::Status MakeWayForSocket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(StrCat("the path of the admin socket has ", path.size(),
                                             " bytes; a socket's may have ",
                                             sizeof(address.sun_path) - 1));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return absl::FailedPreconditionError(StrCat("admin socket ", path, ": ", std::strerror(errno)));
  }
  if (!S_ISSOCK(info.st_mode)) {
    return absl::FailedPreconditionError(
        StrCat("admin socket ", path, ": exists and is no socket"));
  }
  if (SomebodyListens(address)) {
    return absl::FailedPreconditionError(
        StrCat("admin socket ", path, ": another server answers on it"));
  }
  if (unlink(path.c_str()) != 0) {
    return absl::FailedPreconditionError(StrCat(
        "admin socket ", path, ": was left over and can't be removed: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace tandem::server
