// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "fmt/format.h"

#include "cli/change_commands.h"
#include "cli/display_width.h"
#include "cli/interrupt.h"
#include "cli/json_writer.h"
#include "cli/mirror_folder.h"
#include "cli/noun.h"
#include "cli/request_fields.h"
#include "cli/watched_collection.h"
#include "cpp/call_error.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"
#include "cpp/watcher.h"

namespace tandem::cli {
namespace {

using google::protobuf::Message;

// How soon Ctrl-C is heard.
constexpr absl::Duration kBeat = absl::Milliseconds(200);
constexpr int kLargestPage = 1000;
// The part of the retention after which a mirror is late.
constexpr double kLate = 0.8;
// A journal of this size is worked in at once: it is held in memory.
constexpr size_t kMaxJournalBytes = size_t{32} << 20U;

struct MirrorFlags {
  std::string folder;
  int64_t interval_seconds = 5;
  bool once = false;
};

std::vector<std::string> CollectionNames() {
  std::vector<std::string> names;
  for (const WatchedCollection& one : WatchedCollections()) names.push_back(one.name);
  return names;
}

bool IsDeleted(const Message& record) {
  const auto* field = record.GetDescriptor()->FindFieldByName("delete_time");
  return field != nullptr && record.GetReflection()->HasField(record, field);
}

// The collection of a name, "agencies" for "agencies/x"; empty when this program knows none such.
std::string CollectionOfName(const std::string& name) {
  const size_t end = name.rfind('/');
  if (end == std::string::npos) return "";
  const size_t slash = name.rfind('/', end == 0 ? 0 : end - 1);
  const size_t begin = slash == std::string::npos ? 0 : slash + 1;
  const std::string collection = name.substr(begin, end - begin);
  return FindCollection(collection) == nullptr ? "" : collection;
}

// One mirror at work.
class Mirror {
 public:
  Mirror(Session& session, const MirrorFlags& flags, MirrorFolder* folder)
      : session_(session), flags_(flags), folder_(*folder) {}

  absl::StatusOr<ExitCode> Run() {
    while (!interrupt_.raised()) {
      if (!folder_.complete()) RETURN_IF_ERROR(List());
      if (interrupt_.raised()) break;
      absl::StatusOr<bool> done = Follow();
      if (done.ok()) {
        if (!*done) break;
        return ExitCode::kDone;
      }
      const std::string reason = client::DescribeError(done.status()).reason;
      if (reason != "REVISION_COMPACTED" && reason != "HISTORY_CHANGED") return done.status();
      Note(fmt::format("{}: beginning anew with a list",
                       OneLine(std::string(done.status().message()))));
      RETURN_IF_ERROR(folder_.Restart());
    }
    if (folder_.complete()) RETURN_IF_ERROR(folder_.Compact());
    Note(fmt::format("stopped at revision {}; the same command goes on", folder_.revision()));
    return ExitCode::kInterrupted;
  }

 private:
  void Note(const std::string& text) {
    if (!session_.quiet()) session_.err() << text << std::endl;
  }

