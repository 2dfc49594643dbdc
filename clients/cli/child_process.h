// SPDX-License-Identifier: Apache-2.0

// Another program that this one talks to through its standard input and output.
#pragma once

#include <sys/types.h>

#include <istream>
#include <memory>
#include <ostream>
#include <streambuf>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tandem::cli {

// The bytes of a file descriptor, which it closes. One thread.
class DescriptorBuffer : public std::streambuf {
 public:
  explicit DescriptorBuffer(int descriptor);
  ~DescriptorBuffer() override;
  DescriptorBuffer(const DescriptorBuffer&) = delete;
  DescriptorBuffer& operator=(const DescriptorBuffer&) = delete;

  // Writes what is held and closes the descriptor. False when not all could be written.
  bool Close();

 private:
  int_type underflow() override;
  int_type overflow(int_type byte) override;
  int sync() override;

  int descriptor_;
  bool failed_ = false;
  std::string in_;
  std::string out_;
};

// One thread. Destroying it ends a program that still runs.
class ChildProcess {
 public:
  // Starts the program at `path`. A write to one that ended is an error of the stream, never a
  // signal. FILE_UNREADABLE when it can't be started.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(
      const std::string& path, const std::vector<std::string>& arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Its standard output and input.
  std::istream& output() { return output_; }
  std::ostream& input() { return input_; }

  // Closes its input, reads its output to the end and waits. OK when it ended with 0; else the
  // first line it wrote on its standard error, at most 64 KiB of which are kept.
  absl::Status Wait();

 private:
  ChildProcess(pid_t pid, int output, int input, int error);

  pid_t pid_;
  bool ended_ = false;
  absl::Status status_;
  DescriptorBuffer output_bytes_;
  DescriptorBuffer input_bytes_;
  DescriptorBuffer error_bytes_;
  std::istream output_;
  std::ostream input_;
};

}  // namespace tandem::cli
