// SPDX-License-Identifier: Apache-2.0

// What a search means, written plainly over messages: the oracle for postings, plans, levels and
// pages. It shares with them how one text becomes terms and how a query is read into words, and
// nothing else.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "query/search_levels.h"
#include "query/search_words.h"

namespace tandem::testing {

// The level of relevance of `record` (query/search_levels.h), or -1 when it is no result.
int NaiveLevel(const google::protobuf::Message& record, model::RecordType type,
               const query::SearchText& text, bool names_only, bool loose,
               const std::vector<query::RankedWord>& ranked);

}  // namespace tandem::testing
