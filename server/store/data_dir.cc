// SPDX-License-Identifier: Apache-2.0

#include "store/data_dir.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "rocksdb/db.h"
#include "store/high_water.h"
#include "store/tables.h"

namespace tandem::store {
namespace {

using model::MakeError;
using model::Reason;

constexpr std::string_view kLockFile = "LOCK";
constexpr std::string_view kDatabaseFolder = "db";

std::string LockPath(const std::string& data_dir) { return StrCat(data_dir, "/", kLockFile); }

absl::Status Invalid(const std::string& data_dir, std::string_view what) {
  return MakeError(Reason::kDataDirInvalid, StrCat("data directory ", data_dir, ": ", what),
                   {{"dataDir", data_dir}});
}

absl::StatusOr<std::vector<std::string>> Children(rocksdb::Env* env, const std::string& data_dir,
                                                  const std::string& path) {
  std::vector<std::string> children;
  const rocksdb::Status status = env->GetChildren(path, &children);
  if (!status.ok()) return Invalid(data_dir, StrCat("can't be listed: ", status.ToString()));
  children.erase(
      std::remove_if(children.begin(), children.end(),
                     [](const std::string& name) { return name == "." || name == ".."; }),
      children.end());
  std::sort(children.begin(), children.end());
  return children;
}

// Files that a fresh directory may hold: ours, and what mkfs leaves.
bool IsExpected(const std::string& name) {
  return name == kLockFile || name == kHighWaterFile || name == kHighWaterNewFile ||
         name == kDatabaseFolder || name == "lost+found";
}

// Who holds the lock, " (process 123)"; empty when that can't be told. Never called for a lock of
// this process: closing the file would drop it.
std::string LockHolder(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return "";
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool told = fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0;
  close(file);
  return told ? StrCat(" (process ", lock.l_pid, ")") : "";
}

}  // namespace

std::string DatabasePath(const std::string& data_dir) {
  return StrCat(data_dir, "/", kDatabaseFolder);
}

absl::StatusOr<std::unique_ptr<DataDirLock>> DataDirLock::Take(rocksdb::Env* env,
                                                               const std::string& data_dir) {
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status status = env->LockFile(LockPath(data_dir), &lock);
  if (status.ok()) return std::unique_ptr<DataDirLock>(new DataDirLock(env, lock));
  const std::string text = status.ToString();
  const bool own = absl::StrContains(text, "current process");
  const bool held = own || absl::StrContains(text, "temporarily unavailable");
  if (!held) return Invalid(data_dir, StrCat("can't be locked: ", text));
  return MakeError(
      Reason::kDataDirLocked,
      StrCat("data directory ", data_dir, " is in use by ",
             own ? "this process" : StrCat("another process", LockHolder(LockPath(data_dir))),
             "; stop it first or choose another directory"),
      {{"dataDir", data_dir}});
}

DataDirLock::~DataDirLock() { env_->UnlockFile(lock_); }

absl::Status PrepareDataDir(rocksdb::Env* env, const std::string& data_dir) {
  const rocksdb::Status exists = env->FileExists(data_dir);
  if (exists.IsNotFound()) {
    const rocksdb::Status made = env->CreateDir(data_dir);
    if (made.ok()) return absl::OkStatus();
    return Invalid(data_dir, StrCat("can't be made (does its parent exist, is it writable?): ",
                                    made.ToString()));
  }
  if (!exists.ok()) return Invalid(data_dir, exists.ToString());
  bool is_directory = false;
  const rocksdb::Status kind = env->IsDirectory(data_dir, &is_directory);
  if (!kind.ok() || !is_directory) return Invalid(data_dir, "is not a directory");
  absl::StatusOr<std::vector<std::string>> children = Children(env, data_dir, data_dir);
  if (!children.ok()) return children.status();
  const auto holds = [&](std::string_view name) {
    return std::find(children->begin(), children->end(), name) != children->end();
  };
  if (holds(kDatabaseFolder) || holds(kHighWaterFile)) return absl::OkStatus();
  const auto foreign = std::find_if_not(children->begin(), children->end(), IsExpected);
  if (foreign == children->end()) return absl::OkStatus();
  return Invalid(data_dir, StrCat("holds no Tandem store but other files (", *foreign,
                                  "); name an empty or absent directory to make a new one"));
}

absl::StatusOr<DatabaseFolder> LookAtDatabase(rocksdb::Env* env, const std::string& data_dir) {
  const std::string path = DatabasePath(data_dir);
  if (env->FileExists(path).IsNotFound()) return DatabaseFolder::kAbsent;
  absl::StatusOr<std::vector<std::string>> children = Children(env, data_dir, path);
  if (!children.ok()) return children.status();
  if (children->empty()) return DatabaseFolder::kEmpty;
  const bool current = std::find(children->begin(), children->end(), "CURRENT") != children->end();
  return current ? DatabaseFolder::kPresent : DatabaseFolder::kWithoutCurrent;
}

absl::Status ClearDatabaseFolder(rocksdb::Env* env, const std::string& data_dir) {
  const std::string path = DatabasePath(data_dir);
  absl::StatusOr<DatabaseFolder> folder = LookAtDatabase(env, data_dir);
  if (!folder.ok()) return folder.status();
  if (*folder == DatabaseFolder::kAbsent || *folder == DatabaseFolder::kEmpty)
    return absl::OkStatus();
  absl::StatusOr<std::vector<std::string>> children = Children(env, data_dir, path);
  if (!children.ok()) return children.status();
  for (const std::string& name : *children) {
    const rocksdb::Status status = env->DeleteFile(StrCat(path, "/", name));
    if (!status.ok()) {
      return Invalid(data_dir, StrCat("the rest of an interrupted first start can't be removed: ",
                                      status.ToString()));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckTables(rocksdb::Env* env, const std::string& data_dir) {
  rocksdb::DBOptions options;
  options.env = env;
  std::vector<std::string> names;
  const rocksdb::Status status =
      rocksdb::DB::ListColumnFamilies(options, DatabasePath(data_dir), &names);
  if (!status.ok()) {
    return Invalid(data_dir, StrCat("its list of files is damaged (", status.ToString(),
                                    "); restore the newest backup into an empty directory"));
  }
  std::vector<std::string> ours(kTableNames.begin(), kTableNames.end());
  std::sort(ours.begin(), ours.end());
  std::sort(names.begin(), names.end());
  if (names == ours) return absl::OkStatus();
  return Invalid(
      data_dir,
      StrCat("db/ holds other tables (", absl::StrJoin(names, ", "),
             ") than this program's: its MANIFEST is damaged, or another program or a newer Tandem "
             "wrote it; start the program that wrote it or restore the newest backup"));
}

}  // namespace tandem::store
