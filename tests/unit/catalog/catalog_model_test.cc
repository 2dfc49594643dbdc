// SPDX-License-Identifier: Apache-2.0

// Random writes through the committer against a model that keeps whole messages in maps and checks
// every rule the slow way: same answers, same directory at every revision, same directory after a
// restart.

#include <map>
#include <random>
#include <set>

#include "catalog/wire_extractor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/open_store.h"
#include "support/reason_matcher.h"
#include "support/temp_dir.h"
#include "test_directory.h"

namespace tandem::catalog {
namespace {

using model::Reason;
using model::RecordType;

// Everything the reading interface tells about a view: record name → its facts and values.
using Dump = std::map<std::string, std::string>;

std::string Facts(store::Revision revision, const RowHeader& header) {
  return "r" + std::to_string(revision) + " c" + std::to_string(header.create_time_ns) + " u" +
         std::to_string(header.update_time_ns) + " d" + std::to_string(header.delete_time_ns) +
         " p" + std::to_string(header.purge_time_ns) + " h" + std::to_string(header.body_hash);
}

Dump DumpView(const View& view) {
  Dump dump;
  for (RecordType type : {RecordType::kAgency, RecordType::kRegion}) {
    int64_t live = 0, deleted = 0;
    view.ForEach(type, [&](const RowRef& ref) {
      const Segment& segment = *ref.segment;
      ++(ref.deleted() ? deleted : live);
      std::string text = Facts(ref.revision(), segment.header(ref.row));
      for (const IndexedField& field : segment.table().fields()) {
        if (field.id < kFirstBodyField) continue;
        text += "|";
        if (field.repeated) {
          for (uint32_t i = 0; i < segment.ListSize(field.id, ref.row); ++i) {
            text += field.is_text() ? std::string(segment.ListText(field.id, ref.row, i))
                                    : std::to_string(segment.ListInteger(field.id, ref.row, i));
            text += ",";
          }
        } else if (field.is_text()) {
          text += segment.Text(field.id, ref.row).value_or("");
        } else if (auto value = segment.Integer(field.id, ref.row)) {
          text += std::to_string(*value);
        }
      }
      const bool added =
          dump.emplace(std::string(NamePrefix(type)) + std::string(ref.id()), text).second;
      EXPECT_TRUE(added) << "two current rows of " << ref.id();
      std::optional<RowRef> found = view.Find(type, ref.id());
      EXPECT_TRUE(found && found->segment == ref.segment && found->row == ref.row) << ref.id();
    });
    EXPECT_EQ(view.Count(type), live);
    EXPECT_EQ(view.DeletedCount(type), deleted);
  }
  return dump;
}

// The slow directory.
struct ModelRecord {
  RecordType type;
  std::string body;
  RowHeader header;
  std::string parent;
  std::set<std::string> references;
  std::set<std::string> claims;
};
using Model = std::map<std::string, ModelRecord>;

Dump DumpModel(const Model& model) {
  Dump dump;
  for (const auto& [name, record] : model) {
    const WireExtractor& extractor = WireExtractor::Of(record.type);
    RowItems items;
    EXPECT_TRUE(extractor.Extract(record.body, &items).ok());
    const RowBlob blob(extractor.table(), items);
    std::string text = Facts(record.header.revision, record.header);
    for (const IndexedField& field : extractor.table().fields()) {
      if (field.id < kFirstBodyField) continue;
      text += "|";
      for (uint32_t i = 0; i < blob.Size(field); ++i) {
        text += field.is_text() ? std::string(blob.Text(field, i))
                                : std::to_string(blob.Integer(field, i));
        if (field.repeated) text += ",";
      }
    }
    dump[name] = text;
  }
  return dump;
}

class CatalogModelTest : public testing::TestWithParam<std::tuple<std::string, uint32_t>> {
 protected:
  void SetUp() override {
    random_.seed(std::get<1>(GetParam()));
    if (std::get<0>(GetParam()) == "memory") {
      directory_ = std::make_unique<TestDirectory>();
      return;
    }
    store::StoreOptions options;
    options.data_dir = dir_.Path("data");
    auto opened = store::OpenStore(options);
    ASSERT_TRUE(opened.ok()) << opened.status();
    embedded_ = *std::move(opened);
    directory_ = std::make_unique<TestDirectory>(embedded_.get(), embedded_.get());
  }

  size_t Pick(size_t limit) { return random_() % limit; }
  std::string RegionName(size_t i) { return "regions/r" + std::to_string(i); }

