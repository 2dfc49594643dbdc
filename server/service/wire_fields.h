// SPDX-License-Identifier: Apache-2.0

// Answers that are put together on the wire, field by field, around stored records that nobody
// parses. Every answer with records has the same numbers: records 1, the token of what follows 2,
// the revision 3 (a test holds that).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tandem::service {

inline constexpr int kRecordsNumber = 1;
inline constexpr int kTokenNumber = 2;
inline constexpr int kRevisionNumber = 3;

// Appends a text, bytes or message field.
void AppendField(int number, std::string_view bytes, std::string* out);
// Appends an integer field.
void AppendField(int number, int64_t value, std::string* out);

}  // namespace tandem::service
