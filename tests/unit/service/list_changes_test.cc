// SPDX-License-Identifier: Apache-2.0

// Pages of changes: where they begin and end, what their tokens belong to, what they tell.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "import_call.h"
#include "model/absl_strings.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/change_service.pb.h"
#include "watch_call.h"

namespace tandem::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ListChangesTest : public ImportStreamTest {
 protected:
  CallResult List(const v1::ListChangesRequest& request) {
    return Call("tandem.v1.ChangeService/ListChanges", request);
  }
  v1::ListChangesResponse ListOk(const v1::ListChangesRequest& request) {
    return CallOk("tandem.v1.ChangeService/ListChanges", request).As<v1::ListChangesResponse>();
  }
  static std::vector<std::string> ToldOf(const v1::ListChangesResponse& page) {
    return Told(std::vector<v1::ChangeEvent>(page.changes().begin(), page.changes().end()));
  }
  // Each in a commit of its own.
  void CreateEach(const std::vector<v1::ServiceCategory>& records) {
    for (const v1::ServiceCategory& record : records) {
      Import({record}, OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL));
    }
  }
};

TEST_F(ListChangesTest, PagesCutBetweenRevisionsAndEndAtTheNewest) {
  CreateEach(Categories(3));
  Import({Category("x"), Category("y")}, OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL));
  v1::ListChangesRequest request;
  request.set_page_size(4);
  const v1::ListChangesResponse first = ListOk(request);
  EXPECT_THAT(ToldOf(first), ElementsAre("CREATED c0", "CREATED c1", "CREATED c2"));
  EXPECT_FALSE(first.continued());
  EXPECT_EQ(first.revision(), revision() - 1);
  EXPECT_EQ(first.history().oldest_revision(), 1);
  EXPECT_TRUE(first.history().has_oldest_time());
  request.set_page_token(first.next_page_token());
  const v1::ListChangesResponse second = ListOk(request);
  EXPECT_THAT(ToldOf(second), ElementsAre("CREATED x", "CREATED y"));
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_EQ(second.revision(), revision());
  // The next night.
  v1::ListChangesRequest later;
  later.set_start_revision(second.revision() + 1);
  EXPECT_THAT(ListOk(later).changes(), IsEmpty());
  CreateEach({Category("z")});
  EXPECT_THAT(ToldOf(ListOk(later)), ElementsAre("CREATED z"));
}

TEST_F(ListChangesTest, ARevisionLargerThanAPageComesInMarkedParts) {
  const int64_t before = revision();
  Import(Categories(5), OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL));
  v1::ListChangesRequest request;
  request.set_page_size(2);
  std::vector<int> sizes;
  do {
    const v1::ListChangesResponse page = ListOk(request);
    sizes.push_back(page.changes_size());
    const bool last = page.next_page_token().empty();
    EXPECT_EQ(page.continued(), !last);
    EXPECT_EQ(page.revision(), last ? before + 1 : before);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(sizes, ElementsAre(2, 2, 1));
}

TEST_F(ListChangesTest, PageSizesHaveLimits) {
  Import(Categories(1000), OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL));
  Import({Category("more")}, OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL));
  v1::ListChangesRequest request;
  EXPECT_THAT(ListOk(request).changes(), SizeIs(50));
  request.set_page_size(1000);
  EXPECT_THAT(ListOk(request).changes(), SizeIs(1000));
  request.set_page_size(1001);
  EXPECT_THAT(ListOk(request).changes(), SizeIs(1000));
  request.set_page_size(-1);
  EXPECT_EQ(List(request).reason(), "FIELD_INVALID");
  request.set_page_size(1);
  request.set_parent("agencies/a");
  EXPECT_EQ(List(request).reason(), "FIELD_INVALID");
}