  // What a write of this record must be answered with; nullopt for success.
  std::optional<Reason> Expect(WriteKind kind, const std::string& name, const ModelRecord& next) {
    auto current = model_.find(name);
    const bool exists = current != model_.end();
    const bool deleted = exists && current->second.header.delete_time_ns != 0;
    switch (kind) {
      case WriteKind::kCreate:
        if (exists) return deleted ? Reason::kResourceDeletedExists : Reason::kResourceExists;
        break;
      case WriteKind::kUpdate:
      case WriteKind::kDelete:
        if (!exists || deleted) return Reason::kResourceNotFound;
        break;
      case WriteKind::kUndelete:
        if (!exists) return Reason::kResourceNotFound;
        if (!deleted) return Reason::kResourceExists;
        break;
      case WriteKind::kPurge:
        break;
    }
    if (kind == WriteKind::kDelete) {
      for (const auto& [other, record] : model_) {
        if (other == name || record.header.delete_time_ns != 0) continue;
        if (record.references.contains(name)) return Reason::kResourceInUse;
      }
      return std::nullopt;
    }
    if (kind == WriteKind::kUpdate && current->second.body == next.body) return std::nullopt;
    for (const std::string& target : next.references) {
      auto found = model_.find(target);
      bool missing = found == model_.end() || found->second.header.delete_time_ns != 0;
      if (target == name && kind != WriteKind::kUpdate) missing = false;
      if (missing) return Reason::kReferenceMissing;
    }
    // Depth never reaches 32 here; cycles do occur.
    for (std::string at = next.parent; !at.empty();
         at = model_.contains(at) ? model_[at].parent : "") {
      if (at == name) return Reason::kTreeCycle;
    }
    for (const auto& [other, record] : model_) {
      if (other == name) continue;
      for (const std::string& claim : next.claims) {
        if (record.claims.contains(claim)) return Reason::kIdentifierTaken;
      }
    }
    return std::nullopt;
  }

  void WriteSomething() {
    directory_->clock().Advance(absl::Seconds(1));
    ModelRecord next;
    std::string name;
    PreparedRecord record;
    if (Pick(3) == 0) {
      next.type = RecordType::kRegion;
      const std::string id = "r" + std::to_string(Pick(12));
      v1::Region region = MakeRegion(id);
      if (Pick(3) != 0) region.set_parent_region(RegionName(Pick(12)));
      region.set_altitude_m(static_cast<int32_t>(Pick(3)));
      next.parent = region.parent_region();
      if (!next.parent.empty()) next.references.insert(next.parent);
      next.body = SerializeDeterministically(region);
      record.id = id;
    } else {
      next.type = RecordType::kAgency;
      const std::string id = "a" + std::to_string(Pick(60));
      v1::Agency agency = MakeAgency(id);
      if (Pick(4) != 0) agency.set_home_region(RegionName(Pick(12)));
      if (Pick(6) == 0) agency.add_ethnic_area_experience(RegionName(Pick(12)));
      if (Pick(2) == 0) agency.mutable_assessment()->set_points(static_cast<int32_t>(Pick(5)));
      for (size_t i = Pick(3); i > 0; --i) {
        v1::Identifier* identifier = agency.add_identifiers();
        identifier->set_scheme(Pick(2) == 0 ? "s" : "t");
        identifier->set_value(std::to_string(Pick(40)));
        identifier->set_verified(Pick(3) != 0);
        if (identifier->verified())
          next.claims.insert(identifier->scheme() + ":" + identifier->value());
      }
      (*agency.mutable_labels())["k" + std::to_string(Pick(2))] = std::to_string(Pick(3));
      if (!agency.home_region().empty()) next.references.insert(agency.home_region());
      for (const std::string& region : agency.ethnic_area_experience())
        next.references.insert(region);
      next.body = SerializeDeterministically(agency);
      record.id = id;
    }
    record.type = next.type;
    name = std::string(NamePrefix(next.type)) + record.id;
    static constexpr WriteKind kKinds[] = {WriteKind::kCreate, WriteKind::kCreate,
                                           WriteKind::kUpdate, WriteKind::kUpdate,
                                           WriteKind::kDelete, WriteKind::kUndelete};
    record.kind = kKinds[Pick(std::size(kKinds))];
    record.body = next.body;
    auto current = model_.find(name);
    record.base_revision = current == model_.end() ? 1 : current->second.header.revision;
    if (current != model_.end() &&
        (record.kind == WriteKind::kDelete || record.kind == WriteKind::kUndelete)) {
      next = current->second;
    }
    const std::optional<Reason> expected = Expect(record.kind, name, next);
    const bool unchanged =
        !expected && record.kind == WriteKind::kUpdate && current->second.body == next.body;
    absl::StatusOr<CommitResult> result = directory_->Write(record);
    if (expected) {
      ++refused_[*expected];
      ASSERT_THAT(result, support::HasReason(*expected)) << name;
      return;
    }
    ASSERT_TRUE(result.ok()) << name << ": " << result.status();
    ASSERT_EQ(result->records[0].unchanged, unchanged);
    if (unchanged) return;
    ++written_;
    const int64_t now = absl::ToUnixNanos(directory_->clock().Now());
    next.header.body_hash = HashBody(next.body);
    next.header.create_time_ns =
        current == model_.end() ? now : current->second.header.create_time_ns;
    next.header.revision = result->revision;
    next.header.update_time_ns = now;
    const bool deletes = record.kind == WriteKind::kDelete;
    next.header.delete_time_ns = deletes ? now : 0;
    next.header.purge_time_ns = deletes ? store::PurgeTimeNs(now) : 0;
    model_[name] = next;
  }

