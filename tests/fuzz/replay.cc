// SPDX-License-Identifier: Apache-2.0

// Runs a fuzz target over its corpus without a fuzzer, so that every plain build checks what was
// once found: each file as it is, each of its beginnings, and many damaged copies, the same ones in
// every run.
//
//   NAME_corpus FOLDER…        1 when a folder holds no input; a broken demand ends the process

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kPrefixes = 128;
constexpr int kDamagedCopies = 200;
constexpr int kMostDamages = 4;

// On the heap and exactly as long as it says, so that a sanitizer sees any step outside.
void RunOne(const std::string& bytes) {
  const std::vector<uint8_t> exact(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

std::string Damaged(std::string bytes, std::mt19937* random) {
  for (uint32_t left = 1 + (*random)() % kMostDamages; left > 0; --left) {
    const size_t at = bytes.empty() ? 0 : (*random)() % bytes.size();
    const auto value = static_cast<char>((*random)());
    switch ((*random)() % 4) {
      case 0:
        bytes.insert(at, 1, value);
        break;
      case 1:
        if (!bytes.empty()) bytes.erase(at, 1 + (*random)() % 8);
        break;
      case 2:
        // A part of it once more.
        bytes.insert(at, bytes.substr(at, 1 + (*random)() % 16));
        break;
      default:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << ((*random)() % 8)));
    }
  }
  return bytes;
}

std::string Read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> inputs;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      if (entry.is_regular_file()) inputs.push_back(entry.path());
    }
    if (inputs.empty()) {
      std::fprintf(stderr, "%s holds no input\n", argv[i]);
      return 1;
    }
    std::sort(inputs.begin(), inputs.end());
    std::mt19937 random(1);
    for (const auto& input : inputs) {
      const std::string bytes = Read(input);
      // Said before, so that the log of a crash ends with the file that caused it.
      std::printf("%s, %zu bytes\n", input.filename().c_str(), bytes.size());
      std::fflush(stdout);
      RunOne(bytes);
      const size_t stride = 1 + bytes.size() / kPrefixes;
      for (size_t size = 0; size < bytes.size(); size += stride) RunOne(bytes.substr(0, size));
      for (int copy = 0; copy < kDamagedCopies; ++copy) RunOne(Damaged(bytes, &random));
    }
  }
  return 0;
}
