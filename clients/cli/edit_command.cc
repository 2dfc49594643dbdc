// SPDX-License-Identifier: Apache-2.0

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/util/message_differencer.h"

#include "cli/display_width.h"
#include "cli/error_printer.h"
#include "cli/parent_flag.h"
#include "cli/record_change.h"
#include "cli/record_commands.h"
#include "cli/record_file.h"
#include "cli/record_text.h"
#include "cli/request_fields.h"
#include "cpp/call_error.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using google::protobuf::Message;

struct EditOptions {
  std::string name;
  std::string parent;
};

absl::Status EditError(const std::string& message) {
  return client::MakeClientError(absl::StatusCode::kInternal, "EDITOR_FAILED", message);
}

// The text being edited, in a file only its owner may read. The file goes away with the object
// unless it is kept.
class EditedFile {
 public:
  static absl::StatusOr<EditedFile> Create() {
    const char* folder = std::getenv("TMPDIR");
    std::string path = absl::StrCat(folder == nullptr || *folder == '\0' ? "/tmp" : folder,
                                    "/tandem-edit-XXXXXX.yaml");
    constexpr int kEnding = 5;  // ".yaml"
    const int file = mkstemps(path.data(), kEnding);
    if (file < 0) return EditError(absl::StrCat(path, ": ", std::strerror(errno)));
    close(file);
    return EditedFile(std::move(path));
  }
  ~EditedFile() {
    if (!path_.empty() && !kept_) unlink(path_.c_str());
  }
  EditedFile(EditedFile&& other) noexcept
      : path_(std::exchange(other.path_, "")), kept_(other.kept_) {}
  EditedFile& operator=(EditedFile&&) = delete;

  const std::string& path() const { return path_; }
  // Leaves the text to the person who wrote it.
  void Keep() { kept_ = true; }

  absl::Status Write(const std::string& text) const {
    std::ofstream out(path_, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    return out ? absl::OkStatus() : EditError(path_ + " could not be written");
  }

 private:
  explicit EditedFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
  bool kept_ = false;
};

// The program of VISUAL or EDITOR, with the arguments written there; vi when none is named.
std::string EditorCommand() {
  for (const char* variable : {"VISUAL", "EDITOR"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return value;
  }
  return "vi";
}

// Runs the editor on `path` and waits. The shell reads the command, as EDITOR="code --wait" needs
// it; the path is its argument, never part of the command.
absl::Status RunEditor(const std::string& path) {
  const std::string editor = EditorCommand();
  const std::string script = editor + " \"$1\"";
  const pid_t child = fork();
  if (child < 0)
    return EditError(absl::StrCat("no process for the editor: ", std::strerror(errno)));
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", script.c_str(), "sh", path.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return EditError(absl::StrCat("the editor `", editor, "` failed; EDITOR names another"));
}

// The text under its comment: what to do, and what was wrong with the last attempt.
std::string WithComment(const std::string& yaml, const std::string& name,
                        const std::string& wrong) {
  std::string text = absl::StrCat("# ", name,
                                  ": save to change it; an unchanged or empty text changes "
                                  "nothing.\n");
  for (absl::string_view line : absl::StrSplit(wrong, '\n', absl::SkipEmpty())) {
    absl::StrAppend(&text, "# ", OneLine({line.data(), line.size()}), "\n");
  }
  return text + yaml;
}

// The lines that are no comment.
std::string WithoutComment(const std::string& text) {
  std::string out;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty() && line[0] == '#') continue;
    absl::StrAppend(&out, line, "\n");
  }
  while (out.size() > 1 && out[out.size() - 2] == '\n') out.pop_back();
  return out;
}

// The top fields in which the two differ.
google::protobuf::FieldMask ChangedFields(const Message& before, const Message& after) {
  google::protobuf::FieldMask mask;
  const auto* type = before.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    google::protobuf::util::MessageDifferencer differencer;
    if (!differencer.CompareWithFields(before, after, {type->field(i)}, {type->field(i)})) {
      mask.add_paths(type->field(i)->name());
    }
  }
  return mask;
}

// Reads the edited text as a record made to update `before`.
absl::StatusOr<std::unique_ptr<Message>> ReadEdited(const EditedFile& file, const Message& before) {
  ASSIGN_OR_RETURN(Records records, ReadRecordFile(file.path(), before));
  const std::string name = client::TextField(before, "name");
  if (records.size() != 1) {
    return client::MakeClientError(absl::StatusCode::kInvalidArgument, "TEXT_INVALID",
                                   "the text must hold one record");
  }
  if (client::TextField(*records[0], "name") != name) {
    return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FIELD_INVALID",
                                   "the name must stay " + name);
  }
  return std::move(records[0]);
}