  void CheckQueries(const View& view, const Model& model) {
    const FieldTable& table = FieldTable::Of(RecordType::kAgency);
    for (size_t i = 0; i < 12; ++i) {
      const std::string region = RegionName(i);
      std::set<std::string> equal, within, found_equal, found_within;
      for (const auto& [name, record] : model) {
        if (record.type != RecordType::kAgency) continue;
        v1::Agency agency;
        ASSERT_TRUE(agency.ParseFromString(record.body));
        if (agency.home_region() == region) equal.insert(name);
        // Soft-deleted regions stay in the tree; purged ones do not.
        std::string at = agency.home_region();
        while (!at.empty() && at != region) {
          auto above = model.find(at);
          at = above == model.end() ? "" : above->second.parent;
        }
        if (at == region) within.insert(name);
      }
      const FieldId field = table.Find("home_region")->id;
      for (const SegmentView& part : view.segments(RecordType::kAgency)) {
        const AliveRows alive = part.alive();
        auto collect = [&](const Roaring& rows, std::set<std::string>* out) {
          for (uint32_t row : rows) {
            if (alive.Contains(row)) out->insert("agencies/" + std::string(part.segment().id(row)));
          }
        };
        Roaring rows;
        view.AddEqual(part, field, region, &rows);
        collect(rows, &found_equal);
        Roaring below;
        view.AddWithin(part, field, region, &below);
        collect(below, &found_within);
      }
      ASSERT_EQ(found_equal, equal) << region;
      ASSERT_EQ(found_within, within) << region;
      int64_t referrers = 0;
      for (const auto& [name, record] : model) {
        referrers += record.header.delete_time_ns == 0 && record.references.contains(region);
      }
      int64_t total = 0;
      view.Referrers(region, 3, &total);
      ASSERT_EQ(total, referrers) << region;
    }
  }

  void Purge() {
    directory_->clock().Advance(store::kDefaultPurgeAfter / 2);
    const int64_t now = absl::ToUnixNanos(directory_->clock().Now());
    int64_t expected = 0;
    for (auto it = model_.begin(); it != model_.end();) {
      const int64_t due = it->second.header.purge_time_ns;
      if (due != 0 && due <= now) {
        it = model_.erase(it);
        ++expected;
      } else {
        ++it;
      }
    }
    ASSERT_THAT(directory_->committer().PurgeExpired(), support::IsOkAndHolds(expected));
    purged_ += expected;
  }

  support::TempDir dir_;
  std::unique_ptr<store::EmbeddedLog> embedded_;
  std::unique_ptr<TestDirectory> directory_;
  std::mt19937 random_;
  Model model_;
  std::map<Reason, int> refused_;
  int written_ = 0;
  int64_t purged_ = 0;
};

TEST_P(CatalogModelTest, AgreesWithTheModelAtEveryRevision) {
  struct Kept {
    std::shared_ptr<const View> view;
    Model model;
  };
  std::vector<Kept> kept;
  for (int step = 0; step < 2500; ++step) {
    WriteSomething();
    if (HasFatalFailure()) return;
    if (Pick(4) == 0) directory_->catalog().Maintain();
    if (Pick(300) == 0) Purge();
    if (Pick(100) == 0) {
      kept.push_back({directory_->view(), model_});
      ASSERT_EQ(DumpView(*directory_->view()), DumpModel(model_)) << "step " << step;
      CheckQueries(*directory_->view(), model_);
      if (HasFatalFailure()) return;
    }
    if (Pick(500) == 0) {
      const Dump before = DumpView(*directory_->view());
      const store::Revision revision = directory_->view()->revision();
      directory_->Restart();
      ASSERT_EQ(directory_->view()->revision(), revision);
      ASSERT_EQ(DumpView(*directory_->view()), before);
      CheckQueries(*directory_->view(), model_);
      if (HasFatalFailure()) return;
    }
  }
  // Old views, after all that happened since.
  for (const Kept& old : kept) {
    ASSERT_EQ(DumpView(*old.view), DumpModel(old.model));
    CheckQueries(*old.view, old.model);
    if (HasFatalFailure()) return;
  }
  // The run met what it is about.
  EXPECT_GT(written_, 400);
  EXPECT_GT(purged_, 0);
  for (Reason reason : {Reason::kResourceExists, Reason::kResourceDeletedExists,
                        Reason::kResourceNotFound, Reason::kResourceInUse,
                        Reason::kReferenceMissing, Reason::kTreeCycle, Reason::kIdentifierTaken}) {
    EXPECT_GT(refused_[reason], 0) << model::ReasonName(reason);
  }
}

INSTANTIATE_TEST_SUITE_P(Logs, CatalogModelTest,
                         testing::Combine(testing::Values("memory", "embedded"),
                                          testing::Values(1, 2, 3)),
                         [](const auto& type) {
                           return std::get<0>(type.param) + std::to_string(std::get<1>(type.param));
                         });

}  // namespace
}  // namespace tandem::catalog
