// SPDX-License-Identifier: Apache-2.0

#include "crash/simulated_disk.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "rocksdb/system_clock.h"

namespace tandem::crash {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

class SilentLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
  size_t GetLogFileSize() const override { return 0; }
};

}  // namespace

class WritableFile : public rocksdb::FSWritableFile {
 public:
  WritableFile(SimulatedDisk* disk, std::shared_ptr<SimulatedDisk::Inode> inode, int64_t generation,
               bool lying)
      : disk_(disk), inode_(std::move(inode)), generation_(generation), lying_(lying) {}

  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions& /*options*/,
                  IODebugContext* /*dbg*/) override {
    std::lock_guard<std::mutex> lock(disk_->mutex_);
    IOStatus status = disk_->Begin(SimulatedDisk::Operation::kWrite, generation_);
    if (status.ok()) {
      inode_->data.append(data.data(), data.size());
    } else if (!disk_->off_) {
      // A failed write may have written a part.
      inode_->data.append(data.data(), data.size() / 2);
    }
    return status;
  }
  IOStatus Truncate(uint64_t size, const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    std::lock_guard<std::mutex> lock(disk_->mutex_);
    // RocksDB truncates a file only to the size it has, to give back what was preallocated.
    if (size < inode_->data.size()) return IOStatus::NotSupported("truncation of written data");
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    return IOStatus::OK();
  }
  IOStatus Flush(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    return IOStatus::OK();
  }
  IOStatus Sync(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    std::lock_guard<std::mutex> lock(disk_->mutex_);
    IOStatus status = disk_->Begin(SimulatedDisk::Operation::kSync, generation_);
    if (status.ok() && !lying_) inode_->synced = inode_->data.size();
    return status;
  }
  uint64_t GetFileSize(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    std::lock_guard<std::mutex> lock(disk_->mutex_);
    return inode_->data.size();
  }

 private:
  SimulatedDisk* const disk_;
  const std::shared_ptr<SimulatedDisk::Inode> inode_;
  const int64_t generation_;
  // Syncs do nothing.
  const bool lying_;
};

class ReadableFile : public rocksdb::FSRandomAccessFile, public rocksdb::FSSequentialFile {
 public:
  ReadableFile(SimulatedDisk* disk, std::shared_ptr<SimulatedDisk::Inode> inode, int64_t generation)
      : disk_(disk), inode_(std::move(inode)), generation_(generation) {}

  IOStatus Read(uint64_t offset, size_t size, const IOOptions& /*options*/, Slice* result,
                char* scratch, IODebugContext* /*dbg*/) const override {
    std::lock_guard<std::mutex> lock(disk_->mutex_);
    IOStatus status = disk_->Begin(SimulatedDisk::Operation::kRead, generation_);
    if (!status.ok()) return status;
    const size_t available = offset < inode_->data.size() ? inode_->data.size() - offset : 0;
    const size_t taken = std::min(size, available);
    if (taken > 0) std::memcpy(scratch, inode_->data.data() + offset, taken);
    *result = Slice(scratch, taken);
    return IOStatus::OK();
  }
  IOStatus Read(size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* dbg) override {
    IOStatus status = Read(position_, size, options, result, scratch, dbg);
    if (status.ok()) position_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t size) override {
    position_ += size;
    return IOStatus::OK();
  }
  IOStatus InvalidateCache(size_t /*offset*/, size_t /*length*/) override { return IOStatus::OK(); }
  bool use_direct_io() const override { return false; }
  size_t GetRequiredBufferAlignment() const override { return 4096; }

 private:
  SimulatedDisk* const disk_;
  const std::shared_ptr<SimulatedDisk::Inode> inode_;
  const int64_t generation_;
  uint64_t position_ = 0;
};

class Folder : public rocksdb::FSDirectory {
 public:
  Folder(SimulatedDisk* disk, std::string path, int64_t generation)
      : disk_(disk), path_(std::move(path)), generation_(generation) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    std::lock_guard<std::mutex> lock(disk_->mutex_);
    IOStatus status = disk_->Begin(SimulatedDisk::Operation::kSync, generation_);
    if (!status.ok()) return status;
    std::vector<SimulatedDisk::Change> rest;
    for (SimulatedDisk::Change& change : disk_->pending_) {
      if (SimulatedDisk::Parent(change.path) == path_) {
        SimulatedDisk::Apply(change, &disk_->durable_);
      } else {
        rest.push_back(std::move(change));
      }
    }
    disk_->pending_ = std::move(rest);
    return status;
  }
  IOStatus Close(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    return IOStatus::OK();
  }

 private:
  SimulatedDisk* const disk_;
  const std::string path_;
  const int64_t generation_;
};

