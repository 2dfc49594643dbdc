// SPDX-License-Identifier: Apache-2.0

// What a fuzz target demands beyond "does not crash": a broken demand ends the process, with its
// place, in every build.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "absl/status/status.h"
#include "model/error.h"

namespace tandem::fuzz {

// Ends the process unless `holds`.
inline void Expect(bool holds, const char* what, const char* file, int line) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d: broken: %s\n", file, line, what);
  std::abort();
}

// Whether an error says one of ours and is fit to be shown: a listed reason and a short message.
inline bool IsOurError(const absl::Status& status) {
  return !status.ok() && model::ErrorReason(status).has_value() && !status.message().empty() &&
         status.message().size() <= model::kMaxErrorMessageBytes;
}

// Takes a text's first byte off; 0 when there is none.
inline unsigned char TakeByte(std::string_view* text) {
  if (text->empty()) return 0;
  const auto first = static_cast<unsigned char>(text->front());
  text->remove_prefix(1);
  return first;
}

// Takes what stands before the first `end` off, and the `end` with it; everything when there is
// none.
inline std::string_view TakeUntil(char end, std::string_view* text) {
  const size_t at = text->find(end);
  const std::string_view taken = text->substr(0, at);
  text->remove_prefix(at == std::string_view::npos ? text->size() : at + 1);
  return taken;
}

}  // namespace tandem::fuzz

#define FUZZ_EXPECT(holds) ::tandem::fuzz::Expect((holds), #holds, __FILE__, __LINE__)
