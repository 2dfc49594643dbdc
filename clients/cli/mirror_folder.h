// SPDX-License-Identifier: Apache-2.0

// The files of a mirror, and what keeps them true however the program that writes them ends:
//
//   agencies.ndjson …    one file a collection, one record a line, ascending by name: as true as
//                        state.json says, replaced as a whole (temporary file, fsync, rename)
//   changes-4.ndjson     what came since: a line {"collection", "name", "record"} for every change
//                        (no record: it is gone), then a line {"revision"} that makes it count
//   state.json           {"format", "revision", "journal", "listed", "begun", "complete"}: the
//   revision the
//                        collections hold at least, the number of the journal behind them, and
//                        which collections an unfinished first list has got
//   lock                 held while a mirror runs
//
// Changes carry whole records, so taking some of them over twice does no harm: a collection file
// may be newer than state.json says. A cut journal ends behind its last whole {"revision"} line.
// Knows nothing of servers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tandem::cli {

// A record as it is now, or that it is gone.
struct MirrorChange {
  // "agencies".
  std::string collection;
  std::string name;
  // The record as one line of JSON that begins with its name; empty: gone.
  std::string line;
};

// One folder; one thread. Errors: FILE_INVALID with the file's name.
class MirrorFolder {
 public:
  // Writes one collection of a first list.
  class Writer {
   public:
    ~Writer();
    // Names must rise.
    absl::Status Add(std::string_view name, std::string_view line);

   private:
    friend class MirrorFolder;
    explicit Writer(std::string path) : path_(std::move(path)) {}
    absl::Status Open();
    absl::Status Flush();
    // Makes it durable in place of `target`.
    absl::Status Install(const std::string& target);

    const std::string path_;
    int file_ = -1;
    std::string buffer_;
    std::string last_name_;
  };

  // Takes the folder, made when absent, brings it up to what its journal holds and cuts off what of
  // that is not whole. `collections`: the files it should have; others than last time begin anew.
  static absl::StatusOr<std::unique_ptr<MirrorFolder>> Open(
      const std::string& path, const std::vector<std::string>& collections);
  ~MirrorFolder();
  MirrorFolder(const MirrorFolder&) = delete;
  MirrorFolder& operator=(const MirrorFolder&) = delete;

  // Whether the first list is done; then changes from revision() + 1 on are wanted.
  bool complete() const { return complete_; }
  // Whether a first list is under way or done.
  bool begun() const { return begun_; }
  // Everything up to here is held; while a first list is under way, the revision it began at.
  int64_t revision() const { return revision_; }
  // Collections a first list has still to get.
  std::vector<std::string> missing() const;

  // Begins a first list at `revision`. Old files stay until they are replaced.
  absl::Status BeginList(int64_t revision);
  // Forgets what it holds, so that a first list begins.
  absl::Status Restart();
  absl::StatusOr<std::unique_ptr<Writer>> Write(const std::string& collection);
  // The collection is whole; the last one completes the list.
  absl::Status Finish(const std::string& collection, Writer* writer);

  // Notes changes up to `revision`, in the order they happened; all of them count or none.
  absl::Status Append(const std::vector<MirrorChange>& changes, int64_t revision);
  // Bytes of the journal.
  size_t journal_bytes() const { return journal_bytes_; }
  // Whether a collection file is older than revision().
  bool pending() const { return !pending_.empty(); }
  // Brings the collection files up to revision() and begins a new journal.
  absl::Status Compact();

 private:
  using Lines = std::map<std::string, std::string>;

  MirrorFolder(std::string path, std::vector<std::string> collections);
  absl::Status Lock();
  absl::Status ReadState();
  absl::Status WriteState();
  // Holds nothing, as of `revision`.
  absl::Status Reset(int64_t revision);
  // Removes what an end in the middle of something left over.
  void CleanUp() const;
  absl::Status ReplayJournal();
  absl::Status OpenJournal();
  absl::Status Merge(const std::string& collection, const Lines& changes);
  std::string File(std::string_view name) const;
  std::string JournalName() const;

  const std::string path_;
  const std::vector<std::string> collections_;
  int lock_ = -1;
  int journal_ = -1;
  size_t journal_bytes_ = 0;
  int64_t journal_number_ = 1;
  int64_t revision_ = 0;
  bool begun_ = false;
  bool complete_ = false;
  std::set<std::string> listed_;
  // By collection and name: what the journal holds; an empty line is a record that is gone.
  std::map<std::string, Lines> pending_;
};

}  // namespace tandem::cli
