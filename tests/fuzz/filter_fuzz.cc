// SPDX-License-Identifier: Apache-2.0

// A filter and an order from a client: `type byte` `filter` \n `order_by`. What the checker accepts
// must run on a small catalog, whatever plan it gets, and find the same rows in every page size.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "expect.h"
#include "query/executor.h"
#include "query/filter_check.h"
#include "query/filter_parser.h"
#include "query/order_by.h"
#include "support/record_catalog.h"
#include "unit/query/random_agency.h"

namespace tandem {
namespace {

using model::RecordType;

std::unique_ptr<testing::RecordCatalog> MakeCatalog() {
  catalog::CatalogOptions options;
  options.segment_rows = 32;
  options.open_rows = 8;
  options.background = false;
  auto records = std::make_unique<testing::RecordCatalog>(options);
  query::RandomAgencies random(1);
  records->Put(RecordType::kRegion, random.Regions());
  records->Put(RecordType::kServiceCategory, random.Categories());
  for (int i = 0; i < 80; ++i) {
    records->Put(RecordType::kAgency, random.Agency("a" + std::to_string(i)));
  }
  while (records->catalog().Maintain()) {
  }
  return records;
}

const query::PageTokens& Tokens() {
  static const query::PageTokens tokens(std::array<uint8_t, query::PageTokens::kKeyBytes>{1});
  return tokens;
}

std::vector<std::string> Listed(const catalog::View& view, query::ListQuery query, int page_size) {
  std::vector<std::string> ids;
  query.page_size = page_size;
  while (true) {
    const auto page = query::List(view, Tokens(), query);
    FUZZ_EXPECT(page.ok());
    for (const query::ListRow& row : page->rows) ids.push_back(row.id);
    if (page->next_page_token.empty()) return ids;
    FUZZ_EXPECT(!page->rows.empty());
    query.page_token = page->next_page_token;
  }
}

}  // namespace
}  // namespace tandem

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tandem;  // NOLINT(google-build-using-namespace): the entry point's body
  static const std::unique_ptr<testing::RecordCatalog> records = MakeCatalog();
  static constexpr RecordType kTypes[] = {RecordType::kAgency, RecordType::kRegion,
                                          RecordType::kServiceCategory};
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  query::ListQuery query;
  query.type = kTypes[fuzz::TakeByte(&rest) % std::size(kTypes)];
  query.filter = std::string(fuzz::TakeUntil('\n', &rest));
  query.order_by = std::string(rest);

  const auto tree = query::ParseFilter(query.filter);
  const auto condition = query::CompileFilter(query.filter, query.type);
  const auto order = query::ParseOrderBy(query.order_by, query.type);
  FUZZ_EXPECT(tree.ok() || !condition.ok());
  if (!tree.ok()) FUZZ_EXPECT(fuzz::IsOurError(tree.status()));
  if (!condition.ok()) FUZZ_EXPECT(fuzz::IsOurError(condition.status()));
  if (!order.ok()) FUZZ_EXPECT(fuzz::IsOurError(order.status()));
  if (!condition.ok() || !order.ok()) {
    FUZZ_EXPECT(!query::List(*records->view(), Tokens(), query).ok());
    return 0;
  }
  const auto whole = Listed(*records->view(), query, query::kMaxPageSize);
  FUZZ_EXPECT(Listed(*records->view(), query, 7) == whole);
  return 0;
}