TEST_F(ListChangesTest, LargeRecordsMakeShortPagesThatFitAnAnswer) {
  std::vector<v1::ServiceCategory> records = Categories(480);
  for (v1::ServiceCategory& record : records) {
    record.set_definition(std::string(2000, 'd'));
    for (int i = 0; i < 30; ++i) (*record.mutable_labels())[StrCat("l", i)] = std::string(250, 'v');
  }
  for (size_t i = 0; i < records.size(); i += 80) {
    Import({records.begin() + static_cast<long>(i), records.begin() + static_cast<long>(i) + 80},
           OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL));
  }
  v1::ListChangesRequest request;
  request.set_page_size(1000);
  size_t events = 0;
  int pages = 0;
  do {
    const CallResult page = CallOk("tandem.v1.ChangeService/ListChanges", request);
    EXPECT_LE(page.bytes.size(), size_t{4} << 20U);
    const auto parsed = page.As<v1::ListChangesResponse>();
    events += static_cast<size_t>(parsed.changes_size());
    ++pages;
    request.set_page_token(parsed.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(events, records.size());
  EXPECT_GT(pages, 1);
}

TEST_F(ListChangesTest, AFilterThatNothingFitsStillTellsHowFarItLooked) {
  CreateEach(Categories(3));
  v1::ListChangesRequest request;
  request.add_collections("serviceCategories");
  request.set_filter("taxonomy = \"none\"");
  const v1::ListChangesResponse page = ListOk(request);
  EXPECT_THAT(page.changes(), IsEmpty());
  EXPECT_EQ(page.revision(), revision());
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(ListChangesTest, ATokenBelongsToItsRequest) {
  CreateEach(Categories(3));
  v1::ListChangesRequest request;
  request.add_collections("serviceCategories");
  request.set_page_size(1);
  const std::string token = ListOk(request).next_page_token();
  request.set_page_token(token);
  EXPECT_THAT(ToldOf(ListOk(request)), ElementsAre("CREATED c1"));
  const auto refused = [&](auto change) {
    v1::ListChangesRequest other = request;
    change(&other);
    return List(other).reason();
  };
  EXPECT_EQ(refused([](auto* r) { r->clear_collections(); }), "PAGE_TOKEN_MISMATCH");
  EXPECT_EQ(refused([](auto* r) { r->add_collections("agencies"); }), "PAGE_TOKEN_MISMATCH");
  EXPECT_EQ(refused([](auto* r) { r->set_filter("taxonomy = \"x\""); }), "PAGE_TOKEN_MISMATCH");
  EXPECT_EQ(refused([](auto* r) { r->set_include_previous(true); }), "PAGE_TOKEN_MISMATCH");
  EXPECT_EQ(refused([&](auto* r) { r->set_start_revision(revision()); }), "PAGE_TOKEN_MISMATCH");
  EXPECT_EQ(refused([](auto* r) { r->mutable_page_token()->pop_back(); }), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(refused([](auto* r) { r->set_page_token("garbage"); }), "PAGE_TOKEN_INVALID");
  // Another size is fine.
  EXPECT_EQ(refused([](auto* r) { r->set_page_size(3); }), "OK");
}

TEST_F(ListChangesTest, HistoryThatIsGoneIsToldOnEveryPage) {
  CreateEach(Categories(4));
  v1::ListChangesRequest request;
  request.set_page_size(1);
  const v1::ListChangesResponse first = ListOk(request);
  const int64_t oldest = 4;
  ASSERT_TRUE(log().Trim(oldest).ok());
  request.set_page_token(first.next_page_token());
  const CallResult gone = List(request);
  EXPECT_EQ(gone.reason(), "REVISION_COMPACTED");
  EXPECT_EQ(gone.Metadata("earliest"), StrCat(oldest));
  // From the oldest one kept.
  request.clear_page_token();
  const v1::ListChangesResponse rest = ListOk(request);
  EXPECT_THAT(ToldOf(rest), ElementsAre("CREATED c3"));
  EXPECT_EQ(rest.history().oldest_revision(), oldest);
  request.set_start_revision(revision() + 2);
  EXPECT_EQ(List(request).reason(), "FIELD_INVALID");
  request.set_start_revision(store::MakeRevision(2, 1));
  EXPECT_EQ(List(request).reason(), "HISTORY_CHANGED");
}

}  // namespace
}  // namespace tandem::service
