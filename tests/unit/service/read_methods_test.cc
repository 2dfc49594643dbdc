// SPDX-License-Identifier: Apache-2.0

// Get and List over the wire: pages of every size put together give every record's stored bytes
// once and in order, while others write too; and each way to ask wrongly has its own reason.

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "model/absl_strings.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.pb.h"

namespace tandem::service {
namespace {

using google::protobuf::internal::WireFormatLite;
using ::testing::HasSubstr;

constexpr char kGet[] = "tandem.v1.AgencyService/GetAgency";
constexpr char kList[] = "tandem.v1.AgencyService/ListAgencies";
constexpr char kCreate[] = "tandem.v1.AgencyService/CreateAgency";
constexpr char kDelete[] = "tandem.v1.AgencyService/DeleteAgency";

// The records of a list's answer as they came, without parsing them.
std::vector<std::string> RawRecords(const std::string& bytes) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  std::vector<std::string> records;
  while (uint32_t tag = in.ReadTag()) {
    std::string record;
    if (WireFormatLite::GetTagFieldNumber(tag) != 1) {
      if (!WireFormatLite::SkipField(&in, tag)) break;
    } else if (WireFormatLite::ReadBytes(&in, &record)) {
      records.push_back(std::move(record));
    }
  }
  EXPECT_TRUE(in.ConsumedEntireMessage());
  return records;
}

class ReadMethodsTest : public ServiceFixture {
 protected:
  // A cache of next to nothing: reads take the way over the workers too.
  ReadMethodsTest() : ServiceFixture(size_t{64} << 10U) {}

  // The stored bytes of the new record.
  std::string Create(const std::string& id, int contracts = 0) {
    v1::CreateAgencyRequest request;
    request.set_agency_id(id);
    v1::Agency* agency = request.mutable_agency();
    agency->set_display_name(StrCat("机构 ", id));
    agency->mutable_assessment()->set_points(static_cast<int32_t>(id.back()));
    for (int i = 0; i < contracts; ++i) {
      agency->add_contracts()->set_buyer(std::string(200, 'b'));
      agency->mutable_contracts(i)->set_tender_ref(std::string(200, 't'));
    }
    return CallOk(kCreate, request).bytes;
  }

  std::string Delete(const std::string& id) {
    v1::DeleteAgencyRequest request;
    request.set_name(StrCat("agencies/", id));
    return CallOk(kDelete, request).bytes;
  }