// Sends what the text changes. The etag makes the server refuse it when somebody was faster.
absl::Status SendEdited(Session& session, const Noun& noun, const EditedFile& file,
                        const Message& before, const Message& current) {
  ASSIGN_OR_RETURN(std::unique_ptr<Message> edited, ReadEdited(file, before));
  const auto* method = noun.Method("Update");
  auto request = NewMessage(method->input_type());
  auto answer = NewMessage(method->output_type());
  const auto* type = request->GetDescriptor();
  const auto* reflection = request->GetReflection();
  const google::protobuf::FieldMask mask = ChangedFields(before, *edited);
  if (mask.paths().empty()) return absl::OkStatus();
  reflection->MutableMessage(request.get(), type->FindFieldByName("update_mask"))->CopyFrom(mask);
  client::SetTextField(edited.get(), "etag", client::TextField(current, "etag"));
  reflection->MutableMessage(request.get(), RecordField(type, noun.Record()))->CopyFrom(*edited);
  return session.Public().Call(*method, *request, answer.get());
}

// Whether a person can mend this by changing the text.
bool CanBeMended(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInvalidArgument ||
         status.code() == absl::StatusCode::kFailedPrecondition;
}

std::string ErrorText(const absl::Status& status) {
  std::ostringstream text;
  PrintError(text, status, "", false);
  return text.str();
}

absl::StatusOr<ExitCode> RunEdit(Session& session, const Noun& noun, const EditOptions& options) {
  ASSIGN_OR_RETURN(const std::string written, RecordName(noun, options.name, options.parent));
  const auto* method = noun.Method("Get");
  auto request = NewMessage(method->input_type());
  auto current = NewMessage(method->output_type());
  SetText(request.get(), "name", written);
  RETURN_IF_ERROR(session.Public().Call(*method, *request, current.get()));
  // An old name may have led to the survivor of a merge.
  const std::string name = client::TextField(*current, "name");
  ASSIGN_OR_RETURN(const std::string original, WritableYaml(*current));
  ASSIGN_OR_RETURN(EditedFile file, EditedFile::Create());
  // What the text stands for before it is touched: the fields it leaves out are no change.
  RETURN_IF_ERROR(file.Write(original));
  std::unique_ptr<Message> before(current->New());
  {
    ASSIGN_OR_RETURN(Records records, ReadRecordFile(file.path(), *current));
    before = std::move(records.at(0));
  }
  std::string shown = original;
  std::string wrong;
  for (;;) {
    RETURN_IF_ERROR(file.Write(WithComment(shown, name, wrong)));
    RETURN_IF_ERROR(RunEditor(file.path()));
    ASSIGN_OR_RETURN(const std::string text, ReadRecordText(file.path()));
    const std::string edited = WithoutComment(text);
    if (edited == original || edited.find_first_not_of(" \t\r\n") == std::string::npos) {
      if (!session.quiet()) session.err() << "nothing changed\n";
      return ExitCode::kDone;
    }
    const absl::Status status = SendEdited(session, noun, file, *before, *current);
    if (status.ok()) {
      session.output().out << name
                           << (session.output().format == OutputFormat::kName ? "\n" : " edited\n");
      return ExitCode::kDone;
    }
    // The same text twice means that its writer gave up.
    if (!CanBeMended(status) || edited == shown) {
      file.Keep();
      session.err() << "your text is kept in " << file.path() << "; `tandem apply -f "
                    << file.path() << "` sends it again\n";
      return status;
    }
    shown = edited;
    wrong = ErrorText(status);
  }
}

}  // namespace

void AddEditCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<EditOptions>(
      parent, chosen, "edit", "Change one of the " + noun.plural + " in your editor",
      [&noun](CLI::App* app, EditOptions* options) {
        app->add_option("NAME", options->name, noun.NamePattern() + ", or the id alone")
            ->required();
        AddParentFlag(app, noun, &options->parent);
        app->footer(
            "VISUAL or EDITOR names the editor (vi when neither does). A text that is refused is "
            "opened again with\nthe reason; when somebody else changed the record meanwhile, the "
            "text is kept in a file that is named.");
      },
      [&noun](Session& session, const EditOptions& options) {
        return RunEdit(session, noun, options);
      });
}

}  // namespace tandem::cli
