// SPDX-License-Identifier: Apache-2.0

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/api_description.h"
#include "cli/display_width.h"
#include "cli/explain_page.h"
#include "cli/explain_subject.h"
#include "cli/method_finder.h"
#include "golden_file.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;

ExplainSubject Subject(const std::string& written) {
  auto subject = FindSubject(written);
  EXPECT_TRUE(subject.ok()) << written << ": " << subject.status();
  return subject.ok() ? *subject : ExplainSubject();
}

std::string Page(const ExplainSubject& subject, size_t width = 100) {
  std::ostringstream out;
  PrintExplainPage(subject, width, false, out);
  return out.str();
}

TEST(ExplainTest, PagesLookLikeTheGoldenTexts) {
  ExplainSubject assessment = Subject("agency.assessment");
  assessment.queryable =
      QueryableFields{{"name", "assessment.grade", "assessment.points"}, {"assessment.points"}};
  ExpectGolden("explain_assessment.txt", Page(assessment));
  ExpectGolden("explain_grade.txt", Page(Subject("agencies.assessment.grade")));
  ExpectGolden("explain_corridors.txt", Page(Subject("Round.corridors"), 60));
}

TEST(ExplainTest, NoLineIsWiderThanAsked) {
  for (size_t width : {50, 100}) {
    std::istringstream lines(Page(Subject("agency"), width));
    std::string line;
    while (std::getline(lines, line)) EXPECT_LE(DisplayWidth(line), width) << line;
  }
}

TEST(ExplainTest, AnyWayToWriteTheSubject) {
  EXPECT_EQ(Subject("agency.assessment.expiryDate").title, "agency.assessment.expiry_date");
  EXPECT_EQ(Subject("serviceCategories").noun->word, "category");
  EXPECT_EQ(Subject("MatchRun").type->name(), "MatchRun");
  EXPECT_EQ(Subject("GetAgency").title, "AgencyService/GetAgency");
  EXPECT_EQ(Subject("tandem.v1.AgencyService/GetAgency").title, "AgencyService/GetAgency");
  EXPECT_THAT(Page(Subject("AgencyService/ImportAgencies")),
              HasSubstr("Takes a stream of ImportAgenciesRequest, answers a stream of "
                        "ImportResponse."));
}

TEST(ExplainTest, AWrongWordNamesTheNearest) {
  const std::pair<const char*, const char*> cases[] = {
      {"agncy", "nothing is called agncy, did you mean agency?"},
      {"agency.asessment", "did you mean assessment?"},
      {"agency.assessment.grade.x", "agency.assessment.grade has no fields below it"},
      {"AgencyService/GetAgncy",
       "no method AgencyService/GetAgncy, did you mean "
       "AgencyService/GetAgency?"},
  };
  for (const auto& [written, message] : cases) {
    EXPECT_THAT(std::string(FindSubject(written).status().message()), HasSubstr(message));
  }
}

TEST(ExplainTest, TheTreeOpensATypeOnceOnItsWayDown) {
  std::ostringstream out;
  PrintFieldTree(Subject("agency"), out);
  EXPECT_THAT(out.str(), HasSubstr("assessment  Assessment\n  grade  AssessmentGrade\n"));
}

TEST(ApiDescriptionTest, EveryDeclarationHasItsComment) {
  ASSERT_GE(ApiServices().size(), 10U);
  for (const auto* service : ApiServices()) {
    if (service->file()->package() != "tandem.v1") continue;
    EXPECT_NE(CommentOf(*service), "") << service->full_name();
    for (int i = 0; i < service->method_count(); ++i) {
      EXPECT_NE(CommentOf(*service->method(i)), "") << service->method(i)->full_name();
    }
  }
  for (const Noun& noun : AllNouns()) {
    EXPECT_NE(CommentOf(*noun.Record()), "") << noun.word;
    for (int i = 0; i < noun.Record()->field_count(); ++i) {
      EXPECT_NE(CommentOf(*noun.Record()->field(i)), "") << noun.Record()->field(i)->full_name();
    }
  }
}

TEST(MethodFinderTest, FindsAndSuggests) {
  for (const char* written : {"AgencyService/GetAgency", "tandem.v1.AgencyService/GetAgency",
                              "tandem.v1.AgencyService.GetAgency", "GetAgency"}) {
    const auto method = FindMethod(written);
    ASSERT_TRUE(method.ok()) << written;
    EXPECT_EQ((*method)->full_name(), "tandem.v1.AgencyService.GetAgency");
  }
  EXPECT_TRUE(FindMethod("grpc.health.v1.Health/Check").ok());
  EXPECT_TRUE(IsAdminService(*(*FindMethod("PluginService/ListPlugins"))->service()));
  EXPECT_FALSE(IsAdminService(*(*FindMethod("GetAgency"))->service()));
  EXPECT_THAT(std::string(FindMethod("GetAgncy").status().message()),
              HasSubstr("did you mean GetAgency?"));
}

}  // namespace
}  // namespace tandem::cli
