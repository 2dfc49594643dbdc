// SPDX-License-Identifier: Apache-2.0

// Records as YAML, as people hand them to the command line.
#include <memory>
#include <string>
#include <vector>

#include "cli/yaml_reader.h"
#include "expect.h"
#include "tandem/v1/agency.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tandem;  // NOLINT(google-build-using-namespace): the entry point's body
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::unique_ptr<google::protobuf::Message>> records;
  const auto problem = cli::ReadYamlRecords(text, v1::Agency::default_instance(), &records);
  if (!problem) return 0;
  FUZZ_EXPECT(problem->line >= 1 && problem->column >= 1);
  FUZZ_EXPECT(!problem->reason.empty() && !problem->message.empty());
  return 0;
}
