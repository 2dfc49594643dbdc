// SPDX-License-Identifier: Apache-2.0

// Prints what the catalog costs at a size: bytes and seconds at start, time of a look-up and of a
// commit. Run by hand: catalog_figures [agencies]. Agencies are synthetic and about 600 bytes long.

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "store/open_store.h"
#include "support/temp_dir.h"
#include "test_directory.h"

namespace tandem::catalog {
namespace {

using model::RecordType;

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

size_t HeapBytes() {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

v1::Agency Synthetic(int i, std::mt19937* random) {
  auto pick = [&](uint32_t limit) { return static_cast<int32_t>((*random)() % limit); };
  char id[32];
  std::snprintf(id, sizeof(id), "synthetic-%07d", i);
  v1::Agency agency = MakeAgency(id, "regions/c" + std::to_string(pick(3000)));
  agency.set_uid("0b7e6a52-95c1-4d55-8e0a-" + std::to_string(100000000000 + i));
  agency.set_display_name("合成社会工作服务中心第" + std::to_string(i) + "号");
  agency.set_owner("platform-" + std::to_string(pick(40)));
  agency.set_status(v1::AGENCY_STATUS_ACTIVE);
  agency.set_registration_region(agency.home_region());
  for (int k = 0; k < 3; ++k) {
    v1::CategoryCapability* capability = agency.add_categories();
    capability->set_category("serviceCategories/s" + std::to_string(pick(60)));
    capability->set_level(1 + pick(5));
    capability->set_years(pick(20));
  }
  agency.mutable_assessment()->set_grade(static_cast<v1::AssessmentGrade>(pick(6)));
  agency.mutable_assessment()->set_points(pick(1001));
  agency.mutable_assessment()->set_awarded_date("20" + std::to_string(15 + pick(10)) + "-0" +
                                                std::to_string(1 + pick(9)) + "-15");
  agency.set_legal_form(static_cast<v1::LegalForm>(1 + pick(6)));
  agency.add_dimensions(static_cast<v1::Dimension>(1 + pick(4)));
  v1::Identifier* identifier = agency.add_identifiers();
  identifier->set_scheme("synthetic");
  identifier->set_value("SYN" + std::to_string(1000000000 + i));
  identifier->set_verified(true);
  agency.mutable_staff()->set_total(pick(200));
  agency.mutable_staff()->set_social_workers(pick(60));
  agency.mutable_staff()->set_assistant_social_workers(pick(60));
  agency.set_retention_permille(pick(1001));
  agency.mutable_capacity()->set_slots(pick(20));
  agency.add_languages("zh");
  if (pick(5) == 0) agency.add_languages("bo");
  agency.set_what_we_do("为老年人、儿童和残疾人提供专业社会工作服务,包括个案、小组和社区工作。");
  (*agency.mutable_labels())["synthetic"] = "true";
  return agency;
}

int Run(int agencies) {
  support::TempDir dir;
  store::StoreOptions options;
  options.data_dir = dir.Path("data");
  auto opened = store::OpenStore(options);
  if (!opened.ok()) return 1;
  std::unique_ptr<store::EmbeddedLog> log = *std::move(opened);
  size_t body_bytes = 0;
  {
    TestDirectory directory(log.get(), log.get(), CatalogOptions());
    v1::ServiceCategory category;
    std::vector<PreparedRecord> records;
    for (int i = 0; i < 60; ++i) {
      const std::string id = "s" + std::to_string(i);
      category.set_name("serviceCategories/" + id);
      category.set_parent_category(i < 8 ? "" : "serviceCategories/s" + std::to_string(i % 8));
      records.push_back(Prepare(RecordType::kServiceCategory, id, WriteKind::kCreate, category));
    }
    records.push_back(Prepare(RecordType::kRegion, "cn", WriteKind::kCreate, MakeRegion("cn")));
    for (int i = 0; i < 30; ++i)
      records.push_back(Prepare(RecordType::kRegion, "p" + std::to_string(i), WriteKind::kCreate,
                                MakeRegion("p" + std::to_string(i), "cn")));
    for (int i = 0; i < 300; ++i)
      records.push_back(Prepare(RecordType::kRegion, "d" + std::to_string(i), WriteKind::kCreate,
                                MakeRegion("d" + std::to_string(i), "p" + std::to_string(i % 30))));
    for (int i = 0; i < 3000; ++i)
      records.push_back(
          Prepare(RecordType::kRegion, "c" + std::to_string(i), WriteKind::kCreate,
                  MakeRegion("c" + std::to_string(i), "d" + std::to_string(i % 300))));
    if (!directory.Write(std::move(records)).ok()) return 1;
    std::mt19937 random(1);
    double committing = 0;
    for (int at = 0; at < agencies; at += 1000) {
      std::vector<PreparedRecord> batch;
      for (int i = at; i < std::min(at + 1000, agencies); ++i) {
        v1::Agency agency = Synthetic(i, &random);
        batch.push_back(
            Prepare(RecordType::kAgency, agency.name().substr(9), WriteKind::kCreate, agency));
        body_bytes += batch.back().body.size();
      }
      const double start = Now();
      if (!directory.Write(std::move(batch)).ok()) return 1;
      committing += Now() - start;
    }
    std::printf(
        "create, 1,000 a write: %.2f us a record (append and background work included), body %.0f "
        "bytes\n",
        committing / agencies * 1e6, static_cast<double>(body_bytes) / agencies);
  }
  malloc_trim(0);
  const size_t heap_before = HeapBytes();
  const double start = Now();
  Catalog catalog;
  if (!catalog.Load(*log).ok()) return 1;
  const double loaded = Now() - start;
  malloc_trim(0);
  std::printf("start: %.2f s for %d agencies\n", loaded, agencies);
  std::printf("memory: %.0f bytes an agency counted, %.0f by the heap\n",
              static_cast<double>(catalog.MemoryBytes()) / agencies,
              static_cast<double>(HeapBytes() - heap_before) / agencies);
  std::shared_ptr<const View> view = catalog.view();
  for (const SegmentView& part : view->segments(RecordType::kAgency)) {
    std::vector<std::pair<size_t, std::string>> columns;
    for (const IndexedField& field : part.segment().table().fields()) {
      columns.emplace_back(part.segment().column(field.id)->MemoryBytes(), field.path);
      if (const Column* closure = part.segment().closure(field.id, 0))
        columns.emplace_back(closure->MemoryBytes(), field.path + " closure");
    }
    std::sort(columns.rbegin(), columns.rend());
    for (size_t i = 0; i < 24; ++i)
      std::printf("  %6.1f %s\n", static_cast<double>(columns[i].first) / part.row_count(),
                  columns[i].second.c_str());
    break;
  }
  std::mt19937 random(2);
  constexpr int kLookups = 200000;
  size_t found = 0;
  const double lookups = Now();
  for (int i = 0; i < kLookups; ++i) {
    char id[32];
    std::snprintf(id, sizeof(id), "synthetic-%07d",
                  static_cast<int>(random() % static_cast<uint32_t>(agencies)));
    found += view->Find(RecordType::kAgency, id).has_value();
  }
  std::printf("find: %.0f ns, %zu of %d\n", (Now() - lookups) / kLookups * 1e9, found, kLookups);
  const FieldId home = FieldTable::Of(RecordType::kAgency).Find("home_region")->id;
  const FieldId category = FieldTable::Of(RecordType::kAgency).Find("categories.category")->id;
  constexpr int kQueries = 2000;
  size_t rows = 0;
  const double queries = Now();
  for (int i = 0; i < kQueries; ++i) {
    for (const SegmentView& part : view->segments(RecordType::kAgency)) {
      auto region = view->FindWithin(part, home, "regions/d" + std::to_string(i % 300));
      auto field = view->FindWithin(part, category, "serviceCategories/s" + std::to_string(i % 8));
      if (!region || !field) continue;
      for (uint16_t row : region->rows()) rows += field->Contains(row);
    }
  }
  std::printf("within prefecture and category: %.1f us, %.1f rows\n",
              (Now() - queries) / kQueries * 1e6, static_cast<double>(rows) / kQueries);
  return 0;
}

}  // namespace
}  // namespace tandem::catalog

int main(int argc, char** argv) {
  return tandem::catalog::Run(argc > 1 ? std::atoi(argv[1]) : 100000);
}
