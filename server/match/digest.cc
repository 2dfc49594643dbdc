// SPDX-License-Identifier: Apache-2.0

#include "match/digest.h"

#include <array>

#include "absl/strings/escaping.h"

namespace tandem::match {
namespace {

constexpr size_t kBufferBytes = 1 << 16;

}  // namespace

StageHash::StageHash() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  buffer_.reserve(kBufferBytes + 8);
}

void StageHash::Flush() {
  EVP_DigestUpdate(context_.get(), buffer_.data(), buffer_.size());
  buffer_.clear();
}

StageHash& StageHash::Add(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  for (int shift = 0; shift < 64; shift += 8) {
    buffer_.push_back(static_cast<char>((bits >> shift) & 0xff));
  }
  if (buffer_.size() >= kBufferBytes) Flush();
  return *this;
}

StageHash& StageHash::Add(std::string_view text) {
  Add(static_cast<int64_t>(text.size()));
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes) Flush();
  return *this;
}

StageHash& StageHash::AddBytes(const void* bytes, size_t size) {
  Flush();
  EVP_DigestUpdate(context_.get(), bytes, size);
  return *this;
}

std::string StageHash::Finish() {
  Flush();
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

}  // namespace tandem::match
