// SPDX-License-Identifier: Apache-2.0

#include "main/event_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace tandem::server {
namespace {

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

// How many bytes the UTF-8 character at the front of `text` has; 0 when it is none (RFC 3629).
size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
      (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) {
    return 0;
  }
  return length;
}

void AppendText(std::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text[0]);
    size_t length = CharacterBytes(text);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(static_cast<char>(c));
    } else if (c < 0x20 || c == 0x7f) {
      *out += fmt::format("\\u{:04x}", c);
    } else if (length == 0) {
      *out += "\\ufffd";
      length = 1;
    } else {
      out->append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  out->push_back('"');
}

}  // namespace

std::string FormatEvent(std::string_view time, Level level, std::string_view event,
                        EventFields fields) {
  std::string line = "{\"time\":";
  AppendText(time, &line);
  line += ",\"level\":";
  AppendText(LevelName(level), &line);
  line += ",\"event\":";
  AppendText(event, &line);
  for (const auto& [key, value] : fields) {
    line.push_back(',');
    AppendText(key, &line);
    line.push_back(':');
    if (const auto* number = std::get_if<int64_t>(&value)) {
      line += fmt::format("{}", *number);
    } else {
      AppendText(std::get<std::string_view>(value), &line);
    }
  }
  line += "}\n";
  return line;
}

void LogEvent(Level level, std::string_view event, EventFields fields) {
  const std::string time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  const std::string line = FormatEvent(time, level, event, fields);
  // One write a line, so that threads never mix; a log that can't be written is no reason to stop
  // serving.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace tandem::server
