// SPDX-License-Identifier: Apache-2.0

// Page tokens: where a list goes on, sealed with a key so that a forged, cut or foreign one is a
// clean error. Paging is by key, never by offset, and no snapshot is kept between pages: a record
// that exists throughout is neither missed nor given twice unless its own sort key changes
// meanwhile.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/view.h"
#include "query/order_by.h"

namespace tandem::query {

// A value of a sort key: integers and times as int64, texts as they are.
using SortValue = std::variant<int64_t, std::string>;

// Where a page ended: the last record's value for each key of the order.
struct PagePosition {
  std::vector<SortValue> last;
  // The revision that page was read at.
  store::Revision read_revision = 0;
};

// What a token belongs to. The next page must be asked for with the same.
struct ListArguments {
  std::string_view collection;
  std::string_view parent;
  std::string_view filter;
  std::string_view order_by;
  bool show_deleted = false;
  std::string_view as_of_date = "";
};

// Seals and opens tokens. Immutable; any number of threads.
class PageTokens {
 public:
  static constexpr size_t kKeyBytes = 32;
  // The same key on every node and after every restart, else tokens of before are refused.
  explicit PageTokens(std::array<uint8_t, kKeyBytes> key) : key_(key) {}

  // The token for the page after `position`: base64url without padding.
  std::string Seal(const ListArguments& arguments, const PagePosition& position) const;

  // The position in `token`. PAGE_TOKEN_INVALID when it was not sealed with this key or its values
  // do not fit `order`; PAGE_TOKEN_MISMATCH when it belongs to other arguments.
  absl::StatusOr<PagePosition> Open(std::string_view token, const ListArguments& arguments,
                                    const Order& order) const;
  // The same for a position that has `leading` integers before the values of `order`.
  absl::StatusOr<PagePosition> Open(std::string_view token, const ListArguments& arguments,
                                    size_t leading, const Order& order) const;

 private:
  std::array<uint8_t, kKeyBytes> key_;
};

}  // namespace tandem::query
