// SPDX-License-Identifier: Apache-2.0

// Duplicates over the wire: every reason with its weight, candidates that only the indexes can have
// found, drafts, and a sweep that gives each pair once.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agency_calls.h"
#include "gmock/gmock.h"
#include "query/duplicate_weights.h"

namespace tandem::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class DuplicatesTest : public AgencyTest {
 protected:
  DuplicatesTest() {
    Region("x-1", "");
    Region("x-11", "regions/x-1");
    Region("x-2", "");
  }
  void Region(const std::string& id, const std::string& parent) {
    v1::CreateRegionRequest create;
    create.set_region_id(id);
    create.mutable_region()->set_display_name(id);
    create.mutable_region()->set_code(id.substr(2));
    create.mutable_region()->set_code_scheme("x");
    create.mutable_region()->set_parent_region(parent);
    CallOk("tandem.v1.RegionService/CreateRegion", create);
  }
  // The reasons between two records, "SAME_NAME 500", and the weight. `least`: min_weight_permille.
  std::string Reasons(const std::string& one, const std::string& other, int least = 1) {
    const std::string stored = StrCat("r", ++records_);
    EXPECT_EQ(CreateCall(stored, other).reason(), "OK");
    v1::FindDuplicatesRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(one, request.mutable_agency()));
    request.set_min_weight_permille(least);
    const auto found =
        CallOk(AgencyMethod("FindDuplicates"), request).As<v1::FindDuplicatesResponse>();
    EXPECT_EQ(found.revision(), revision());
    std::string text;
    for (const v1::DuplicateCandidate& candidate : found.candidates()) {
      if (candidate.agency() != AgencyName(stored)) continue;
      for (const v1::DuplicateReason& reason : candidate.reasons()) {
        EXPECT_NE(reason.detail(), "");
        StrAppend(&text,
                  v1::DuplicateReasonKind_Name(reason.kind())
                      .substr(sizeof("DUPLICATE_REASON_KIND_") - 1),
                  " ", reason.weight_permille(), " ");
      }
      StrAppend(&text, "= ", candidate.weight_permille());
    }
    EXPECT_TRUE(Delete(stored).ok());
    return text;
  }

  std::vector<std::pair<std::string, std::string>> Sweep(const std::string& filter = "",
                                                         int page_size = 3) {
    v1::ListDuplicatesRequest request;
    request.set_filter(filter);
    request.set_page_size(page_size);
    std::vector<std::pair<std::string, std::string>> pairs;
    do {
      const auto page =
          CallOk(AgencyMethod("ListDuplicates"), request).As<v1::ListDuplicatesResponse>();
      for (const v1::DuplicatePair& pair : page.pairs()) {
        pairs.emplace_back(pair.agency().substr(9), pair.candidate().agency().substr(9));
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return pairs;
  }

  int records_ = 0;
};

TEST_F(DuplicatesTest, EveryReasonHasItsWeight) {
  const std::string name = R"(display_name: "长沙心翼社会工作服务中心" )";
  const std::string other = R"(display_name: "完全不同的机构名称" )";
  const auto number = [](const std::string& value, bool verified) {
    return StrCat(R"(identifiers { scheme: "tax" value: ")", value, R"(" verified: )",
                  verified ? "true" : "false", "} ");
  };
  EXPECT_EQ(Reasons(name + number("1", true), other + number("1", false)),
            "VERIFIED_IDENTIFIER 700 = 700");
  EXPECT_EQ(Reasons(name + number("2", false), other + number("2", false)),
            "STATED_IDENTIFIER 500 = 500");
  EXPECT_EQ(Reasons(name, R"(display_name: "長沙（心翼）社会工作服务中心")"), "SAME_NAME 500 = 500")
      << "but for form and punctuation";
  EXPECT_EQ(Reasons(name, StrCat(other, R"(former_names: "长沙心翼社会工作服务中心")")),
            "OTHER_NAME 400 = 400");
  EXPECT_EQ(Reasons(R"(display_name: "Hunan Wings" )",
                    StrCat(other, R"(names { language: "en" text: "Hunan  wings" })")),
            "OTHER_NAME 400 = 400");
  // 11 pairs of 12 characters, 10 pairs of 11; 10 shared: 20/21.
  EXPECT_EQ(Reasons(name, R"(display_name: "沙心翼社会工作服务中心")"), "SIMILAR_NAME 428 = 428");
  EXPECT_EQ(Reasons(name, R"(display_name: "长沙心羽社会工作者之家")"), "");
  const auto home = [](const std::string& id) {
    return StrCat(R"(home_region: "regions/)", id, R"(" )");
  };
  EXPECT_EQ(Reasons(name + home("x-1"), name + home("x-1")), "SAME_NAME 500 SAME_REGION 150 = 650");
  EXPECT_EQ(Reasons(name + home("x-1"), name + home("x-2")),
            "SAME_NAME 500 DIFFERENT_REGION -150 = 350");
  EXPECT_EQ(Reasons(name + home("x-1"), name + home("x-11")), "SAME_NAME 500 = 500")
      << "one lies in the other";
  EXPECT_EQ(Reasons(name + number("3", true), name + number("4", true)),
            "SAME_NAME 500 DIFFERENT_IDENTIFIER -400 = 100");
  const std::string here = "location { latitude_e7: 282000000 longitude_e7: 1129000000 } ";
  EXPECT_EQ(Reasons(name + here,
                    StrCat(name, "location { latitude_e7: 282040000 longitude_e7: 1129000000 }")),
            "SAME_NAME 500 NEAR 150 = 650");
  EXPECT_EQ(Reasons(name + here,
                    StrCat(name, "location { latitude_e7: 282050000 longitude_e7: 1129000000 }")),
            "SAME_NAME 500 = 500");
  EXPECT_EQ(Reasons(name + number("5", true) + home("x-1") + here,
                    name + number("5", false) + home("x-1") + here),
            "VERIFIED_IDENTIFIER 700 SAME_NAME 500 SAME_REGION 150 NEAR 150 = 1000");
  // The threshold: at it and one below.
  EXPECT_NE(Reasons(name, name, 500), "");
  EXPECT_EQ(Reasons(name, name, 501), "");
  EXPECT_NE(Reasons(name, name, 0), "") << "0 is 500";
}

// What the protos tell clients are the numbers that are used.
TEST(DuplicateWeights, TheTableIsWhatTheProtoSays) {
  const std::map<v1::DuplicateReasonKind, int32_t> told = {
      {v1::DUPLICATE_REASON_KIND_VERIFIED_IDENTIFIER, 700},
      {v1::DUPLICATE_REASON_KIND_STATED_IDENTIFIER, 500},
      {v1::DUPLICATE_REASON_KIND_SAME_NAME, 500},
      {v1::DUPLICATE_REASON_KIND_OTHER_NAME, 400},
      {v1::DUPLICATE_REASON_KIND_SIMILAR_NAME, 450},
      {v1::DUPLICATE_REASON_KIND_SAME_REGION, 150},
      {v1::DUPLICATE_REASON_KIND_NEAR, 150},
      {v1::DUPLICATE_REASON_KIND_DIFFERENT_IDENTIFIER, -400},
      {v1::DUPLICATE_REASON_KIND_DIFFERENT_REGION, -150}};
  for (int i = 1; i < v1::DuplicateReasonKind_ARRAYSIZE; ++i) {
    const auto kind = static_cast<v1::DuplicateReasonKind>(i);
    ASSERT_TRUE(told.contains(kind)) << v1::DuplicateReasonKind_Name(kind);
    EXPECT_EQ(query::WeightOf(kind), told.at(kind)) << v1::DuplicateReasonKind_Name(kind);
  }
}

TEST_F(DuplicatesTest, AStoredRecordIsNotItsOwnDuplicateNorAreDeletedAndMergedOnes) {
  for (const char* id : {"a", "b", "gone", "merged", "other"}) {
    Create(id, R"(display_name: "心翼社工服务社")");
  }
  ASSERT_TRUE(Delete("gone").ok());
  ASSERT_TRUE(Merge("other", {"merged"}).ok());
  v1::FindDuplicatesRequest request;
  const auto candidates = [&] {
    std::vector<std::string> names;
    const auto found =
        CallOk(AgencyMethod("FindDuplicates"), request).As<v1::FindDuplicatesResponse>();
    for (const auto& candidate : found.candidates()) names.push_back(candidate.agency());
    return names;
  };
  request.set_name("agencies/a");
  EXPECT_THAT(candidates(), ElementsAre("agencies/b", "agencies/other"));
  request.set_page_size(1);
  EXPECT_THAT(candidates(), ElementsAre("agencies/b"));
  request.set_page_size(0);
  request.set_name("agencies/merged");
  EXPECT_THAT(candidates(), ElementsAre("agencies/a", "agencies/b")) << "stands for its survivor";
  request.set_name("agencies/gone");
  EXPECT_EQ(Call(AgencyMethod("FindDuplicates"), request).reason(), "RESOURCE_NOT_FOUND");
}

TEST_F(DuplicatesTest, WrongRequestsAreRefused) {
  v1::FindDuplicatesRequest request;
  EXPECT_EQ(Call(AgencyMethod("FindDuplicates"), request).reason(), "FIELD_INVALID");
  request.set_name("regions/x-1");
  EXPECT_EQ(Call(AgencyMethod("FindDuplicates"), request).reason(), "FIELD_INVALID");
  request.set_name("agencies/none");
  EXPECT_EQ(Call(AgencyMethod("FindDuplicates"), request).reason(), "RESOURCE_NOT_FOUND");
  for (const int weight : {-1, 1001}) {
    request.set_min_weight_permille(weight);
    EXPECT_EQ(Call(AgencyMethod("FindDuplicates"), request).reason(), "FIELD_INVALID");
  }
  v1::ListDuplicatesRequest list;
  list.set_parent("agencies/a");
  EXPECT_EQ(Call(AgencyMethod("ListDuplicates"), list).reason(), "FIELD_INVALID");
  list.clear_parent();
  list.set_page_size(-1);
  EXPECT_EQ(Call(AgencyMethod("ListDuplicates"), list).reason(), "FIELD_INVALID");
  list.set_page_size(0);
  list.set_filter("no_such_field = 1");
  EXPECT_EQ(Call(AgencyMethod("ListDuplicates"), list).reason(), "FILTER_INVALID");
}

TEST_F(DuplicatesTest, ASweepGivesEachPairOnce) {
  std::set<std::pair<std::string, std::string>> expected;
  for (int i = 0; i < 9; ++i) {
    // Three bodies of three records each, told apart by their names.
    const char* names[] = {"春风助老服务中心", "夏雨儿童之家", "秋月禁毒社工站"};
    Create(StrCat("s", i), StrCat("display_name: \"", names[i % 3], "\" home_region: \"regions/x-",
                                  i < 5 ? 1 : 2, "\""));
    for (int k = i % 3; k < i; k += 3) {
      // In different regions one name is not enough.
      if ((k < 5) == (i < 5)) expected.emplace(StrCat("s", k), StrCat("s", i));
    }
  }
  const auto pairs = Sweep();
  EXPECT_EQ(std::set(pairs.begin(), pairs.end()), expected);
  EXPECT_EQ(pairs.size(), expected.size());
  // A filter narrows who is gone through, and a pair across its border is still given.
  Create("s0-double", R"(display_name: "春风助老服务中心")");
  EXPECT_THAT(Sweep(R"(home_region = "regions/x-2")"),
              UnorderedElementsAre(Pair("s5", "s8"), Pair("s6", "s0-double")));
}

// Hundreds of records with the commonest of names do not hide the one that is near.
TEST_F(DuplicatesTest, RarePartsFindWhatCommonOnesHide) {
  for (int i = 0; i < 150; ++i) {
    Create(StrCat("c", i), StrCat("display_name: \"第", i, "社会工作服务中心\""));
  }
  Create("near", R"(display_name: "长沙市心翼社会工作服务中心")");
  v1::FindDuplicatesRequest request;
  request.mutable_agency()->set_display_name("长沙心翼社会工作服务中心");
  request.set_min_weight_permille(350);
  const auto found =
      CallOk(AgencyMethod("FindDuplicates"), request).As<v1::FindDuplicatesResponse>();
  ASSERT_EQ(found.candidates_size(), 1);
  EXPECT_EQ(found.candidates(0).agency(), "agencies/near");
  EXPECT_EQ(found.candidates(0).display_name(), "长沙市心翼社会工作服务中心");
}

}  // namespace
}  // namespace tandem::service
