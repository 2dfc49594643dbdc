// SPDX-License-Identifier: Apache-2.0

// Records that lie below others: a live child has a live parent, whatever order writes come in, and
// nothing of a parent that is gone stays behind.

#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/reason_matcher.h"
#include "tandem/v1/contact.pb.h"
#include "tandem/v1/need.pb.h"
#include "test_directory.h"

namespace tandem::catalog {
namespace {

using model::Reason;
using model::RecordType;
using support::HasReason;
using support::IsOk;
using support::IsOkAndHolds;
using testing::ElementsAre;
using testing::HasSubstr;

PreparedRecord ContactWrite(const std::string& agency, const std::string& id,
                            WriteKind kind = WriteKind::kCreate, store::Revision base = 0) {
  v1::Contact contact;
  contact.set_name("agencies/" + agency + "/contacts/" + id);
  contact.set_display_name("Contact " + id);
  return Prepare(RecordType::kContact, agency + "/contacts/" + id, kind, contact, base);
}

class ChildrenTest : public testing::Test {
 protected:
  absl::StatusOr<CommitResult> CreateContact(const std::string& agency, const std::string& id) {
    return directory_.Write(ContactWrite(agency, id));
  }
  absl::StatusOr<CommitResult> DeleteAgency(const std::string& id, bool with_children) {
    std::optional<RowRef> row = directory_.view()->Find(RecordType::kAgency, id);
    PreparedRecord record = Prepare(RecordType::kAgency, id, WriteKind::kDelete, v1::Agency(),
                                    row ? row->revision() : 1);
    record.with_children = with_children;
    return directory_.Write(std::move(record));
  }
  // "live", "deleted" or "none".
  std::string StateOf(const std::string& agency, const std::string& id) {
    std::optional<RowRef> row =
        directory_.view()->Find(RecordType::kContact, agency + "/contacts/" + id);
    return !row ? "none" : row->deleted() ? "deleted" : "live";
  }

