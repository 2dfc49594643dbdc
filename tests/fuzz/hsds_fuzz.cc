// SPDX-License-Identifier: Apache-2.0

// HSDS data as they come from other systems: `name` \0 `text`. Whatever is read, every record of it
// is accounted for, and what was made has the form the directory takes.
#include <string>
#include <string_view>

#include "cli/hsds/hsds_converter.h"
#include "cli/hsds/hsds_disk_tables.h"
#include "cli/hsds/hsds_reader.h"
#include "cli/utf8_check.h"
#include "expect.h"

namespace {

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= 63 && id.front() != '-' && id.back() != '-' &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tandem;  // NOLINT(google-build-using-namespace): the entry point's body
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string name(fuzz::TakeUntil('\0', &rest));
  // A small cache: more goes through the pages of the database.
  cli::HsdsDiskTables tables(/*cache_kib=*/16);
  cli::LossReport report;
  cli::HsdsReader reader({}, &tables, &report);
  if (!reader.ReadText(name, std::string(rest)).ok()) return 0;
  int64_t rows = report.records();
  for (const std::string& entity : tables.Entities()) {
    rows += tables.Count(entity) + tables.Repeated(entity);
  }
  cli::HsdsConverter converter("p-", nullptr, &tables, &report);
  for (int64_t place : converter.Terms()) {
    const v1::ServiceCategory category = converter.Category(tables.At(place));
    FUZZ_EXPECT(IsId(std::string_view(category.name()).substr(18)));
    FUZZ_EXPECT(!cli::InvalidUtf8At(category.display_name()));
    report.Record("taxonomy_term", "created");
  }
  for (int64_t place : converter.Organizations()) {
    const v1::Agency agency = converter.Agency(tables.At(place));
    tables.Release();
    FUZZ_EXPECT(IsId(std::string_view(agency.name()).substr(9)));
    FUZZ_EXPECT(!agency.display_name().empty());
    FUZZ_EXPECT(!cli::InvalidUtf8At(agency.how_we_do_it()));
    report.Record("organization", "created");
  }
  converter.Finish();
  FUZZ_EXPECT(report.records() == rows);
  return 0;
}
