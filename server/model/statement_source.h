// SPDX-License-Identifier: Apache-2.0

// Who can say something about a field group, as provenance and conflicts name it.
#pragma once

#include <string_view>

namespace tandem::model {

// A person's correction, through an update of the record.
inline constexpr std::string_view kManualSource = "manual";
// Nobody in particular: the value was there before any source spoke.
inline constexpr std::string_view kUnattributedSource = "unattributed";

// Whether the text names a source record, "sources/{id}".
inline bool IsSourceName(std::string_view source) { return source.substr(0, 8) == "sources/"; }

// Whether a provenance entry of this source is a statement that syncs weigh; all other entries are
// words for people.
inline bool MakesStatements(std::string_view source) {
  return source == kManualSource || IsSourceName(source);
}

}  // namespace tandem::model
