// SPDX-License-Identifier: Apache-2.0

// Synonym sets over the wire: what a set must be, and that searches follow the last committed
// change.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "model/absl_strings.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/synonym_set_service.pb.h"

namespace tandem::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SynonymSetsTest : public ServiceFixture {
 protected:
  CallResult Create(const std::string& id, const std::vector<std::string>& words,
                    const std::vector<std::string>& targets = {}) {
    v1::CreateSynonymSetRequest request;
    request.set_synonym_set_id(id);
    v1::SynonymSet* set = request.mutable_synonym_set();
    set->set_display_name("S");
    set->mutable_words()->Add(words.begin(), words.end());
    set->mutable_targets()->Add(targets.begin(), targets.end());
    return Call("tandem.v1.SynonymSetService/CreateSynonymSet", request);
  }
  // The wrong fields of a refused set.
  std::vector<std::string> Wrong(const std::vector<std::string>& words,
                                 const std::vector<std::string>& targets = {}) {
    CallResult result = Create("wrong", words, targets);
    EXPECT_EQ(result.reason(), "FIELD_INVALID");
    std::vector<std::string> fields;
    if (auto bad = result.FindDetail<google::rpc::BadRequest>()) {
      for (const auto& violation : bad->field_violations()) fields.push_back(violation.field());
    }
    return fields;
  }
  std::vector<std::string> Search(const std::string& text) {
    v1::SearchAgenciesRequest request;
    request.set_text(text);
    request.set_highlight(true);
    const auto page =
        CallOk("tandem.v1.AgencyService/SearchAgencies", request).As<v1::SearchAgenciesResponse>();
    std::vector<std::string> names;
    for (const v1::AgencyMatch& match : page.results()) {
      names.push_back(match.agency().name());
      EXPECT_FALSE(match.highlights().empty()) << text;
    }
    return names;
  }
};

TEST_F(SynonymSetsTest, ASetHasItsRules) {
  EXPECT_THAT(Wrong({}), ElementsAre("synonym_set.words"));
  EXPECT_THAT(Wrong({"alone"}), ElementsAre("synonym_set.words"));
  EXPECT_THAT(Wrong({"a", "——"}), ElementsAre("synonym_set.words[1]"));
  EXPECT_THAT(Wrong({"a", "a"}), ElementsAre("synonym_set.words[1]"));
  EXPECT_THAT(Wrong({"a"}, {"!"}), ElementsAre("synonym_set.targets[0]"));
  EXPECT_THAT(Wrong({"a", std::string(61, 'b')}), ElementsAre("synonym_set.words[1]"));
  std::vector<std::string> many;
  for (int i = 0; i < 99; ++i) many.push_back(StrCat("w", i));
  EXPECT_TRUE(Create("many", many, {"t"}).ok());
  EXPECT_THAT(Wrong(many, {"t", "u"}), ElementsAre("synonym_set.words"));
}

TEST_F(SynonymSetsTest, SearchesFollowTheLastCommit) {
  for (const char* name : {"老年服务", "Elderly care"}) {
    v1::CreateAgencyRequest request;
    request.set_agency_id(name[0] == 'E' ? "e" : "l");
    request.mutable_agency()->set_display_name(name);
    CallOk("tandem.v1.AgencyService/CreateAgency", request);
  }
  EXPECT_THAT(Search("养老"), IsEmpty());
  EXPECT_TRUE(Create("old", {"养老", "老年"}).ok());
  EXPECT_THAT(Search("养老"), ElementsAre("agencies/l"));
  v1::UpdateSynonymSetRequest update;
  update.mutable_synonym_set()->set_name("synonymSets/old");
  for (const char* word : {"养老", "elderly"}) update.mutable_synonym_set()->add_words(word);
  CallOk("tandem.v1.SynonymSetService/UpdateSynonymSet", update);
  EXPECT_THAT(Search("养老"), ElementsAre("agencies/e"));
  v1::DeleteSynonymSetRequest gone;
  gone.set_name("synonymSets/old");
  CallOk("tandem.v1.SynonymSetService/DeleteSynonymSet", gone);
  EXPECT_THAT(Search("养老"), IsEmpty());
  v1::UndeleteSynonymSetRequest back;
  back.set_name("synonymSets/old");
  CallOk("tandem.v1.SynonymSetService/UndeleteSynonymSet", back);
  EXPECT_THAT(Search("养老"), ElementsAre("agencies/e"));
}

}  // namespace
}  // namespace tandem::service