class Lock : public rocksdb::FileLock {
 public:
  explicit Lock(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

SimulatedDisk::SimulatedDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

SimulatedDisk::SimulatedDisk(const DiskImage& image) : SimulatedDisk() {
  for (const auto& [path, data] : image) {
    live_.files[path] = std::make_shared<Inode>(Inode{data, data.size()});
    for (std::string folder = Parent(path); folder != "/"; folder = Parent(folder))
      live_.folders.insert(folder);
  }
  durable_ = live_;
}

std::string SimulatedDisk::Clean(const std::string& path) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string part = path.substr(start, end - start);
    if (part == ".." && !parts.empty()) {
      parts.pop_back();
    } else if (!part.empty() && part != "." && part != "..") {
      parts.push_back(part);
    }
    start = end + 1;
  }
  std::string clean;
  for (const std::string& part : parts) clean += "/" + part;
  return clean.empty() ? "/" : clean;
}

std::string SimulatedDisk::Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

void SimulatedDisk::Apply(const Change& change, Names* names) {
  switch (change.kind) {
    case Change::Kind::kLink:
      names->files[change.path] = change.inode;
      break;
    case Change::Kind::kUnlink:
      names->files.erase(change.path);
      break;
    case Change::Kind::kMakeFolder:
      names->folders.insert(change.path);
      break;
    case Change::Kind::kRemoveFolder:
      names->folders.erase(change.path);
      break;
    case Change::Kind::kRename:
      names->files.erase(change.path);
      names->files[change.target] = change.inode;
      break;
  }
}

IOStatus SimulatedDisk::Begin(Operation operation, int64_t generation) {
  if (off_ || generation != generation_) return IOStatus::IOError("the power is off");
  ++operations_;
  if (operation != Operation::kRead && cut_after_ >= 0 && --cut_after_ < 0) {
    off_ = true;
    return IOStatus::IOError("the power went off");
  }
  return fault_ ? fault_(operation, operations_) : IOStatus::OK();
}

void SimulatedDisk::Make(Change change) {
  Apply(change, &live_);
  pending_.push_back(std::move(change));
}

void SimulatedDisk::SetFault(Fault fault) {
  std::lock_guard<std::mutex> lock(mutex_);
  fault_ = std::move(fault);
  operations_ = 0;
}

int64_t SimulatedDisk::operations() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return operations_;
}

void SimulatedDisk::CutPower() {
  std::lock_guard<std::mutex> lock(mutex_);
  off_ = true;
}

void SimulatedDisk::CutPowerAfter(int64_t operations) {
  std::lock_guard<std::mutex> lock(mutex_);
  cut_after_ = operations;
}

bool SimulatedDisk::is_off() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return off_;
}

void SimulatedDisk::RestorePower(std::mt19937& random) {
  std::lock_guard<std::mutex> lock(mutex_);
  // Of each folder's later changes a first part survives: journals keep their order.
  std::map<std::string, size_t> counts;
  for (const Change& change : pending_) ++counts[Parent(change.path)];
  for (auto& [folder, count] : counts) count = random() % (count + 1);
  for (const Change& change : pending_) {
    size_t& left = counts[Parent(change.path)];
    if (left == 0) continue;
    --left;
    Apply(change, &durable_);
  }
  pending_.clear();
  // Files keep what was synced and none, some or all of the rest. New inodes: writers of before the
  // cut hold the old ones.
  std::map<std::shared_ptr<Inode>, std::shared_ptr<Inode>> kept;
  for (auto& [path, inode] : durable_.files) {
    std::shared_ptr<Inode>& copy = kept[inode];
    if (copy == nullptr) {
      const size_t unsynced = inode->data.size() - inode->synced;
      const size_t size = inode->synced + (random() % 3 == 0 ? 0 : random() % (unsynced + 1));
      copy = std::make_shared<Inode>(Inode{inode->data.substr(0, size), size});
    }
    inode = copy;
  }
  live_ = durable_;
  locks_.clear();
  off_ = false;
  cut_after_ = -1;
  ++generation_;
}

DiskImage SimulatedDisk::Image() const {
  std::lock_guard<std::mutex> lock(mutex_);
  DiskImage image;
  for (const auto& [path, inode] : live_.files) image[path] = inode->data;
  return image;
}

