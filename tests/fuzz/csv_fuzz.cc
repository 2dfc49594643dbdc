// SPDX-License-Identifier: Apache-2.0

// A CSV file and its mapping, as people hand them to the command line: `mapping` \0 `file`; an
// empty mapping takes the file's header. Every record is read or told, none runs into the next, and
// what the reader points at lies inside the record.
#include <sstream>
#include <string>
#include <string_view>

#include "cli/csv_mapping.h"
#include "cli/csv_reader.h"
#include "expect.h"
#include "tandem/v1/agency.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tandem;  // NOLINT(google-build-using-namespace): the entry point's body
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string mapping_text(fuzz::TakeUntil('\0', &rest));
  const auto* type = v1::Agency::descriptor();
  auto mapping = cli::CsvMapping::Parse(mapping_text, "mapping.yaml", type);
  std::istringstream in{std::string(rest)};
  cli::CsvReader reader(in, mapping.ok() ? mapping->delimiter() : ',');
  cli::CsvRecord record;
  bool bound = false;
  size_t columns = 0;
  size_t last_line = 0;
  size_t bytes = 0;
  v1::Agency agency;
  while (reader.Next(&record)) {
    FUZZ_EXPECT(record.line > last_line);
    last_line = record.line;
    bytes += record.raw.size();
    FUZZ_EXPECT(bytes <= rest.size());
    FUZZ_EXPECT(record.problem_offset <= record.raw.size());
    if (!record.problem.empty()) continue;
    FUZZ_EXPECT(!record.fields.empty() && record.offsets.size() == record.fields.size());
    for (size_t offset : record.offsets) FUZZ_EXPECT(offset <= record.raw.size());
    if (!bound) {
      bound = true;
      columns = record.fields.size();
      if (mapping_text.empty()) mapping = cli::CsvMapping::FromHeader(record.fields, type);
      if (mapping.ok() && !mapping->Bind(record.fields).ok()) return 0;
      continue;
    }
    // The import tells of a row of another width and never hands it to the mapping.
    if (!mapping.ok() || record.fields.size() != columns) continue;
    const auto problem = mapping->Fill(record.fields, &agency);
    if (problem && problem->index) FUZZ_EXPECT(*problem->index < record.fields.size());
  }
  FUZZ_EXPECT(reader.bytes_read() == rest.size());
  return 0;
}
