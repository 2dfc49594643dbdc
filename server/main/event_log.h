// SPDX-License-Identifier: Apache-2.0

// The server's log: one JSON object a line on standard error, one line an event. No secret and no
// personal data is ever handed to it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tandem::server {

enum class Level { kInfo, kWarning, kError };

// A field's value: text, or a number written without quotes.
using EventValue = std::variant<std::string_view, int64_t>;
using EventFields = std::initializer_list<std::pair<std::string_view, EventValue>>;

// Writes one line: {"time":"…","level":"info","event":"…", fields…}. Text is escaped, whatever
// bytes it holds. Thread-safe: a line is one write.
void LogEvent(Level level, std::string_view event, EventFields fields = {});

// The line LogEvent would write, with `time` as given. For LogEvent and its test.
std::string FormatEvent(std::string_view time, Level level, std::string_view event,
                        EventFields fields);

}  // namespace tandem::server
