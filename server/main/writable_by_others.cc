// SPDX-License-Identifier: Apache-2.0

#include "main/writable_by_others.h"

#include <sys/stat.h>

#include <cstdio>

#include "model/absl_strings.h"
#include "model/error.h"

namespace tandem::server {

absl::Status CheckNotWritableByOthers(const std::string& data_dir) {
  struct stat info {};
  if (stat(data_dir.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return absl::OkStatus();
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) == 0) return absl::OkStatus();
  char mode[8];
  std::snprintf(mode, sizeof(mode), "%04o", static_cast<unsigned>(info.st_mode & 07777U));
  return model::MakeError(
      model::Reason::kDataDirInvalid,
      StrCat("data directory ", data_dir, ": its group or everybody may write to it (mode ", mode,
             "); take that away with: chmod go-w ", data_dir),
      {{"dataDir", data_dir}});
}

}  // namespace tandem::server