  // Gets the collections that are missing. The changes from the revision of the very first page on
  // make good what moved between pages.
  absl::Status List() {
    for (const std::string& name : folder_.missing()) {
      const WatchedCollection* collection = FindCollection(name);
      auto request = NewMessage(collection->list->input_type());
      SetText(request.get(), "parent", collection->parent);
      SetInt32(request.get(), "page_size", kLargestPage);
      auto page = NewMessage(collection->list->output_type());
      client::Pager pages(session_.Public(), *collection->list, *request);
      std::unique_ptr<MirrorFolder::Writer> writer;
      int64_t count = 0;
      while (!interrupt_.raised()) {
        ASSIGN_OR_RETURN(bool more, pages.Next(page.get()));
        if (!more) break;
        if (!folder_.begun()) {
          RETURN_IF_ERROR(folder_.BeginList(Int64Field(*page, "revision")));
        }
        if (writer == nullptr) {
          ASSIGN_OR_RETURN(writer, folder_.Write(name));
        }
        ASSIGN_OR_RETURN(int64_t added, AddPage(*page, *collection, writer.get()));
        count += added;
      }
      if (interrupt_.raised()) return absl::OkStatus();
      RETURN_IF_ERROR(folder_.Finish(name, writer.get()));
      Note(fmt::format("listed {} {}", count, name));
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<int64_t> AddPage(const Message& page, const WatchedCollection& collection,
                                         MirrorFolder::Writer* writer) {
    const auto* records =
        RecordField(collection.list->output_type(), collection.field->message_type());
    const int count = page.GetReflection()->FieldSize(page, records);
    for (int i = 0; i < count; ++i) {
      const Message& record = page.GetReflection()->GetRepeatedMessage(page, records, i);
      ASSIGN_OR_RETURN(auto document, ToJson(record));
      RETURN_IF_ERROR(writer->Add(client::TextField(record, "name"), document.dump()));
    }
    return count;
  }

  // Says so when what is wanted next is about to leave the history that is kept.
  absl::Status WarnWhenLate() {
    v1::ListChangesRequest request;
    request.set_page_size(1);
    request.set_start_revision(folder_.revision() + 1);
    v1::ListChangesResponse page;
    RETURN_IF_ERROR(session_.Public().Call("tandem.v1.ChangeService.ListChanges", request, &page));
    if (page.changes().empty() || !page.history().has_retention()) return absl::OkStatus();
    const absl::Duration age =
        absl::Now() - absl::FromUnixSeconds(page.changes(0).commit_time().seconds());
    const absl::Duration retention = absl::Seconds(page.history().retention().seconds());
    if (age > kLate * retention) {
      Note(fmt::format("warning: {} behind; changes are kept for {}: run this more often",
                       absl::FormatDuration(absl::Trunc(age, absl::Hours(1))),
                       absl::FormatDuration(retention)));
    }
    return absl::OkStatus();
  }

  // Takes changes over until Ctrl-C (false) or, with --once, until nothing newer is left (true).
  absl::StatusOr<bool> Follow() {
    RETURN_IF_ERROR(WarnWhenLate());
    v1::WatchRequest request;
    request.set_start_revision(folder_.revision() + 1);
    client::Watcher watcher(session_.Public(), request, [this](const absl::Status& why) {
      Note(fmt::format("connection lost ({}), going on after revision {}",
                       OneLine(std::string(why.message())), folder_.revision()));
    });
    while (!interrupt_.raised()) {
      ASSIGN_OR_RETURN(std::optional<client::WatchStep> step, watcher.Next(kBeat));
      if (step) RETURN_IF_ERROR(Take(*step));
      const bool current = step && step->history;
      const bool due = absl::Now() - compacted_ >= absl::Seconds(flags_.interval_seconds);
      if ((folder_.pending() && (current || due)) || folder_.journal_bytes() > kMaxJournalBytes) {
        RETURN_IF_ERROR(folder_.Compact());
        compacted_ = absl::Now();
      }
      if (current && !told_current_) {
        told_current_ = true;
        Note(fmt::format("up to date at revision {}", folder_.revision()));
      }
      if (current && flags_.once) return true;
    }
    return false;
  }

  absl::Status Take(const client::WatchStep& step) {
    std::vector<MirrorChange> changes;
    for (const v1::ChangeEvent& event : step.events) {
      MirrorChange change{CollectionOfName(event.name()), event.name(), ""};
      const Message* record = RecordIn(event.record());
      if (record != nullptr && !IsDeleted(*record)) {
        ASSIGN_OR_RETURN(auto document, ToJson(*record));
        change.line = document.dump();
      }
      // Of a collection that is younger than this program nothing is kept.
      if (!change.collection.empty()) changes.push_back(std::move(change));
    }
    if (changes.empty() && step.revision == folder_.revision()) return absl::OkStatus();
    return folder_.Append(changes, step.revision);
  }

  Session& session_;
  const MirrorFlags& flags_;
  MirrorFolder& folder_;
  const InterruptFlag interrupt_;
  absl::Time compacted_ = absl::Now();
  bool told_current_ = false;
};

absl::StatusOr<ExitCode> RunMirror(Session& session, const MirrorFlags& flags) {
  ASSIGN_OR_RETURN(std::unique_ptr<MirrorFolder> folder,
                   MirrorFolder::Open(flags.folder, CollectionNames()));
  return Mirror(session, flags, folder.get()).Run();
}

}  // namespace

void AddMirrorCommand(CLI::App* root, Action* chosen) {
  AddCommand<MirrorFlags>(
      root, chosen, "mirror",
      "Keep a folder of NDJSON files equal to the directory, one file a collection",
      [](CLI::App* app, MirrorFlags* flags) {
        app->add_option("DIR", flags->folder,
                        "The folder; made when absent, gone on with when it is a mirror")
            ->required();
        app->add_option("--interval", flags->interval_seconds,
                        "Seconds after which the files hold a change at the latest")
            ->check(CLI::Range(0, 86400))
            ->capture_default_str();
        app->add_flag("--once", flags->once, "End when nothing newer is left, for nightly jobs");
        app->footer(
            "Deleted records and personal data (contacts) are left out. However it ends, the same "
            "command goes on.");
      },
      RunMirror);
}

}  // namespace tandem::cli
