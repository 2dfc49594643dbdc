// SPDX-License-Identifier: Apache-2.0

#include "cli/mirror_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr size_t kWriteBytes = size_t{1} << 20U;
constexpr mode_t kMode = 0644;

absl::Status FileError(const std::string& file, std::string_view what) {
  return client::MakeClientError(absl::StatusCode::kFailedPrecondition, "FILE_INVALID",
                                 absl::StrCat(file, ": ", std::string(what)));
}
absl::Status SystemError(const std::string& file) { return FileError(file, std::strerror(errno)); }

absl::Status WriteAll(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

// The names in a folder are durable.
absl::Status SyncFolder(const std::string& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return SystemError(path);
  const bool synced = fsync(folder) == 0;
  close(folder);
  return synced ? absl::OkStatus() : SystemError(path);
}

// The name in a line that a mirror wrote; nullopt for any other line.
std::optional<std::string_view> NameOf(std::string_view line) {
  static constexpr std::string_view kStart = R"({"name":")";
  if (line.substr(0, kStart.size()) != kStart) return std::nullopt;
  line.remove_prefix(kStart.size());
  const size_t end = line.find('"');
  if (end == std::string_view::npos) return std::nullopt;
  return line.substr(0, end);
}

std::optional<int64_t> RevisionOf(const Json& document) {
  auto found = document.find("revision");
  int64_t revision = 0;
  if (found == document.end() || !found->is_string() ||
      !absl::SimpleAtoi(found->get<std::string>(), &revision)) {
    return std::nullopt;
  }
  return revision;
}

// A change of the journal; nullopt for anything else.
std::optional<MirrorChange> ChangeOf(const Json& document) {
  auto collection = document.find("collection");
  auto name = document.find("name");
  if (collection == document.end() || name == document.end() || !collection->is_string() ||
      !name->is_string()) {
    return std::nullopt;
  }
  MirrorChange change{collection->get<std::string>(), name->get<std::string>(), ""};
  auto record = document.find("record");
  if (record != document.end()) change.line = record->dump();
  return change;
}

std::string JournalLine(const MirrorChange& change) {
  const std::string head = Json{{"collection", change.collection}, {"name", change.name}}.dump();
  if (change.line.empty()) return head + "\n";
  return absl::StrCat(head.substr(0, head.size() - 1), ",\"record\":", change.line, "}\n");
}

}  // namespace

MirrorFolder::Writer::~Writer() {
  if (file_ >= 0) close(file_);
}

absl::Status MirrorFolder::Writer::Open() {
  file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
  return file_ < 0 ? SystemError(path_) : absl::OkStatus();
}

absl::Status MirrorFolder::Writer::Add(std::string_view name, std::string_view line) {
  if (name <= last_name_) return FileError(path_, absl::StrCat(std::string(name), " out of order"));
  last_name_.assign(name);
  buffer_.append(line);
  buffer_.push_back('\n');
  return buffer_.size() < kWriteBytes ? absl::OkStatus() : Flush();
}

absl::Status MirrorFolder::Writer::Flush() {
  RETURN_IF_ERROR(WriteAll(file_, buffer_, path_));
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status MirrorFolder::Writer::Install(const std::string& target) {
  RETURN_IF_ERROR(Flush());
  if (fsync(file_) != 0) return SystemError(path_);
  if (std::rename(path_.c_str(), target.c_str()) != 0) return SystemError(target);
  return absl::OkStatus();
}

MirrorFolder::MirrorFolder(std::string path, std::vector<std::string> collections)
    : path_(std::move(path)), collections_(std::move(collections)) {}

MirrorFolder::~MirrorFolder() {
  if (journal_ >= 0) close(journal_);
  if (lock_ >= 0) close(lock_);
}

absl::StatusOr<std::unique_ptr<MirrorFolder>> MirrorFolder::Open(
    const std::string& path, const std::vector<std::string>& collections) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return FileError(path, error.message());
  std::unique_ptr<MirrorFolder> folder(new MirrorFolder(path, collections));
  RETURN_IF_ERROR(folder->Lock());
  RETURN_IF_ERROR(folder->ReadState());
  folder->CleanUp();
  RETURN_IF_ERROR(folder->ReplayJournal());
  RETURN_IF_ERROR(folder->OpenJournal());
  return folder;
}

