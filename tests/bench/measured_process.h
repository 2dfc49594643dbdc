// SPDX-License-Identifier: Apache-2.0

// What the load programs share: prepared requests, and the processor time of the process they ask.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace tandem::bench {

// The requests of a file: each a little-endian uint32 length and its bytes.
inline std::vector<grpc::ByteBuffer> ReadRequests(const char* path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<grpc::ByteBuffer> requests;
  uint32_t length = 0;
  while (in.read(reinterpret_cast<char*>(&length), sizeof length)) {
    std::string bytes(length, '\0');
    if (!in.read(bytes.data(), length)) break;
    const grpc::Slice slice(bytes);
    requests.emplace_back(&slice, 1);
  }
  return requests;
}

// User and system time of a process, microseconds; 0 when it is gone.
inline int64_t CpuMicros(const char* pid) {
  std::ifstream in(std::string("/proc/") + pid + "/stat");
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 2));
  std::string field;
  int64_t ticks = 0;
  // Fields 14 and 15 of proc(5); the first here is the third.
  for (int number = 3; number <= 15 && fields >> field; ++number) {
    if (number >= 14) ticks += std::strtoll(field.c_str(), nullptr, 10);
  }
  return ticks * 1'000'000 / sysconf(_SC_CLK_TCK);
}

}  // namespace tandem::bench