  // Fails the test unless the list is refused for this reason; returns the refusal.
  CallResult Refused(const v1::ListAgenciesRequest& request, const std::string& reason) {
    CallResult result = Call(kList, request);
    EXPECT_EQ(result.reason(), reason) << request.ShortDebugString();
    EXPECT_EQ(result.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return result;
  }
};

// Page sizes change on the way; records that come and go do not move the others.
TEST_F(ReadMethodsTest, PagesPutTogetherAreTheDirectory) {
  std::map<std::string, std::string> live, all;
  for (int i = 0; i < 150; ++i) {
    std::string id = StrCat("a", i);
    all[id] = Create(id);
    if (i % 7 == 0) {
      all[id] = Delete(id);
    } else {
      live[id] = all[id];
    }
  }
  std::mt19937 engine(5);
  int next_new = 0;
  for (bool show_deleted : {false, true}) {
    for (int max_size : {1, 7, 60, 1000}) {
      SCOPED_TRACE(StrCat("pages of up to ", max_size, ", deleted: ", show_deleted));
      const std::map<std::string, std::string> expected = show_deleted ? all : live;
      v1::ListAgenciesRequest request;
      request.set_show_deleted(show_deleted);
      request.set_filter("display_name = \"机构 a*\"");
      std::vector<std::string> records;
      do {
        request.set_page_size(std::uniform_int_distribution<int>(1, max_size)(engine));
        CallResult result = CallOk(kList, request);
        auto page = result.As<v1::ListAgenciesResponse>();
        EXPECT_LE(page.agencies_size(), request.page_size());
        EXPECT_EQ(page.revision(), result.revision);
        for (std::string& record : RawRecords(result.bytes)) records.push_back(std::move(record));
        request.set_page_token(page.next_page_token());
        // Not among what is listed, but among what is paged through.
        if (max_size == 7) {
          Create(StrCat("a", next_new % 10, "-b", next_new));
          Delete(StrCat("a", next_new % 10, "-b", next_new));
          ++next_new;
        }
      } while (!request.page_token().empty() && records.size() <= 2 * expected.size());
      if (show_deleted) {
        // The ones that came and went are there too.
        EXPECT_GE(records.size(), expected.size());
        for (const auto& [id, bytes] : expected) {
          EXPECT_EQ(std::count(records.begin(), records.end(), bytes), 1) << id;
        }
      } else {
        std::vector<std::string> in_order;
        for (const auto& [id, bytes] : expected) in_order.push_back(bytes);
        EXPECT_EQ(records, in_order);
      }
    }
  }
}

// An answer is at most 4 MiB: the page is shorter then, and the next one goes on behind it.
TEST_F(ReadMethodsTest, APageOfLargeRecordsIsShorter) {
  constexpr int kRecords = 120;
  std::vector<std::string> created;
  for (int i = 0; i < kRecords; ++i) {
    created.push_back(Create(StrCat("large-", 100 + i), /*contracts=*/100));
    ASSERT_GT(created.back().size(), size_t{40} << 10U);
  }
  ASSERT_GT(kRecords * created.back().size(), kMaxResponseBytes);
  v1::ListAgenciesRequest request;
  request.set_page_size(1000);
  std::vector<std::string> records;
  int pages = 0;
  do {
    CallResult result = CallOk(kList, request);
    EXPECT_LE(result.bytes.size(), kMaxResponseBytes);
    for (std::string& record : RawRecords(result.bytes)) records.push_back(std::move(record));
    request.set_page_token(result.As<v1::ListAgenciesResponse>().next_page_token());
    ++pages;
  } while (!request.page_token().empty() && pages < kRecords);
  EXPECT_EQ(records, created);
  EXPECT_GT(pages, 1);
}

TEST_F(ReadMethodsTest, WhatIsMissingAndWhatIsDeleted) {
  Create("there");
  std::string deleted = Delete("there");
  v1::GetAgencyRequest get;
  get.set_name("agencies/there");
  EXPECT_EQ(CallOk(kGet, get).bytes, deleted);
  EXPECT_TRUE(CallOk(kGet, get).As<v1::Agency>().has_delete_time());
  get.set_name("agencies/nowhere");
  EXPECT_EQ(Call(kGet, get).reason(), "RESOURCE_NOT_FOUND");
  for (const char* name : {"", "there", "agencies/", "regions/there", "agencies/there/x"}) {
    get.set_name(name);
    EXPECT_EQ(Call(kGet, get).reason(), "FIELD_INVALID") << name;
  }
}

TEST_F(ReadMethodsTest, APageTokenFitsItsArgumentsOnly) {
  for (const char* id : {"a1", "a2", "a3", "a4"}) Create(id);
  v1::ListAgenciesRequest first;
  first.set_page_size(2);
  first.set_filter("assessment.points > 1");
  first.set_order_by("display_name desc");
  const std::string token = CallOk(kList, first).As<v1::ListAgenciesResponse>().next_page_token();
  ASSERT_NE(token, "");
  v1::ListAgenciesRequest next = first;
  next.set_page_token(token);
  next.set_page_size(3);
  EXPECT_EQ(CallOk(kList, next).As<v1::ListAgenciesResponse>().agencies_size(), 2);
  v1::ListAgenciesRequest filter = next, order = next, deleted = next;
  filter.set_filter("assessment.points > 2");
  order.set_order_by("display_name");
  deleted.set_show_deleted(true);
  for (const auto& other : {filter, order, deleted}) Refused(other, "PAGE_TOKEN_MISMATCH");
  // Of another collection.
  CallResult collection = Call("tandem.v1.RegionService/ListRegions", next);
  EXPECT_THAT(collection.reason(), ::testing::AnyOf("PAGE_TOKEN_MISMATCH", "FILTER_INVALID"));
  for (size_t i = 0; i < token.size(); i += 5) {
    std::string damaged = token;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    next.set_page_token(damaged);
    Refused(next, "PAGE_TOKEN_INVALID");
  }
  next.set_page_token("结对");
  Refused(next, "PAGE_TOKEN_INVALID");
}

TEST_F(ReadMethodsTest, AFilterThatCantBeReadNamesPlaceAndRemedy) {
  v1::ListAgenciesRequest request;
  request.set_filter("no_such_field = 1");
  CallResult unknown = Refused(request, "FILTER_INVALID");
  EXPECT_EQ(unknown.Metadata("text"), "no_such_field");
  EXPECT_EQ(unknown.Metadata("position"), "1");
  EXPECT_THAT(unknown.Metadata("allowed"), HasSubstr("display_name"));
  // Wherever the fault lies among characters of several bytes, the answer stays readable.
  std::string long_one = "display_name = \"";
  while (long_one.size() < 5000) long_one += "机构";
  for (const std::string& filter :
       {std::string("display_name = \"\\机\""), std::string("结对 = 1"), long_one, long_one + "\"",
        std::string("display_name = 机构 AND"), std::string("!机")}) {
    request.set_filter(filter);
    EXPECT_NE(Refused(request, "FILTER_INVALID").Metadata("expected"), "") << filter;
  }
}

TEST_F(ReadMethodsTest, OtherWrongArguments) {
  v1::ListAgenciesRequest request;
  request.set_order_by("机构机构机构机构机构机构机构机构机构机构机构机构机构机构机构机构机构");
  Refused(request, "ORDER_INVALID");
  request.set_order_by("staff.total");
  Refused(request, "ORDER_INVALID");
  request.Clear();
  request.set_page_size(-1);
  Refused(request, "FIELD_INVALID");
  request.Clear();
  request.set_parent("regions/1");
  Refused(request, "FIELD_INVALID");
}

}  // namespace
}  // namespace tandem::service