std::string MirrorFolder::File(std::string_view name) const {
  return absl::StrCat(path_, "/", std::string(name));
}

std::string MirrorFolder::JournalName() const {
  return File(absl::StrCat("changes-", journal_number_, ".ndjson"));
}

absl::Status MirrorFolder::Lock() {
  const std::string path = File("lock");
  lock_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
  if (lock_ < 0) return SystemError(path);
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
  return FileError(path_, "another mirror is at work here");
}

absl::Status MirrorFolder::ReadState() {
  const std::string path = File("state.json");
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::OkStatus();
  std::ostringstream text;
  text << file.rdbuf();
  const Json state = Json::parse(text.str(), nullptr, /*allow_exceptions=*/false);
  const std::optional<int64_t> revision =
      state.is_object() ? RevisionOf(state) : std::optional<int64_t>();
  if (!revision || state.value("format", 0) != kFormat) {
    return FileError(path, "no state of a mirror of this version; remove it to begin anew");
  }
  const auto known = state.value("listed", std::vector<std::string>());
  journal_number_ = state.value("journal", int64_t{1});
  listed_ = {known.begin(), known.end()};
  begun_ = state.value("begun", false);
  complete_ = state.value("complete", false);
  revision_ = *revision;
  // A server of another version may have more collections: only a new list gets them whole.
  if (complete_ && !missing().empty()) {
    begun_ = complete_ = false;
    listed_.clear();
    revision_ = 0;
  }
  return absl::OkStatus();
}

absl::Status MirrorFolder::WriteState() {
  const Json state = {{"format", kFormat},
                      {"revision", absl::StrCat(revision_)},
                      {"journal", journal_number_},
                      {"listed", listed_},
                      {"begun", begun_},
                      {"complete", complete_}};
  Writer writer(File("state.json.new"));
  RETURN_IF_ERROR(writer.Open());
  RETURN_IF_ERROR(writer.Add("state", state.dump()));
  RETURN_IF_ERROR(writer.Install(File("state.json")));
  return SyncFolder(path_);
}

void MirrorFolder::CleanUp() const {
  std::vector<std::filesystem::path> left_over;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path_, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool old_journal = name.starts_with("changes-") && name.ends_with(".ndjson") &&
                             entry.path() != std::filesystem::path(JournalName());
    const bool half = name == "state.json.new" || name.ends_with(".ndjson.new");
    if (old_journal || half) left_over.push_back(entry.path());
  }
  for (const auto& path : left_over) std::filesystem::remove(path, ignored);
}

absl::Status MirrorFolder::ReplayJournal() {
  const std::string path = JournalName();
  std::ifstream file(path, std::ios::binary);
  size_t whole = 0, read = 0;
  std::vector<MirrorChange> waiting;
  std::string line;
  // A line that ends with the file has no end of its own: it was cut.
  while (complete_ && std::getline(file, line) && !file.eof()) {
    read += line.size() + 1;
    const Json document = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object()) break;
    if (std::optional<MirrorChange> change = ChangeOf(document)) {
      waiting.push_back(*std::move(change));
      continue;
    }
    const std::optional<int64_t> revision = RevisionOf(document);
    if (!revision) break;
    for (MirrorChange& change : waiting) {
      pending_[change.collection][change.name] = std::move(change.line);
    }
    waiting.clear();
    revision_ = *revision;
    whole = read;
  }
  file.close();
  std::error_code error;
  if (std::filesystem::exists(path, error)) std::filesystem::resize_file(path, whole, error);
  if (error) return FileError(path, error.message());
  journal_bytes_ = whole;
  return absl::OkStatus();
}

