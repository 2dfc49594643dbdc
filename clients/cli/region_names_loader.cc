// SPDX-License-Identifier: Apache-2.0

#include "cli/region_names_loader.h"

#include "fmt/format.h"
#include "tandem/v1/region_service.pb.h"

#include "cpp/call_error.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

constexpr int kPageSize = 1000;

}  // namespace

absl::StatusOr<std::shared_ptr<const RegionNames>> LoadRegionNames(Session& session) {
  const auto* service = v1::ListRegionsRequest::descriptor()->file()->service(0);
  const auto* method = service->FindMethodByName("ListRegions");
  v1::ListRegionsRequest request;
  request.set_page_size(kPageSize);
  client::Pager pages(session.Public(), *method, request);
  v1::ListRegionsResponse page;
  auto names = std::make_shared<RegionNames>();
  for (;;) {
    ASSIGN_OR_RETURN(bool more, pages.Next(&page));
    if (!more) break;
    for (const v1::Region& region : page.regions()) {
      if (names->Add(region)) continue;
      return client::MakeClientError(
          absl::StatusCode::kResourceExhausted, "LIMIT_EXCEEDED",
          fmt::format("the directory has more than {} regions; give codes instead of names",
                      RegionNames::kMostRegions));
    }
  }
  names->Finish();
  return std::shared_ptr<const RegionNames>(std::move(names));
}

}  // namespace tandem::cli
