// SPDX-License-Identifier: Apache-2.0

// Exports over the wire: every record of one revision, whatever is written meanwhile, cut off
// anywhere and resumed.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "grpcpp/support/sync_stream.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "service/export_chunk.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.grpc.pb.h"
#include "tandem/v1/region_service.grpc.pb.h"

namespace tandem::service {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

using Request = v1::ExportAgenciesRequest;
using Response = v1::ExportAgenciesResponse;

// One stream.
class ExportCall {
 public:
  ExportCall(const std::shared_ptr<grpc::Channel>& channel, const Request& request)
      : stub_(v1::AgencyService::NewStub(channel)),
        stream_(stub_->ExportAgencies(&context_, request)) {}
  ~ExportCall() {
    if (finished_) return;
    context_.TryCancel();
    while (Receive()) continue;
    (void)stream_->Finish();
  }
  std::optional<Response> Receive() {
    Response response;
    if (!stream_->Read(&response)) return std::nullopt;
    return response;
  }
  CallResult Finish() {
    finished_ = true;
    return MakeResult(context_, stream_->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::AgencyService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<Response>> stream_;
  bool finished_ = false;
};

// What an export gave: bytes by name, in the order they came.
struct Exported {
  std::vector<std::pair<std::string, std::string>> records;
  std::vector<Response> messages;
  CallResult result;
};

class ExportTest : public ServiceFixture {
 protected:
  ExportTest() : ServiceFixture(size_t{64} << 10U) {}

  void Put(const std::string& id, int points, size_t text = 0) {
    v1::UpdateAgencyRequest update;
    update.mutable_agency()->set_name(StrCat("agencies/", id));
    update.mutable_agency()->set_display_name(StrCat("机构 ", id));
    update.mutable_agency()->mutable_assessment()->set_points(points);
    if (text > 0) update.mutable_agency()->set_what_we_do(std::string(text, 't'));
    update.set_allow_missing(true);
    CallOk("tandem.v1.AgencyService/UpdateAgency", update);
  }
  void Delete(const std::string& id) {
    v1::DeleteAgencyRequest remove;
    remove.set_name(StrCat("agencies/", id));
    CallOk("tandem.v1.AgencyService/DeleteAgency", remove);
  }
  // What a list says is there now, by name.
  std::vector<std::pair<std::string, std::string>> Listed(const std::string& filter = "",
                                                          bool show_deleted = false) {
    std::vector<std::pair<std::string, std::string>> records;
    v1::ListAgenciesRequest list;
    list.set_page_size(1000);
    list.set_filter(filter);
    list.set_show_deleted(show_deleted);
    do {
      auto page =
          CallOk("tandem.v1.AgencyService/ListAgencies", list).As<v1::ListAgenciesResponse>();
      for (const v1::Agency& agency : page.agencies()) {
        records.emplace_back(agency.name(), agency.SerializeAsString());
      }
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty());
    return records;
  }
  Exported Export(const Request& request) {
    Exported exported;
    ExportCall call(channel(), request);
    while (std::optional<Response> message = call.Receive()) {
      Take(*message, &exported.records);
      exported.messages.push_back(*std::move(message));
    }
    exported.result = call.Finish();
    return exported;
  }
  static void Take(const Response& message,
                   std::vector<std::pair<std::string, std::string>>* records) {
    for (const v1::Agency& agency : message.agencies()) {
      records->emplace_back(agency.name(), agency.SerializeAsString());
    }
  }
};

TEST_F(ExportTest, AnEmptyCollectionEndsAtOnce) {
  Exported exported = Export(Request());
  EXPECT_TRUE(exported.result.ok());
  ASSERT_THAT(exported.messages, SizeIs(2));
  EXPECT_EQ(exported.messages[0].revision(), revision());
  EXPECT_FALSE(exported.messages[0].resume_token().empty());
  EXPECT_TRUE(exported.messages[1].resume_token().empty());
}

TEST_F(ExportTest, SendsEveryRecordOnceInOrderAndInSmallMessages) {
  for (int i = 0; i < 150; ++i) Put(StrCat("a", i), i, 1500);
  Delete("a7");
  Exported exported = Export(Request());
  EXPECT_TRUE(exported.result.ok());
  EXPECT_EQ(exported.records, Listed());
  EXPECT_THAT(exported.records, SizeIs(149));
  EXPECT_EQ(exported.messages.front().agencies_size(), 0);
  for (size_t i = 0; i < exported.messages.size(); ++i) {
    const Response& message = exported.messages[i];
    EXPECT_EQ(message.revision(), revision());
    EXPECT_EQ(message.resume_token().empty(), i + 1 == exported.messages.size());
    EXPECT_LE(message.ByteSizeLong(), kExportMessageBytes + 4096);
  }
  EXPECT_GT(exported.messages.size(), 4U);
  Request deleted;
  deleted.set_show_deleted(true);
  EXPECT_EQ(Export(deleted).records, Listed("", true));
}

TEST_F(ExportTest, AFilterIsTheListsFilter) {
  for (int i = 0; i < 60; ++i) Put(StrCat("a", i), i % 10);
  for (int i = 0; i < 12; ++i) Delete(StrCat("a", i * 4));
  // Many, few and none: read through and looked up.
  for (const char* filter :
       {"assessment.points >= 5", "assessment.points = 5", "name > \"agencies/a55\"",
        "display_name = \"机构*\" AND NOT assessment.points = 3", "assessment.points > 99"}) {
    Request request;
    request.set_filter(filter);
    EXPECT_EQ(Export(request).records, Listed(filter)) << filter;
    request.set_show_deleted(true);
    EXPECT_EQ(Export(request).records, Listed(filter, true)) << filter;
  }
  Request wrong;
  wrong.set_filter("nonsense = 3");
  EXPECT_EQ(Export(wrong).result.reason(), "FILTER_INVALID");
  wrong.clear_filter();
  wrong.set_parent("regions/x");
  EXPECT_EQ(Export(wrong).result.reason(), "FIELD_INVALID");
  wrong.clear_parent();
  wrong.set_resume_token("nonsense");
  EXPECT_EQ(Export(wrong).result.reason(), "PAGE_TOKEN_INVALID");
}

TEST_F(ExportTest, ATokenBelongsToItsExport) {
  Put("a", 1);
  Request request;
  const std::string token = Export(request).messages.front().resume_token();
  request.set_resume_token(token);
  EXPECT_TRUE(Export(request).result.ok());
  request.set_show_deleted(true);
  EXPECT_EQ(Export(request).result.reason(), "PAGE_TOKEN_MISMATCH");
  v1::ListAgenciesRequest list;
  list.set_page_token(token);
  EXPECT_EQ(Call("tandem.v1.AgencyService/ListAgencies", list).reason(), "PAGE_TOKEN_MISMATCH");
}

// What is written, deleted or undeleted while an export is under way is not in it, however often
// the stream breaks.
TEST_F(ExportTest, StaysAtItsRevisionWhereverItIsCutOff) {
  std::mt19937 random(7);
  for (int i = 0; i < 80; ++i) Put(StrCat("a", i), i, 1900);
  int streams_in_all = 0;
  for (int round = 0; round < 8; ++round) {
    const bool show_deleted = round % 2 == 1;
    // Half of them select few records, which are looked up as long as nothing was written.
    const std::string filter = round % 4 < 2 ? "" : "name > \"agencies/a7\"";
    const auto expected = Listed(filter, show_deleted);
    const store::Revision at = revision();
    Request request;
    request.set_show_deleted(show_deleted);
    request.set_filter(filter);
    std::vector<std::pair<std::string, std::string>> records;
    bool done = false;
    int streams = 0;
    while (!done && streams < 100) {
      ++streams;
      ExportCall call(channel(), request);
      for (uint32_t take = 1 + random() % 3; take > 0 && !done; --take) {
        std::optional<Response> message = call.Receive();
        ASSERT_TRUE(message);
        ASSERT_EQ(message->revision(), at);
        Take(*message, &records);
        request.set_resume_token(message->resume_token());
        done = message->resume_token().empty();
      }
      const std::string id = StrCat("a", random() % 90);
      if (random() % 3 == 0) {
        v1::DeleteAgencyRequest remove;
        remove.set_name(StrCat("agencies/", id));
        (void)Call("tandem.v1.AgencyService/DeleteAgency", remove);
      } else {
        v1::UpdateAgencyRequest update;
        update.mutable_agency()->set_name(StrCat("agencies/", id));
        update.mutable_agency()->set_display_name(StrCat("new ", round, streams));
        update.set_allow_missing(true);
        (void)Call("tandem.v1.AgencyService/UpdateAgency", update);
      }
    }
    EXPECT_EQ(records, expected) << "round " << round;
    streams_in_all += streams;
  }
  EXPECT_GT(streams_in_all, 12);
}

TEST_F(ExportTest, AResumedExportWhoseHistoryWasDroppedSaysSo) {
  for (int i = 0; i < 5; ++i) Put(StrCat("a", i), i);
  Request request;
  request.set_resume_token(Export(request).messages.front().resume_token());
  Put("a1", 9);
  TrimLog(revision());
  EXPECT_THAT(Export(request).records, SizeIs(5));
  Put("a1", 10);
  TrimLog(revision());
  Exported compacted = Export(request);
  EXPECT_EQ(compacted.result.reason(), "REVISION_COMPACTED");
  EXPECT_TRUE(compacted.records.empty());
}

TEST_F(ExportTest, PurgedRecordsAreLeftOut) {
  for (int i = 0; i < 3; ++i) Put(StrCat("a", i), i);
  Request request;
  request.set_resume_token(Export(request).messages.front().resume_token());
  Delete("a1");
  v1::PurgeAgencyRequest purge;
  purge.set_name("agencies/a1");
  CallOk("tandem.v1.AgencyService/PurgeAgency", purge);
  std::vector<std::string> names;
  for (const auto& [name, bytes] : Export(request).records) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("agencies/a0", "agencies/a2"));
}

// The largest record that can be, one a message.
TEST_F(ExportTest, LargeRecordsGoAlone) {
  for (int i = 0; i < 4; ++i) {
    v1::CreateRegionRequest create;
    create.set_region_id(StrCat("r", i));
    create.mutable_region()->set_display_name("large");
    create.mutable_region()->set_code(StrCat(i));
    for (int item = 0; item < 100; ++item) {
      auto* indicator = create.mutable_region()->add_indicators();
      indicator->set_indicator_id(StrCat("i", item));
      indicator->set_source(std::string(600, 's'));
    }
    CallOk("tandem.v1.RegionService/CreateRegion", create);
  }
  auto stub = v1::RegionService::NewStub(channel());
  grpc::ClientContext context;
  auto stream = stub->ExportRegions(&context, v1::ExportRegionsRequest());
  v1::ExportRegionsResponse message;
  int records = 0;
  while (stream->Read(&message)) {
    EXPECT_LE(message.regions_size(), 1);
    records += message.regions_size();
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(records, 4);
}

// A client that goes away in the middle leaves nothing behind; the fixture would not end.
TEST_F(ExportTest, CanBeLeft) {
  for (int i = 0; i < 100; ++i) Put(StrCat("a", i), i, 1500);
  for (int messages = 0; messages < 4; ++messages) {
    ExportCall call(channel(), Request());
    for (int i = 0; i < messages; ++i) EXPECT_TRUE(call.Receive());
  }
}

}  // namespace
}  // namespace tandem::service
