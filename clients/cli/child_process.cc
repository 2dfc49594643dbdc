// SPDX-License-Identifier: Apache-2.0

#include "cli/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "fmt/format.h"

#include "cpp/call_error.h"

namespace tandem::cli {
namespace {

constexpr size_t kBlockBytes = 64 * 1024;

// A pipe whose ends no other program inherits.
class Pipe {
 public:
  Pipe() { sound_ = pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    for (int end : ends_) {
      if (end >= 0) close(end);
    }
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool sound() const { return sound_; }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  // Hands an end out of this object's care.
  int TakeReader() { return std::exchange(ends_[0], -1); }
  int TakeWriter() { return std::exchange(ends_[1], -1); }

 private:
  std::array<int, 2> ends_ = {-1, -1};
  bool sound_ = false;
};

absl::Status CantStart(const std::string& path, int error) {
  return client::MakeClientError(absl::StatusCode::kFailedPrecondition, "FILE_UNREADABLE",
                                 fmt::format("{}: {}", path, std::strerror(error)));
}

}  // namespace

DescriptorBuffer::DescriptorBuffer(int descriptor) : descriptor_(descriptor) {}

DescriptorBuffer::~DescriptorBuffer() { Close(); }

DescriptorBuffer::int_type DescriptorBuffer::underflow() {
  if (descriptor_ < 0) return traits_type::eof();
  in_.resize(kBlockBytes);
  ssize_t got = 0;
  do {
    got = read(descriptor_, in_.data(), in_.size());
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return traits_type::eof();
  setg(in_.data(), in_.data(), in_.data() + got);
  return traits_type::to_int_type(in_.front());
}

DescriptorBuffer::int_type DescriptorBuffer::overflow(int_type byte) {
  if (!traits_type::eq_int_type(byte, traits_type::eof())) {
    out_.push_back(traits_type::to_char_type(byte));
  }
  if (out_.size() >= kBlockBytes && sync() != 0) return traits_type::eof();
  return failed_ ? traits_type::eof() : traits_type::not_eof(byte);
}

int DescriptorBuffer::sync() {
  for (size_t at = 0; !failed_ && at < out_.size();) {
    const ssize_t written = write(descriptor_, out_.data() + at, out_.size() - at);
    if (written >= 0) {
      at += static_cast<size_t>(written);
    } else if (errno != EINTR) {
      failed_ = true;
    }
  }
  out_.clear();
  return failed_ ? -1 : 0;
}

bool DescriptorBuffer::Close() {
  if (descriptor_ < 0) return !failed_;
  sync();
  close(descriptor_);
  descriptor_ = -1;
  return !failed_;
}

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    const std::string& path, const std::vector<std::string>& arguments) {
  // The stream tells of a program that went away; a signal would end this one without a word.
  std::signal(SIGPIPE, SIG_IGN);
  Pipe input;
  Pipe output;
  Pipe error;
  if (!input.sound() || !output.sound() || !error.sound()) return CantStart(path, errno);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.reader(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.writer(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, error.writer(), STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  std::vector<std::string> words = {path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, path.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return CantStart(path, failed);
  return std::unique_ptr<ChildProcess>(
      new ChildProcess(pid, output.TakeReader(), input.TakeWriter(), error.TakeReader()));
}

ChildProcess::ChildProcess(pid_t pid, int output, int input, int error)
    : pid_(pid),
      output_bytes_(output),
      input_bytes_(input),
      error_bytes_(error),
      output_(&output_bytes_),
      input_(&input_bytes_) {}

ChildProcess::~ChildProcess() {
  if (ended_) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

absl::Status ChildProcess::Wait() {
  if (ended_) return status_;
  const bool told = input_bytes_.Close();
  output_.clear();
  while (output_.ignore(kBlockBytes)) {
  }
  std::istream error(&error_bytes_);
  std::string line;
  std::getline(error, line);
  error.clear();
  while (error.ignore(kBlockBytes)) {
  }
  int outcome = 0;
  while (waitpid(pid_, &outcome, 0) < 0 && errno == EINTR) {
  }
  ended_ = true;
  if (!WIFEXITED(outcome) || WEXITSTATUS(outcome) != 0) {
    if (line.empty()) line = "ended without a word";
    status_ = absl::FailedPreconditionError(line);
  } else if (!told) {
    status_ = absl::FailedPreconditionError("did not take all that was written to it");
  }
  return status_;
}

}  // namespace tandem::cli
