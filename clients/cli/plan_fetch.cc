// SPDX-License-Identifier: Apache-2.0

#include "cli/plan_fetch.h"

#include <algorithm>
#include <map>
#include <utility>

#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/match_service.pb.h"
#include "tandem/v1/need_service.pb.h"
#include "tandem/v1/region_service.pb.h"
#include "tandem/v1/round_service.pb.h"
#include "tandem/v1/service_category_service.pb.h"

#include "cli/cell_text.h"
#include "cli/province_name.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

// Reads records of one kind by name, each once. A record that can't be found is an empty one.
template <typename Record, typename Request>
class Cache {
 public:
  Cache(const client::Client& client, std::string method)
      : client_(client), method_(std::move(method)) {}

  absl::StatusOr<Record> Get(const std::string& name) {
    if (name.empty()) return Record();
    auto held = records_.find(name);
    if (held != records_.end()) return held->second;
    Request request;
    request.set_name(name);
    Record record;
    absl::Status status = client_.Call(method_, request, &record);
    if (absl::IsNotFound(status)) record.Clear();
    if (!status.ok() && !absl::IsNotFound(status)) return status;
    return records_.emplace(name, std::move(record)).first->second;
  }

 private:
  const client::Client& client_;
  const std::string method_;
  std::map<std::string, Record> records_;
};

// The name to show: the record's own, or the last part of its resource name.
template <typename Record>
std::string Title(const Record& record, const std::string& name) {
  return record.display_name().empty() ? LastPart(name) : record.display_name();
}

bool IsSynthetic(const v1::Agency& agency) {
  auto label = agency.labels().find("synthetic");
  if (label != agency.labels().end() && label->second != "false") return true;
  return std::any_of(agency.identifiers().begin(), agency.identifiers().end(),
                     [](const v1::Identifier& id) { return id.scheme() == "synthetic"; });
}

// Every record kind the screen names.
struct Directory {
  explicit Directory(const client::Client& client)
      : agencies(client, "tandem.v1.AgencyService.GetAgency"),
        regions(client, "tandem.v1.RegionService.GetRegion"),
        categories(client, "tandem.v1.ServiceCategoryService.GetServiceCategory"),
        needs(client, "tandem.v1.NeedService.GetNeed") {}

  Cache<v1::Agency, v1::GetAgencyRequest> agencies;
  Cache<v1::Region, v1::GetRegionRequest> regions;
  Cache<v1::ServiceCategory, v1::GetServiceCategoryRequest> categories;
  Cache<v1::Need, v1::GetNeedRequest> needs;
};

absl::StatusOr<PlanRow> MakeRow(const v1::Match& match, Directory* directory, bool* synthetic) {
  PlanRow row;
  ASSIGN_OR_RETURN(const v1::Agency agency, directory->agencies.Get(match.agency()));
  ASSIGN_OR_RETURN(const v1::Region home, directory->regions.Get(agency.home_region()));
  ASSIGN_OR_RETURN(const v1::Agency receiver, directory->agencies.Get(match.receiving_agency()));
  ASSIGN_OR_RETURN(const v1::Region county, directory->regions.Get(match.receiving_region()));
  ASSIGN_OR_RETURN(const v1::Need need, directory->needs.Get(match.need()));
  ASSIGN_OR_RETURN(const v1::ServiceCategory category, directory->categories.Get(need.category()));
  *synthetic = *synthetic && IsSynthetic(agency);
  row.assisting_agency = Title(agency, match.agency());
  row.grade = CellText(agency, "assessment.grade");
  row.from = Title(home, agency.home_region());
  if (!match.receiving_agency().empty()) {
    row.receiving_agency = Title(receiver, match.receiving_agency());
  }
  row.county = Title(county, match.receiving_region());
  if (!county.code().empty()) row.county += " " + county.code();
  row.field = Title(category, need.category());
  row.slots = match.slots();
  row.score = match.score();
  row.fixed = match.fixed();
  return row;
}

// Says for each row what sets its pair apart: those of its facts that the fewest rows share.
void FillWhy(const std::vector<v1::Match>& matches, std::vector<PlanRow>* rows) {
  constexpr size_t kFacts = 2;
  std::map<std::string, int> shared_by;
  for (const v1::Match& match : matches) {
    for (const v1::MatchFact& fact : match.facts()) ++shared_by[fact.fact()];
  }
  for (size_t i = 0; i < matches.size(); ++i) {
    std::vector<const v1::MatchFact*> facts;
    for (const v1::MatchFact& fact : matches[i].facts()) {
      // A kept pair says so already.
      if (fact.fact() != "KEPT_PAIRING") facts.push_back(&fact);
    }
    std::stable_sort(facts.begin(), facts.end(), [&](const auto* a, const auto* b) {
      return shared_by[a->fact()] < shared_by[b->fact()];
    });
    if (facts.size() > kFacts) facts.resize(kFacts);
    std::string& why = (*rows)[i].why;
    for (const v1::MatchFact* fact : facts) {
      why +=
          (why.empty() ? "" : "; ") + (fact->text_en().empty() ? fact->text_zh() : fact->text_en());
    }
  }
}

absl::StatusOr<std::string> CorridorLabel(const v1::Corridor& corridor, Directory* directory) {
  std::string text = CorridorText(corridor.supporting_region(), corridor.receiving_region());
  if (!text.empty()) return text;
  ASSIGN_OR_RETURN(const v1::Region from, directory->regions.Get(corridor.supporting_region()));
  ASSIGN_OR_RETURN(const v1::Region to, directory->regions.Get(corridor.receiving_region()));
  return Title(from, corridor.supporting_region()) + "→" + Title(to, corridor.receiving_region());
}

}  // namespace

absl::StatusOr<PlanScreen> FetchPlan(const client::Client& client, const v1::MatchRun& run,
                                     int top) {
  PlanScreen screen;
  screen.run = run;
  Directory directory(client);
  Cache<v1::Round, v1::GetRoundRequest> rounds(client, "tandem.v1.RoundService.GetRound");
  ASSIGN_OR_RETURN(screen.round, rounds.Get(run.round()));
  if (screen.round.name().empty()) screen.round.set_name(run.round());
  if (run.state() != v1::MATCH_RUN_STATE_SUCCEEDED) return screen;
  for (const v1::Corridor& corridor : screen.round.corridors()) {
    ASSIGN_OR_RETURN(screen.corridors[corridor.corridor_id()], CorridorLabel(corridor, &directory));
  }
  if (top <= 0) return screen;
  v1::ListMatchesRequest request;
  request.set_parent(run.name());
  request.set_page_size(std::min(top, 1000));
  const auto* method =
      v1::ListMatchesRequest::descriptor()->file()->service(0)->FindMethodByName("ListMatches");
  client::Pager pages(client, *method, request);
  v1::ListMatchesResponse page;
  bool synthetic = true;
  std::vector<v1::Match> shown;
  while (static_cast<int>(screen.rows.size()) < top) {
    ASSIGN_OR_RETURN(bool more, pages.Next(&page));
    if (!more) break;
    for (const v1::Match& match : page.matches()) {
      if (static_cast<int>(screen.rows.size()) >= top) break;
      ASSIGN_OR_RETURN(PlanRow row, MakeRow(match, &directory, &synthetic));
      screen.rows.push_back(std::move(row));
      shown.push_back(match);
    }
  }
  FillWhy(shown, &screen.rows);
  screen.synthetic = synthetic && !screen.rows.empty();
  return screen;
}

}  // namespace tandem::cli
