// SPDX-License-Identifier: Apache-2.0

#include "service/succession_methods.h"

#include <string>
#include <utility>
#include <vector>

#include "model/absl_strings.h"
#include "model/calendar_date.h"
#include "model/error.h"
#include "model/field_rules.h"
#include "model/status_macros.h"
#include "query/stale_references.h"
#include "query/succession.h"
#include "query/unit_counts.h"
#include "tandem/v1/region_service.pb.h"
#include "tandem/v1/service_category_service.pb.h"

namespace tandem::service {
namespace {

using model::RecordType;

// Requests and answers of regions and of categories have the same fields under the same numbers (a
// test holds that), so one class reads and writes both.
using ResolveRequest = v1::ResolveRegionsRequest;
using CountRequest = v1::CountRegionRecordsRequest;
using StaleRequest = v1::ListStaleRegionReferencesRequest;

constexpr std::string_view kDefaultScheme = "gbt2260";
constexpr int64_t kWholePermille = 1000;
// Rows of a count: what fits into an answer.
constexpr size_t kMaxCounts = 20'000;

// Reads the call's request as what it is, holds it to the rules its fields declare, and hands it on
// as the class that serves both.
template <typename Sent, typename Shared>
absl::Status ReadRequest(const UnaryCall& call, Shared* request) {
  Sent sent;
  RETURN_IF_ERROR(call.Parse(&sent));
  std::vector<model::FieldViolation> violations;
  model::CheckFields(&sent, "", &violations);
  if (!violations.empty()) return model::FieldsInvalid(violations);
  request->ParseFromString(sent.SerializeAsString());
  return absl::OkStatus();
}

std::string DayOf(const std::string& as_of_date, const UnaryCall& call) {
  return as_of_date.empty() ? model::UtcDay(call.directory().clock->Now()) : as_of_date;
}

void AddShares(const query::CarriedAmounts& carried,
               google::protobuf::RepeatedPtrField<v1::UnitShare>* shares) {
  for (const auto& [unit, amount] : carried.units) {
    v1::UnitShare* share = shares->Add();
    share->set_unit(unit);
    share->set_share_permille(static_cast<int32_t>(amount.all));
  }
}

absl::StatusOr<v1::ResolveRegionsResponse> Resolve(RecordType type, const ResolveRequest& request,
                                                   const UnaryCall& call,
                                                   const catalog::View& view) {
  const query::Succession units(view, type, DayOf(request.as_of_date(), call));
  v1::ResolveRegionsResponse response;
  response.set_revision(view.revision());
  for (int i = 0; i < request.keys_size(); ++i) {
    const v1::RegionKey& key = request.keys(i);
    if (key.region().empty() == key.code().empty()) {
      return model::FieldsInvalid({{StrCat("keys[", i, "]"), "must have a name or a code"}});
    }
    std::string name = key.region();
    if (name.empty()) {
      query::UnitCode code{key.code_scheme(), key.code(),
                           key.code_date().empty() ? units.day() : key.code_date()};
      if (code.list.empty() && type == RecordType::kRegion) code.list = kDefaultScheme;
      name = units.FindByCode(code).value_or("");
    } else if (!units.Validity(name)) {
      name.clear();
    }
    v1::ResolvedUnit* result = response.add_results();
    result->set_unit(name);
    query::UnitAmounts amounts;
    if (!name.empty()) amounts[name] = kWholePermille;
    const query::CarriedAmounts carried = units.Carry(amounts);
    AddShares(carried, result->mutable_shares());
    result->set_unresolved_permille(
        static_cast<int32_t>(name.empty() ? kWholePermille : carried.unresolved));
  }
  return response;
}

absl::StatusOr<v1::CountRegionRecordsResponse> Count(RecordType type, const CountRequest& request,
                                                     const UnaryCall& call,
                                                     const catalog::View& view) {
  const query::UnitPlacement* placement = query::FindPlacement(type, request.collection());
  if (placement == nullptr) {
    return model::FieldsInvalid(
        {{"collection", StrCat("must be one of ", query::CountedCollections(type))}});
  }
  query::ListQuery selected;
  selected.type = placement->counted;
  selected.filter = request.filter();
  selected.scope = call.scope();
  selected.deadline = call.deadline();
  std::optional<int64_t> level;
  if (request.level() != v1::REGION_LEVEL_UNSPECIFIED) level = request.level();
  ASSIGN_OR_RETURN(
      query::UnitCounts counts,
      query::CountAtUnits(view, *placement, selected, DayOf(request.as_of_date(), call), level));
  if (counts.units.size() > kMaxCounts) {
    return model::MakeError(model::Reason::kLimitExceeded,
                            StrCat("the records stand at ", counts.units.size(), " units; at most ",
                                   kMaxCounts, " are told: count at a level or with a filter"),
                            {{"limit", "counts"},
                             {"max", StrCat(kMaxCounts)},
                             {"actual", StrCat(counts.units.size())}});
  }
  v1::CountRegionRecordsResponse response;
  response.set_revision(view.revision());
  response.set_total_count(counts.total);
  response.set_unplaced_count(counts.unplaced);
  response.set_carried_count(counts.carried);
  for (const query::UnitCount& count : counts.units) {
    v1::UnitCount* out = response.add_counts();
    out->set_unit(count.unit);
    out->set_record_count(count.count);
    out->set_carried_count(count.carried);
  }
  return response;
}

absl::StatusOr<v1::ListStaleRegionReferencesResponse> Stale(RecordType type,
                                                            const StaleRequest& request,
                                                            const UnaryCall& call,
                                                            const catalog::View& view) {
  if (!request.parent().empty()) {
    return model::FieldsInvalid({{"parent", "must be empty: all units are looked at"}});
  }
  query::StaleQuery asked;
  asked.unit = type;
  asked.day = DayOf(request.as_of_date(), call);
  asked.page_size = request.page_size();
  asked.page_token = request.page_token();
  asked.scope = call.scope();
  asked.deadline = call.deadline();
  ASSIGN_OR_RETURN(query::StalePage page,
                   query::ListStaleReferences(view, *call.directory().tokens, asked));
  const query::Succession units(view, type, asked.day);
  v1::ListStaleRegionReferencesResponse response;
  response.set_revision(view.revision());
  response.set_next_page_token(page.next_page_token);
  for (const query::StaleReference& reference : page.references) {
    v1::StaleReference* out = response.add_references();
    out->set_record(reference.record);
    out->set_field_path(reference.path);
    out->set_unit(reference.unit);
    out->set_ended_date(std::string(units.Validity(reference.unit)->to));
    const query::CarriedAmounts carried = units.Carry({{reference.unit, kWholePermille}});
    AddShares(carried, out->mutable_successors());
    out->set_unresolved_permille(static_cast<int32_t>(carried.unresolved));
  }
  return response;
}

// Runs `answer` on a worker: all of these may look at many rows.
template <typename Sent, typename Shared, typename Answer>
UnaryHandler HandlerOf(RecordType type, Answer answer) {
  return [type, answer](std::shared_ptr<UnaryCall> call) {
    auto request = std::make_shared<Shared>();
    if (absl::Status read = ReadRequest<Sent>(*call, request.get()); !read.ok()) {
      return call->Fail(read);
    }
    if (absl::Status allowed = call->Authorise({}); !allowed.ok()) return call->Fail(allowed);
    RunOnWorker(call, [type, answer, call, request] {
      DirectoryReader reader(call->directory(), /*may_block=*/true);
      auto response = answer(type, *request, *call, reader.view());
      if (!response.ok()) return call->Fail(response.status());
      call->Reply(*response, reader.revision());
    });
  };
}

// One method of both services: `Regions` and `Categories` are its requests.
template <typename Regions, typename Categories, typename Answer>
void AddMethod(std::string_view for_regions, std::string_view for_categories, Answer answer,
               HandlerTable* table) {
  table->unary.emplace(StrCat("tandem.v1.RegionService/", for_regions),
                       HandlerOf<Regions, Regions>(RecordType::kRegion, answer));
  table->unary.emplace(StrCat("tandem.v1.ServiceCategoryService/", for_categories),
                       HandlerOf<Categories, Regions>(RecordType::kServiceCategory, answer));
}

}  // namespace

void AddSuccessionMethods(HandlerTable* table) {
  AddMethod<v1::ResolveRegionsRequest, v1::ResolveServiceCategoriesRequest>(
      "ResolveRegions", "ResolveServiceCategories", Resolve, table);
  AddMethod<v1::CountRegionRecordsRequest, v1::CountServiceCategoryRecordsRequest>(
      "CountRegionRecords", "CountServiceCategoryRecords", Count, table);
  AddMethod<v1::ListStaleRegionReferencesRequest, v1::ListStaleServiceCategoryReferencesRequest>(
      "ListStaleRegionReferences", "ListStaleServiceCategoryReferences", Stale, table);
}

}  // namespace tandem::service
