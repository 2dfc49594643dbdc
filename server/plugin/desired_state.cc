// SPDX-License-Identifier: Apache-2.0

#include "plugin/desired_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "google/protobuf/util/json_util.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "plugin/segment.h"

namespace tandem::plugin {
namespace {

using model::MakeError;
using model::Reason;

absl::Status WriteFailed(std::string_view path, std::string_view what) {
  int error = errno;
  return MakeError(Reason::kStorageFailed, StrCat(path, ": ", what, ": ", std::strerror(error)));
}

std::string FolderOf(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

absl::StatusOr<storage::v1::DesiredPlugins> DesiredStateFile::Read() {
  storage::v1::DesiredPlugins desired;
  UniqueFd fd(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.ok() && errno == ENOENT) return desired;
  if (!fd.ok()) return WriteFailed(path_, "open");
  std::string json;
  char buffer[4096];
  ssize_t n;
  while ((n = read(fd.get(), buffer, sizeof(buffer))) > 0)
    json.append(buffer, static_cast<size_t>(n));
  auto parsed = google::protobuf::util::JsonStringToMessage(json, &desired);
  if (n < 0 || !parsed.ok()) {
    return MakeError(Reason::kRecordCorrupt,
                     StrCat(path_, " can't be read as the list of wanted plugins"));
  }
  return desired;
}

absl::Status DesiredStateFile::Write(const storage::v1::DesiredPlugins& desired) {
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  if (!google::protobuf::util::MessageToJsonString(desired, &json, options).ok()) {
    return MakeError(Reason::kInternal, "the list of wanted plugins has no JSON form");
  }
  std::string beside = path_ + ".new";
  UniqueFd fd(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.ok()) return WriteFailed(beside, "open");
  for (size_t done = 0; done < json.size();) {
    ssize_t n = write(fd.get(), json.data() + done, json.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return WriteFailed(beside, "write");
    done += static_cast<size_t>(n);
  }
  if (fsync(fd.get()) != 0) return WriteFailed(beside, "fsync");
  if (rename(beside.c_str(), path_.c_str()) != 0) return WriteFailed(path_, "rename");
  UniqueFd folder(open(FolderOf(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok() || fsync(folder.get()) != 0) return WriteFailed(path_, "fsync of its folder");
  return absl::OkStatus();
}

}  // namespace tandem::plugin
