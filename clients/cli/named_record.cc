// SPDX-License-Identifier: Apache-2.0

#include "cli/named_record.h"

#include <vector>

#include "fmt/format.h"

#include "cli/nearest_word.h"
#include "cli/noun.h"

namespace tandem::cli {

std::string WrongNameMessage(const std::string& name) {
  if (name.empty()) {
    return "is missing: a record says its full name, for example agencies/x";
  }
  const size_t slash = name.find('/');
  if (slash == std::string::npos) {
    return fmt::format("\"{}\" must be a full name, for example agencies/{}", name, name);
  }
  std::vector<std::string> collections;
  for (const Noun& noun : AllNouns()) collections.push_back(noun.Collection());
  const std::string collection = name.substr(0, slash);
  return fmt::format("no records are called {}/…{}", collection,
                     DidYouMean(collection, collections));
}

}  // namespace tandem::cli