  TestDirectory directory_;
};

TEST_F(ChildrenTest, AChildNeedsALiveParent) {
  EXPECT_THAT(CreateContact("a", "c"), HasReason(Reason::kResourceNotFound));
  ASSERT_THAT(directory_.Create(MakeAgency("a")), IsOk());
  EXPECT_THAT(CreateContact("a", "c"), IsOk());
  ASSERT_THAT(DeleteAgency("a", true), IsOk());
  EXPECT_THAT(CreateContact("a", "d"), HasReason(Reason::kResourceNotFound));
  EXPECT_THAT(directory_.Undelete(RecordType::kContact, "a/contacts/c"),
              HasReason(Reason::kResourceNotFound));
}

TEST_F(ChildrenTest, AParentWithChildrenIsInUse) {
  ASSERT_THAT(directory_.Create(MakeAgency("a")), IsOk());
  ASSERT_THAT(CreateContact("a", "c"), IsOk());
  absl::Status refused = DeleteAgency("a", false).status();
  EXPECT_THAT(refused, HasReason(Reason::kResourceInUse));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("agencies/a/contacts/c"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("forced"));
  ASSERT_THAT(directory_.Delete(RecordType::kContact, "a/contacts/c"), IsOk());
  EXPECT_THAT(DeleteAgency("a", false), IsOk());
}

// `force` is for what the record owns, not for others.
TEST_F(ChildrenTest, ForceLeavesReferrersAlone) {
  ASSERT_THAT(directory_.Create(MakeAgency("a")), IsOk());
  v1::Need need;
  need.set_name("needs/n");
  need.set_receiving_agency("agencies/a");
  ASSERT_THAT(directory_.Write(Prepare(RecordType::kNeed, "n", WriteKind::kCreate, need)), IsOk());
  ASSERT_THAT(CreateContact("a", "c"), IsOk());
  absl::Status refused = DeleteAgency("a", true).status();
  EXPECT_THAT(refused, HasReason(Reason::kResourceInUse));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("1 record(s) refer to it, first needs/n"));
  EXPECT_EQ(StateOf("a", "c"), "live");
}

TEST_F(ChildrenTest, ChildrenGoAndComeBackWithTheirParent) {
  ASSERT_THAT(directory_.Create(MakeAgency("a")), IsOk());
  ASSERT_THAT(directory_.Create(MakeAgency("b")), IsOk());
  for (const char* id : {"c", "d", "e"}) ASSERT_THAT(CreateContact("a", id), IsOk());
  ASSERT_THAT(CreateContact("b", "c"), IsOk());
  ASSERT_THAT(directory_.Delete(RecordType::kContact, "a/contacts/d"), IsOk());
  ASSERT_OK_AND_ASSIGN(CommitResult gone, DeleteAgency("a", true));
  // One commit, and the answer is the parent's.
  ASSERT_EQ(gone.records.size(), 1U);
  EXPECT_EQ(directory_.view()->Find(RecordType::kContact, "a/contacts/c")->revision(),
            gone.revision);
  for (const char* id : {"c", "d", "e"}) EXPECT_EQ(StateOf("a", id), "deleted") << id;
  EXPECT_EQ(StateOf("b", "c"), "live");
  ASSERT_THAT(directory_.Undelete(RecordType::kAgency, "a"), IsOk());
  // What had been deleted by itself stays deleted.
  EXPECT_EQ(StateOf("a", "c"), "live");
  EXPECT_EQ(StateOf("a", "d"), "deleted");
  EXPECT_EQ(StateOf("a", "e"), "live");
  directory_.Restart();
  EXPECT_EQ(StateOf("a", "c"), "live");
  EXPECT_EQ(directory_.view()->Referrers("agencies/a", 9).size(), 2U);
}

TEST_F(ChildrenTest, NothingOfAPurgedParentStays) {
  ASSERT_THAT(directory_.Create(MakeAgency("a")), IsOk());
  for (const char* id : {"c", "d"}) ASSERT_THAT(CreateContact("a", id), IsOk());
  ASSERT_THAT(directory_.Delete(RecordType::kContact, "a/contacts/d"), IsOk());
  ASSERT_THAT(DeleteAgency("a", true), IsOk());
  directory_.clock().Advance(store::kDefaultPurgeAfter + absl::Seconds(1));
  EXPECT_THAT(directory_.committer().PurgeExpired(), IsOkAndHolds(3));
  EXPECT_THAT(directory_.committer().PurgeExpired(), IsOkAndHolds(0));
  for (const char* id : {"c", "d"}) EXPECT_EQ(StateOf("a", id), "none") << id;
  EXPECT_EQ(directory_.view()->DeletedCount(RecordType::kContact), 0);
  directory_.Restart();
  EXPECT_EQ(StateOf("a", "c"), "none");
}

// All in one write: the order inside it does not matter.
TEST_F(ChildrenTest, OneWriteMayHoldParentAndChildren) {
  std::vector<PreparedRecord> records;
  records.push_back(ContactWrite("a", "c"));
  records.push_back(Prepare(RecordType::kAgency, "a", WriteKind::kCreate, MakeAgency("a")));
  ASSERT_OK_AND_ASSIGN(CommitResult made, directory_.Write(std::move(records)));
  records.clear();
  records.push_back(
      Prepare(RecordType::kAgency, "a", WriteKind::kDelete, v1::Agency(), made.revision));
  records.push_back(ContactWrite("a", "c", WriteKind::kDelete, made.revision));
  EXPECT_THAT(directory_.Write(std::move(records)), IsOk());
  EXPECT_EQ(StateOf("a", "c"), "deleted");
}

TEST_F(ChildrenTest, TheLimitIsOnWhatGoesWithOneParent) {
  ASSERT_THAT(directory_.Create(MakeAgency("a")), IsOk());
  std::vector<PreparedRecord> records;
  for (size_t i = 0; i < kMaxChildrenWithParent; ++i) {
    records.push_back(ContactWrite("a", std::to_string(i)));
  }
  ASSERT_THAT(directory_.Write(std::move(records)), IsOk());
  ASSERT_THAT(CreateContact("a", "more"), IsOk());
  absl::Status refused = DeleteAgency("a", true).status();
  EXPECT_THAT(refused, HasReason(Reason::kLimitExceeded));
  EXPECT_EQ(StateOf("a", "0"), "live");
  ASSERT_THAT(directory_.Delete(RecordType::kContact, "a/contacts/more"), IsOk());
  EXPECT_THAT(DeleteAgency("a", true), IsOk());
  EXPECT_EQ(StateOf("a", "0"), "deleted");
}

// Parents and children at random, with what must hold looked at after every write.
TEST_F(ChildrenTest, ALiveChildAlwaysHasALiveParent) {
  std::mt19937 random(11);
  auto below = [&](int limit) { return static_cast<int>(random() % static_cast<uint32_t>(limit)); };
  int refused = 0, done = 0;
  for (int step = 0; step < 3000; ++step) {
    const std::string agency = "a" + std::to_string(below(4));
    const std::string contact = "c" + std::to_string(below(6));
    const std::string contact_id = agency + "/contacts/" + contact;
    absl::Status status;
    switch (below(7)) {
      case 0:
        status = directory_.Create(MakeAgency(agency)).status();
        break;
      case 1:
        status = DeleteAgency(agency, below(2) == 0).status();
        break;
      case 2:
        status = directory_.Undelete(RecordType::kAgency, agency).status();
        break;
      case 3:
        status = directory_.Delete(RecordType::kContact, contact_id).status();
        break;
      case 4:
        status = directory_.Undelete(RecordType::kContact, contact_id).status();
        break;
      case 5:
        if (below(20) == 0) {
          directory_.clock().Advance(store::kDefaultPurgeAfter);
          ASSERT_THAT(directory_.committer().PurgeExpired(), IsOk());
        }
        if (below(10) == 0) directory_.catalog().Maintain();
        break;
      default:
        status = CreateContact(agency, contact).status();
    }
    ++(status.ok() ? done : refused);
    const std::shared_ptr<const View> view = directory_.view();
    view->ForEach(RecordType::kContact, [&](const RowRef& row) {
      std::optional<RowRef> parent = view->Find(RecordType::kAgency, model::ParentIdOf(row.id()));
      ASSERT_TRUE(parent) << "step " << step << ": " << row.id() << " has no parent";
      ASSERT_TRUE(row.deleted() || !parent->deleted()) << "step " << step << ": " << row.id();
    });
  }
  EXPECT_GT(refused, 300);
  EXPECT_GT(done, 300);
}

}  // namespace
}  // namespace tandem::catalog