absl::Status MirrorFolder::OpenJournal() {
  const std::string path = JournalName();
  if (journal_ >= 0) close(journal_);
  journal_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode);
  return journal_ < 0 ? SystemError(path) : absl::OkStatus();
}

std::vector<std::string> MirrorFolder::missing() const {
  std::vector<std::string> names;
  for (const std::string& collection : collections_) {
    if (!listed_.contains(collection)) names.push_back(collection);
  }
  return names;
}

absl::Status MirrorFolder::BeginList(int64_t revision) {
  begun_ = true;
  return Reset(revision);
}

absl::Status MirrorFolder::Restart() {
  begun_ = false;
  return Reset(0);
}

absl::Status MirrorFolder::Reset(int64_t revision) {
  const std::string old_journal = JournalName();
  complete_ = false;
  listed_.clear();
  pending_.clear();
  revision_ = revision;
  ++journal_number_;
  journal_bytes_ = 0;
  std::error_code ignored;
  std::filesystem::remove(JournalName(), ignored);
  RETURN_IF_ERROR(OpenJournal());
  RETURN_IF_ERROR(WriteState());
  std::filesystem::remove(old_journal, ignored);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<MirrorFolder::Writer>> MirrorFolder::Write(
    const std::string& collection) {
  std::unique_ptr<Writer> writer(new Writer(File(collection + ".ndjson.new")));
  RETURN_IF_ERROR(writer->Open());
  return writer;
}

absl::Status MirrorFolder::Finish(const std::string& collection, Writer* writer) {
  RETURN_IF_ERROR(writer->Install(File(collection + ".ndjson")));
  listed_.insert(collection);
  complete_ = missing().empty();
  return WriteState();
}

absl::Status MirrorFolder::Append(const std::vector<MirrorChange>& changes, int64_t revision) {
  std::string lines;
  for (const MirrorChange& change : changes) lines += JournalLine(change);
  absl::StrAppend(&lines, R"({"revision":")", revision, "\"}\n");
  RETURN_IF_ERROR(WriteAll(journal_, lines, JournalName()));
  journal_bytes_ += lines.size();
  for (const MirrorChange& change : changes) pending_[change.collection][change.name] = change.line;
  revision_ = revision;
  return absl::OkStatus();
}

absl::Status MirrorFolder::Merge(const std::string& collection, const Lines& changes) {
  const std::string path = File(collection + ".ndjson");
  std::ifstream file(path, std::ios::binary);
  if (!file) return FileError(path, "is missing; remove state.json to begin anew");
  ASSIGN_OR_RETURN(std::unique_ptr<Writer> writer, Write(collection));
  auto change = changes.begin();
  const auto add_change = [&]() -> absl::Status {
    const auto& [name, line] = *change++;
    return line.empty() ? absl::OkStatus() : writer->Add(name, line);
  };
  std::string line;
  while (std::getline(file, line)) {
    const std::optional<std::string_view> name = NameOf(line);
    if (!name) {
      return FileError(path, "holds a line no mirror wrote; remove state.json to begin anew");
    }
    while (change != changes.end() && change->first < *name) RETURN_IF_ERROR(add_change());
    if (change != changes.end() && change->first == *name) continue;
    RETURN_IF_ERROR(writer->Add(*name, line));
  }
  if (file.bad()) return SystemError(path);
  while (change != changes.end()) RETURN_IF_ERROR(add_change());
  return writer->Install(path);
}

absl::Status MirrorFolder::Compact() {
  for (const auto& [collection, changes] : pending_) RETURN_IF_ERROR(Merge(collection, changes));
  // The names of the new files before the state that counts on them.
  RETURN_IF_ERROR(SyncFolder(path_));
  const std::string old_journal = JournalName();
  ++journal_number_;
  std::error_code ignored;
  std::filesystem::remove(JournalName(), ignored);
  RETURN_IF_ERROR(OpenJournal());
  RETURN_IF_ERROR(WriteState());
  pending_.clear();
  journal_bytes_ = 0;
  std::filesystem::remove(old_journal, ignored);
  return absl::OkStatus();
}

}  // namespace tandem::cli
