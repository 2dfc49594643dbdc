// SPDX-License-Identifier: Apache-2.0

// A record as JSON, as people hand it to the command line. A problem lies inside the text; what is
// read and printed again reads as the same record.
#include <string>
#include <string_view>

#include "cli/json_reader.h"
#include "cli/json_writer.h"
#include "expect.h"
#include "tandem/v1/agency.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tandem;  // NOLINT(google-build-using-namespace): the entry point's body
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  v1::Agency agency;
  if (const auto problem = cli::ReadJsonRecord(text, &agency)) {
    FUZZ_EXPECT(problem->offset <= text.size());
    FUZZ_EXPECT(!problem->reason.empty() && !problem->message.empty());
    const cli::TextPosition position = cli::PositionAt(text, problem->offset);
    FUZZ_EXPECT(position.line >= 1 && position.column >= 1);
    if (const auto found = cli::FindJsonField(text, problem->field)) {
      FUZZ_EXPECT(*found < text.size());
    }
    return 0;
  }
  const auto document = cli::ToJson(agency);
  // Times outside protobuf's range can be read but have no JSON form.
  if (!document.ok()) return 0;
  v1::Agency again;
  FUZZ_EXPECT(!cli::ReadJsonRecord(cli::JsonText(*document), &again));
  FUZZ_EXPECT(cli::JsonText(*cli::ToJson(again)) == cli::JsonText(*document));
  return 0;
}