IOStatus SimulatedDisk::Open(const std::string& path, std::shared_ptr<Inode>* inode) {
  IOStatus status = Begin(Operation::kRead, generation_);
  if (!status.ok()) return status;
  const auto found = live_.files.find(Clean(path));
  if (found == live_.files.end()) return IOStatus::PathNotFound(path);
  *inode = found->second;
  return status;
}

IOStatus SimulatedDisk::NewSequentialFile(const std::string& path, const FileOptions& /*options*/,
                                          std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                          IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<Inode> inode;
  IOStatus status = Open(path, &inode);
  if (status.ok()) *file = std::make_unique<ReadableFile>(this, std::move(inode), generation_);
  return status;
}

IOStatus SimulatedDisk::NewRandomAccessFile(const std::string& path, const FileOptions& /*options*/,
                                            std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                            IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<Inode> inode;
  IOStatus status = Open(path, &inode);
  if (status.ok()) *file = std::make_unique<ReadableFile>(this, std::move(inode), generation_);
  return status;
}

IOStatus SimulatedDisk::NewWritableFile(const std::string& path, const FileOptions& /*options*/,
                                        std::unique_ptr<rocksdb::FSWritableFile>* file,
                                        IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  IOStatus status = Begin(Operation::kNames, generation_);
  if (!status.ok()) return status;
  const std::string clean = Clean(path);
  if (live_.folders.count(Parent(clean)) == 0) return IOStatus::PathNotFound(path);
  auto inode = std::make_shared<Inode>();
  Make({Change::Kind::kLink, clean, "", inode});
  const bool lying = !lying_about_.empty() && absl::EndsWith(clean, lying_about_);
  *file = std::make_unique<WritableFile>(this, std::move(inode), generation_, lying);
  return status;
}

IOStatus SimulatedDisk::NewDirectory(const std::string& path, const IOOptions& /*options*/,
                                     std::unique_ptr<rocksdb::FSDirectory>* directory,
                                     IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  IOStatus status = Begin(Operation::kRead, generation_);
  if (!status.ok()) return status;
  const std::string clean = Clean(path);
  if (live_.folders.count(clean) == 0) return IOStatus::PathNotFound(path);
  *directory = std::make_unique<Folder>(this, clean, generation_);
  return status;
}

IOStatus SimulatedDisk::FileExists(const std::string& path, const IOOptions& /*options*/,
                                   IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  IOStatus status = Begin(Operation::kRead, generation_);
  if (!status.ok()) return status;
  const std::string clean = Clean(path);
  const bool exists = live_.files.count(clean) != 0 || live_.folders.count(clean) != 0;
  return exists ? IOStatus::OK() : IOStatus::NotFound(path);
}

IOStatus SimulatedDisk::GetChildren(const std::string& path, const IOOptions& /*options*/,
                                    std::vector<std::string>* children, IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  IOStatus status = Begin(Operation::kRead, generation_);
  if (!status.ok()) return status;
  const std::string clean = Clean(path);
  if (live_.folders.count(clean) == 0) return IOStatus::NotFound(path);
  children->clear();
  const auto add = [&](const std::string& child) {
    if (child != "/" && Parent(child) == clean)
      children->push_back(child.substr(child.rfind('/') + 1));
  };
  for (const auto& [child, inode] : live_.files) add(child);
  for (const std::string& child : live_.folders) add(child);
  return status;
}

IOStatus SimulatedDisk::DeleteFile(const std::string& path, const IOOptions& /*options*/,
                                   IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  IOStatus status = Begin(Operation::kNames, generation_);
  if (!status.ok()) return status;
  const std::string clean = Clean(path);
  if (live_.files.count(clean) == 0) return IOStatus::PathNotFound(path);
  Make({Change::Kind::kUnlink, clean, "", nullptr});
  return status;
}

IOStatus SimulatedDisk::CreateDir(const std::string& path, const IOOptions& /*options*/,
                                  IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  IOStatus status = Begin(Operation::kNames, generation_);
  if (!status.ok()) return status;
  const std::string clean = Clean(path);
  if (live_.folders.count(clean) != 0 || live_.files.count(clean) != 0)
    return IOStatus::IOError(path, "exists");
  if (live_.folders.count(Parent(clean)) == 0) return IOStatus::PathNotFound(path);
  Make({Change::Kind::kMakeFolder, clean, "", nullptr});
  return status;
}

