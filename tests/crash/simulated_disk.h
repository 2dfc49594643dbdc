// SPDX-License-Identifier: Apache-2.0

// A disk in memory, behind RocksDB's file system interface, that keeps apart what was written and
// what was synced. A power cut leaves of every file what was synced and some part of the rest, and
// of every folder the names that were synced and some first part of the later changes. It can also
// fail its n-th operation, lie about syncs and hand out its whole content for damage.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace tandem::crash {

// Paths and contents of all files.
using DiskImage = std::map<std::string, std::string>;

// Thread-safe.
class SimulatedDisk : public rocksdb::FileSystemWrapper {
 public:
  // A disk with the root folder only.
  SimulatedDisk();
  // A disk that holds `image`, all of it synced.
  explicit SimulatedDisk(const DiskImage& image);

  // What operations count as, for faults. kNames makes, renames or removes a file or a folder.
  enum class Operation { kRead, kWrite, kNames, kSync };

  // Decides what becomes of an operation, given its kind and number (from 1, over all kinds).
  // Called under the disk's lock. OK lets it happen.
  using Fault = std::function<rocksdb::IOStatus(Operation, int64_t)>;
  // Null: no faults. Counting starts again.
  void SetFault(Fault fault);
  // Operations since SetFault.
  int64_t operations() const;

  // From now on syncs of files made with this ending say OK and do nothing.
  void LieAboutSyncs(std::string ending) { lying_about_ = std::move(ending); }
  void SetFreeBytes(uint64_t bytes) { free_bytes_ = bytes; }

  // From now on every operation fails and changes nothing.
  void CutPower();
  // The same after `operations` more operations that are no reads.
  void CutPowerAfter(int64_t operations);
  bool is_off() const;
  // Brings the disk back with what it kept. Files open from before stay unusable.
  void RestorePower(std::mt19937& random);

  // What a process that reads the disk now would see.
  DiskImage Image() const;

  const char* Name() const override { return "SimulatedDisk"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus FileExists(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetChildren(const std::string& path, const rocksdb::IOOptions& options,
                                std::vector<std::string>* children,
                                rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus CreateDir(const std::string& path, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& path, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus DeleteDir(const std::string& path, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetFileSize(const std::string& path, const rocksdb::IOOptions& options,
                                uint64_t* size, rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetFileModificationTime(const std::string& path,
                                            const rocksdb::IOOptions& options, uint64_t* time,
                                            rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& options,
                             rocksdb::FileLock** lock, rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewLogger(const std::string& path, const rocksdb::IOOptions& options,
                              std::shared_ptr<rocksdb::Logger>* logger,
                              rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetAbsolutePath(const std::string& path, const rocksdb::IOOptions& options,
                                    std::string* absolute, rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options,
                                 uint64_t* bytes, rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus IsDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                bool* is_directory, rocksdb::IODebugContext* dbg) override;

  // A file's content; files are only ever appended to.
  struct Inode {
    std::string data;
    size_t synced = 0;
  };

 private:
  friend class WritableFile;
  friend class ReadableFile;
  friend class Folder;
  friend class Lock;

  // A change of names that its folder's sync makes durable.
  struct Change {
    enum class Kind { kLink, kUnlink, kMakeFolder, kRemoveFolder, kRename } kind;
    std::string path;
    std::string target;
    std::shared_ptr<Inode> inode;
  };
  struct Names {
    std::map<std::string, std::shared_ptr<Inode>> files;
    std::set<std::string> folders = {"/"};
  };

  static std::string Clean(const std::string& path);
  static std::string Parent(const std::string& path);
  static void Apply(const Change& change, Names* names);
  // Counts the operation; not OK when the power is off or a fault strikes. `generation` is the one
  // the file was opened in.
  rocksdb::IOStatus Begin(Operation operation, int64_t generation);
  void Make(Change change);
  rocksdb::IOStatus Open(const std::string& path, std::shared_ptr<Inode>* inode);

  mutable std::mutex mutex_;
  Names live_;
  Names durable_;
  std::vector<Change> pending_;
  std::set<std::string> locks_;
  Fault fault_;
  int64_t operations_ = 0;
  int64_t cut_after_ = -1;
  bool off_ = false;
  // Ending of the names of files whose syncs do nothing; empty: none.
  std::string lying_about_;
  uint64_t free_bytes_ = uint64_t{1} << 40U;
  // Power cuts so far.
  int64_t generation_ = 0;
};

// An environment whose files lie on `disk` and whose threads are real; its clock runs as it should,
// but hardly rests.
std::unique_ptr<rocksdb::Env> EnvOn(const std::shared_ptr<SimulatedDisk>& disk);

}  // namespace tandem::crash