IOStatus SimulatedDisk::CreateDirIfMissing(const std::string& path, const IOOptions& options,
                                           IODebugContext* dbg) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!off_ && live_.folders.count(Clean(path)) != 0) return IOStatus::OK();
  }
  return CreateDir(path, options, dbg);
}

IOStatus SimulatedDisk::DeleteDir(const std::string& path, const IOOptions& /*options*/,
                                  IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  IOStatus status = Begin(Operation::kNames, generation_);
  if (!status.ok()) return status;
  Make({Change::Kind::kRemoveFolder, Clean(path), "", nullptr});
  return status;
}

IOStatus SimulatedDisk::GetFileSize(const std::string& path, const IOOptions& /*options*/,
                                    uint64_t* size, IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<Inode> inode;
  IOStatus status = Open(path, &inode);
  if (status.ok()) *size = inode->data.size();
  return status;
}

IOStatus SimulatedDisk::GetFileModificationTime(const std::string& path,
                                                const IOOptions& /*options*/, uint64_t* time,
                                                IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<Inode> inode;
  IOStatus status = Open(path, &inode);
  if (status.ok()) *time = 0;
  return status;
}

IOStatus SimulatedDisk::RenameFile(const std::string& from, const std::string& to,
                                   const IOOptions& /*options*/, IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  IOStatus status = Begin(Operation::kNames, generation_);
  if (!status.ok()) return status;
  const auto found = live_.files.find(Clean(from));
  if (found == live_.files.end()) return IOStatus::PathNotFound(from);
  Make({Change::Kind::kRename, Clean(from), Clean(to), found->second});
  return status;
}

IOStatus SimulatedDisk::LockFile(const std::string& path, const IOOptions& /*options*/,
                                 rocksdb::FileLock** lock, IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> guard(mutex_);
  IOStatus status = Begin(Operation::kNames, generation_);
  if (!status.ok()) return status;
  const std::string clean = Clean(path);
  if (live_.folders.count(Parent(clean)) == 0) return IOStatus::PathNotFound(path);
  if (!locks_.insert(clean).second) return IOStatus::IOError("lock hold by current process", path);
  if (live_.files.count(clean) == 0)
    Make({Change::Kind::kLink, clean, "", std::make_shared<Inode>()});
  *lock = new Lock(clean);
  return status;
}

IOStatus SimulatedDisk::UnlockFile(rocksdb::FileLock* lock, const IOOptions& /*options*/,
                                   IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> guard(mutex_);
  const std::unique_ptr<Lock> owned(static_cast<Lock*>(lock));
  locks_.erase(owned->path());
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewLogger(const std::string& /*path*/, const IOOptions& /*options*/,
                                  std::shared_ptr<rocksdb::Logger>* logger,
                                  IODebugContext* /*dbg*/) {
  *logger = std::make_shared<SilentLogger>();
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetAbsolutePath(const std::string& path, const IOOptions& /*options*/,
                                        std::string* absolute, IODebugContext* /*dbg*/) {
  *absolute = Clean(path);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetFreeSpace(const std::string& /*path*/, const IOOptions& /*options*/,
                                     uint64_t* bytes, IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  *bytes = free_bytes_;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::IsDirectory(const std::string& path, const IOOptions& /*options*/,
                                    bool* is_directory, IODebugContext* /*dbg*/) {
  std::lock_guard<std::mutex> lock(mutex_);
  *is_directory = live_.folders.count(Clean(path)) != 0;
  return IOStatus::OK();
}

namespace {

// RocksDB rests a second after each failed flush; a simulated disk gets no better by that.
class RestlessClock : public rocksdb::SystemClockWrapper {
 public:
  RestlessClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "RestlessClock"; }
  void SleepForMicroseconds(int micros) override { target_->SleepForMicroseconds(micros / 1000); }
};

class DiskEnv : public rocksdb::EnvWrapper {
 public:
  explicit DiskEnv(const std::shared_ptr<SimulatedDisk>& disk)
      : EnvWrapper(rocksdb::NewCompositeEnv(disk)) {
    file_system_ = disk;
    system_clock_ = std::make_shared<RestlessClock>();
  }
  const char* Name() const override { return "DiskEnv"; }
};

}  // namespace

std::unique_ptr<rocksdb::Env> EnvOn(const std::shared_ptr<SimulatedDisk>& disk) {
  return std::make_unique<DiskEnv>(disk);
}

}  // namespace tandem::crash
